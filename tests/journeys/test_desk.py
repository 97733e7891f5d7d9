"""The front desk: a booking on the phone, a move with its way back, a search, a stop at the door, and what it may not see."""

import re

import pytest
from playwright.sync_api import expect

from bookings.models import Appointment
from tests.journeys.steps import Desk, Handset, Patient

DESK = "desk@dermastudio.example"


def test_somebody_calls_and_gets_the_form_by_link(windows, staff_page, diary, clock):
    page = staff_page(DESK)
    page.get_by_role("link", name="New appointment", exact=True).click()
    page.get_by_label("Full name").fill("Gülşah Ünal")
    page.get_by_label("Mobile").fill("0532 555 77 09")
    page.locator("select[name=language]").select_option("tr")
    page.locator("[name=treatment]").select_option("peel")
    page.locator("[name=areas][value=face]").check()
    best = page.locator("#id_start .times.is-long label")
    expect(best).to_have_count(3)
    expect(page.get_by_label("Full name")).to_have_value("Gülşah Ünal")
    best.first.click()
    page.get_by_role("button", name="Book and send the form link").click()
    desk = Desk(page)
    desk.sees_state("reserved")
    row = Appointment.objects.get(source="phone")
    assert row.patient.name == "Gülşah Ünal" and row.language == "tr"

    clock.work()
    handset = Handset(windows.open(language="tr"), "Gülşah Ünal")
    handset.open()
    expect(handset.last).to_contain_text("Gülşah")
    caller = Patient(windows.open(language="tr"), "Gülşah Ünal", "0532 555 77 09")
    caller.page.goto(handset.link())
    caller.page.locator(".outcome a.button").click()
    caller.page.locator("[name=send]").click()
    clock.work()
    handset.open()
    caller.page.locator("[name=code]").fill(handset.code())
    caller.page.locator("main form .actions .button").first.click()
    caller.finish()
    caller.sees_outcome("confirmed")

    # The same number again: the desk is asked whether it is the same person, and nothing typed is gone.
    page.goto("/desk/new/")
    page.get_by_label("Full name").fill("Gulsah Unal")
    page.get_by_label("Mobile").fill("+90 532 555 77 09")
    page.locator("[name=treatment]").select_option("consult")
    page.locator("[name=areas][value=face]").check()
    best.first.click()
    page.get_by_role("button", name="Book and send the form link").click()
    expect(page.get_by_text("Maybe we know them already")).to_be_visible()
    page.locator("#who button.found-row", has_text="Gülşah Ünal").click()
    expect(page.locator(".picked")).to_contain_text("Gülşah Ünal")


def test_a_move_can_be_taken_back(staff_page, diary, clock):
    visit = diary.visit("Pelin Aydoğan", days=1)
    before, version = visit.start, visit.version
    page = staff_page(DESK)
    desk = Desk(page)
    desk.open_day(before.date())
    desk.open_visit("Pelin Aydoğan")
    desk.press("Move")
    time = desk.panel.locator("button[name=start]").first
    wanted = time.inner_text()
    time.click()
    desk.told(f"Pelin Aydoğan moved to Wed 12 May at {wanted}")
    expect(desk.panel.locator(".deflist").first).to_contain_text(wanted)
    visit.refresh_from_db()
    assert visit.start != before and visit.version == version + 1
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(desk.panel.locator(".deflist").first).not_to_contain_text(f"{wanted}–")
    visit.refresh_from_db()
    assert visit.start == before

    # A time that cannot be: who and what is in the way.
    desk.press("Move")
    desk.panel.locator(".other-time summary").click()
    desk.panel.locator("[name=time]").fill("07:00")
    desk.panel.get_by_role("button", name="Move there").click()
    expect(desk.panel.get_by_text("Not at that time")).to_be_visible()


@pytest.mark.parametrize(
    ("typed", "found"), [("0204", "Işıl Güneş"), ("isil gun", "Işıl Güneş"), ("IŞIL", "Işıl Güneş")]
)
def test_a_patient_is_found(staff_page, diary, typed, found):
    diary.visit("Işıl Güneş", days=1)
    page = staff_page(DESK)
    page.keyboard.press("/")
    expect(page.locator("#desk-q")).to_be_focused()
    page.keyboard.type(typed)
    row = page.locator("#desk-found .found-row")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(found)
    expect(row).to_contain_text("Wed 12 May")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(found)


def test_nobody_uncleared_is_checked_in(staff_page, diary):
    diary.visit("Cem Yalçın", fate="pending", days=0, pick=0.9, blood_thinner="yes", blood_thinner_name="Apixaban")
    page = staff_page(DESK)
    desk = Desk(page)
    desk.open_day()
    desk.open_visit("Cem Yalçın")
    desk.press("Check in")
    expect(desk.panel.get_by_text("Please stop here")).to_be_visible()
    expect(desk.panel.get_by_role("button", name="All the same: check in")).to_have_count(0)
    assert Appointment.objects.get().state == "pending_review"
    expect(page.locator("body")).not_to_contain_text("Apixaban")

    # Cleared, but something changed since the form.
    diary.visit("Ceren Tunç", days=0, pick=0.9, practitioner="nuria-ruiz")
    desk.open_day()
    desk.open_visit("Ceren Tunç")
    desk.press("Check in")
    desk.press("Something changed")
    expect(desk.panel.get_by_text("Not checked in.")).to_be_visible()
    assert not Appointment.objects.filter(state="arrived").exists()


def test_the_desk_sees_no_answers_and_the_practitioner_does(windows, staff_page, diary):
    diary.visit("Cem Yalçın", fate="pending", days=2, pick=0.5, blood_thinner="yes", blood_thinner_name="Apixaban")
    nobody = windows.open()
    nobody.goto("/review/")
    expect(nobody).to_have_url(re.compile("/staff/sign-in/"))

    practitioner = staff_page("selin@dermastudio.example")
    practitioner.get_by_role("link", name="Cem Yalçın").click()
    expect(practitioner.locator(".flag").first).to_contain_text("Apixaban")
    form = practitioner.url

    desk = staff_page(DESK)
    expect(desk.locator(".staff-nav")).not_to_contain_text("Reviews")
    for address in ("/review/", form):
        assert desk.goto(address).status == 403
        expect(desk.locator("body")).not_to_contain_text("Apixaban")
