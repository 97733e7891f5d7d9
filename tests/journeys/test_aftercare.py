"""A conversation on one phone, from the confirmation to a red flag, and what the clinic does about it; a call to the desk."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from bookings.models import Appointment
from bookings.services import lifecycle
from clinic.audit.models import Entry
from consultations.models import AdverseEvent, Page
from tests.journeys.steps import NAME, Desk, Handset, Patient, go_on

VISIT = dt.date(2027, 5, 20)  # a Thursday
PAGER = "+905325550171"


def test_from_the_confirmation_to_a_red_flag(windows, staff_page, clock):
    elif_ = Patient(windows.open(touch=True))
    elif_.get_to_times("pen", "face", practitioner="selin-aydin")
    elif_.take(VISIT, "11:00")
    elif_.give_details(whatsapp=True)
    elif_.finish()
    elif_.sees_outcome("confirmed")
    zone = clock.now.tzinfo

    clock.work()
    handset = Handset(windows.open(touch=True))
    handset.open()
    expect(handset.last).to_contain_text("your visit to Derma Studio Moda is booked")

    # Three days before: nothing has changed. The day before: they will come.
    clock.pass_to(dt.datetime(2027, 5, 17, 11, 1, tzinfo=zone))
    handset.open()
    handset.tap("No, all the same")
    clock.work()
    handset.open()
    expect(handset.last).to_contain_text("Nothing more to do")
    clock.pass_to(dt.datetime(2027, 5, 19, 11, 1, tzinfo=zone))
    handset.open()
    handset.write("1")
    clock.work()
    handset.open()
    expect(handset.last).to_contain_text("We see you on")
    row = Appointment.objects.get(patient__name=NAME)
    assert Entry.objects.filter(action="appointment.attendance", subject=row.ref).exists()

    # The visit, and how the skin is a day later.
    for step, clock_time in (("check_in", (10, 55)), ("start_treatment", (11, 5)), ("finish", (12, 10))):
        clock.pass_to(dt.datetime(2027, 5, 20, *clock_time, tzinfo=zone))
        row = getattr(lifecycle, step)(row)
    clock.pass_to(dt.datetime(2027, 5, 21, 12, 11, tzinfo=zone))
    handset.open()
    expect(handset.last).to_contain_text("How is your skin?")
    handset.tap("Worried")
    clock.work()
    handset.open()
    expect(handset.last).to_contain_text("call 112 now")

    # Their page: the emergency number first, then what it is.
    page = elif_.page
    page.goto(handset.link())
    expect(page.locator("a[href='tel:112']")).to_be_visible()
    page.locator("[name=today][value=pain]").check()
    go_on(page)
    expect(page.locator("[role=alert]")).to_contain_text("Please call us now")
    page.locator("[name=since][value=today]").check()
    page.locator("[name=words]").fill("It throbs since this morning.")
    go_on(page)
    expect(page.locator(".outcome")).to_contain_text("calls you by")

    # Selin is paged on her own phone; half an hour later somebody else is.
    clock.work()
    pager = Handset(windows.open(), PAGER)
    pager.open()
    expect(pager.last).to_contain_text("a patient reported something, and nobody has looked")
    expect(pager.last).not_to_contain_text("Elif")
    clock.pass_by(minutes=31)
    assert list(Page.objects.order_by("number").values_list("number", flat=True)) == [1, 2]

    # Then it gets worse, in the patient's own words.
    handset.open()
    handset.write("Now my throat is swelling and I can't breathe")
    clock.work()
    handset.open()
    expect(handset.last).to_contain_text("Please call 112 now")
    event = AdverseEvent.objects.get()
    assert event.urgency == "emergency" and event.unseen_since

    selin = staff_page("selin@dermastudio.example")
    expect(selin.locator(".banner.tone-danger").first).to_be_visible()
    selin.goto(f"/events/{event.pk}/")
    expect(selin.locator("main")).to_contain_text("It throbs since this morning.")
    expect(selin.locator("main")).to_contain_text("Tapped “Worried”")
    selin.get_by_role("button", name="I see to this").click()
    expect(selin.locator("main")).to_contain_text("Dr Selin Aydın sees to this")
    selin.locator("[name=act]").select_option("call")
    selin.locator("#done ~ form [name=text]").fill("In hospital, stable. Antihistamine given.")
    selin.get_by_role("button", name="Write down").click()
    expect(selin.locator("main")).to_contain_text("Antihistamine given")
    clock.pass_by(minutes=40)
    assert Page.objects.filter(at__gt=event.opened_at + dt.timedelta(hours=1)).count() == 0

    # Nothing is sold while it is open.
    clock.pass_to(dt.datetime(2027, 6, 18, 12, 30, tzinfo=zone))
    handset.open()
    expect(handset.page.locator(".bubble", has_text="you can book session")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False])
def test_somebody_calls_the_desk_because_something_is_wrong(windows, staff_page, diary, clock, scripts):
    visit = diary.visit("Aslı Kurt", fate="done", days=-1)
    page = staff_page("desk@dermastudio.example", scripts=scripts)
    desk = Desk(page)
    if scripts:
        desk.open_day(visit.start.astimezone(clock.now.tzinfo).date())
        desk.open_visit("Aslı Kurt")
        expect(page.get_by_role("link", name="Something’s wrong")).to_be_visible()
        page.keyboard.press("h")
    else:
        page.goto(f"/desk/a/{visit.pk}/")
        desk.press("Something’s wrong")

    # What to read out comes first, in the desk's language and in the caller's.
    read_out = page.locator("blockquote")
    expect(read_out.first).to_contain_text("Call 112 now if one of these is so")
    expect(read_out.nth(1)).to_have_attribute("lang", visit.patient.language)
    form = page.locator("main form")
    assert read_out.nth(1).bounding_box()["y"] < form.bounding_box()["y"]

    # By key alone: a sign, what they say, and send.
    page.locator("[name=now][value=breathing]").focus()
    page.keyboard.press("Space")
    page.locator("[name=words]").focus()
    page.keyboard.type("Her breath is short since lunch")
    page.keyboard.press("Tab")
    expect(page.locator("[name=phone]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("A practitioner has been paged")
    expect(read_out.first).to_contain_text("Call 112 now")
    expect(page.locator("main dl")).to_contain_text("Dr Selin Aydın")

    # The pager rings; a practitioner reads it, calls and takes it on. The desk sees that, and nothing of what was said.
    clock.work()
    pager = Handset(windows.open(), PAGER)
    pager.open()
    expect(pager.last).to_contain_text("a patient reported something, and nobody has looked")
    selin = staff_page("selin@dermastudio.example")
    selin.goto(f"/events/{AdverseEvent.objects.get().pk}/")
    expect(selin.locator("main")).to_contain_text("Her breath is short since lunch")
    expect(selin.locator("main")).to_contain_text("They called the front desk.")
    selin.get_by_role("button", name="I see to this").click()
    page.reload()
    expect(page.locator("h1")).to_have_text("Dr Selin Aydın sees to this")
    page.get_by_role("link", name="Back to the visit").last.click()
    expect(desk.panel).to_contain_text("Dr Selin Aydın sees to this")
    expect(desk.panel).not_to_contain_text("breath")
