"""Nothing suits: the waiting list, a visit that is cancelled, an offer on the phone, and the visit that comes of it."""

import datetime as dt
import re

from playwright.sync_api import expect

from bookings.models import Absence, Appointment, Resource, WaitingEntry
from tests.journeys.steps import NAME, Desk, Handset, Patient, go_on

DESK = "desk@dermastudio.example"


def only_this_visit(visit):
    """Its practitioner is not there that day but for this visit."""
    selin = Resource.objects.get(slug="selin-aydin")
    day = dt.timedelta(hours=20)
    for first, last in (
        (visit.treatment_start - day, visit.treatment_start),
        (visit.treatment_end, visit.treatment_end + day),
    ):
        Absence.objects.create(resource=selin, starts_at=first, ends_at=last)


def test_from_the_list_to_a_visit(windows, staff_page, diary, clock):
    visit = diary.visit("Pelin Aydoğan", days=1)
    only_this_visit(visit)
    day = visit.start.astimezone(clock.now.tzinfo)

    patient = Patient(windows.open())
    page = patient.page
    patient.get_to_times("pen", practitioner="selin-aydin")
    page.get_by_role("link", name="Join the waiting list").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tell us what would suit you")
    page.get_by_label("From").fill(day.date().isoformat())
    page.get_by_label("Until").fill(day.date().isoformat())
    expect(page.get_by_label("Dr Selin Aydın")).to_be_checked()
    page.get_by_label("Full name").fill(NAME)
    page.get_by_label("Mobile number").fill(patient.phone)
    page.get_by_label("Write to me when a time becomes free").check()
    page.get_by_label("Write to me on WhatsApp").check()
    go_on(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("You are on the list")
    clock.work()
    assert WaitingEntry.objects.get().state == "waiting"

    # The desk cancels a visit and is told who fits.
    desk = Desk(staff_page(DESK))
    desk.open_day(day.date())
    desk.open_visit("Pelin Aydoğan")
    desk.press("Cancel visit")
    desk.panel.locator("[name=reason][value=patient]").check()
    desk.panel.get_by_role("button", name="Cancel visit").click()
    desk.told("1 person on the waiting list fits")
    desk.page.locator(".toast").get_by_role("link", name="1 person on the waiting list fits").click()
    expect(desk.page.locator(".wait")).to_have_count(1)
    expect(desk.page.locator(".wait")).to_contain_text(NAME)
    clock.work()
    desk.page.goto("/desk/")
    desk.page.keyboard.press("l")
    expect(desk.page).to_have_url(re.compile("/desk/waiting/"))
    expect(desk.page.locator(".wait")).to_contain_text("kept until 11:10")

    handset = Handset(windows.open())
    handset.open()
    expect(handset.last).to_contain_text("a time has become free")
    page.goto(handset.link())
    expect(page.get_by_role("heading", level=1)).to_have_text("A time has become free")
    expect(page.locator(".ticket")).to_contain_text(day.strftime("%H:%M"))
    page.get_by_role("button", name="Take this time").click()
    expect(page).to_have_url(re.compile("/code/"))
    page.locator("[name=send]").click()
    clock.work()
    handset.open()
    page.locator("[name=code]").fill(handset.code())
    page.locator("main form .actions .button").first.click()
    patient.finish()
    patient.sees_outcome("confirmed")
    taken = Appointment.objects.get(source="waiting")
    assert (taken.state, taken.start, taken.patient.name) == ("confirmed", visit.start, NAME)
    desk.page.reload()
    expect(desk.page.get_by_text("Nobody is waiting")).to_be_visible()


def test_silence_and_not_this_one_and_leaving(windows, diary, clock):
    visit = diary.visit("Pelin Aydoğan", days=1)
    only_this_visit(visit)
    from bookings.services import lifecycle, waiting
    from treatments.selectors import visit_plan

    day = visit.start.astimezone(clock.now.tzinfo).date()
    for name in ("Ceren Tunç", "Zeynep Şahin"):
        waiting.join(
            plan=visit_plan(modality="pen", areas=["face"]),
            location=visit.location,
            patient=diary.people[name],
            practitioner=Resource.objects.get(slug="selin-aydin"),
            first=day,
            last=day,
            parts=["morning", "afternoon", "evening"],
        )
    lifecycle.cancel(visit, reason="patient")
    clock.work()
    first, second = Handset(windows.open(), "Ceren Tunç"), Handset(windows.open(scripts=False), "Zeynep Şahin")
    first.open()
    address = first.link()
    clock.pass_by(minutes=30)
    first.page.goto(address)
    expect(first.page.get_by_role("heading", level=1)).to_have_text("You are on the list")
    second.open()
    second.page.goto(second.link())
    second.page.get_by_role("button", name="Not this one").click()
    expect(second.page.get_by_text("You stay on the list.")).to_be_visible()
    second.page.get_by_role("button", name="Leave the list").click()
    expect(second.page.get_by_role("heading", level=1)).to_have_text("You have left the list")
    assert Appointment.objects.filter(source="waiting").exclude(state="lapsed").count() == 0
