"""The whole story of one visit, with four people in it: from "I take a blood thinner" to the day after."""

import datetime as dt

from playwright.sync_api import expect

from tests.journeys.conftest import DESKTOP, sign_in
from tests.journeys.steps import NAME, NONE, Desk, Handset, Patient

VISIT = dt.date(2027, 5, 20)  # a Thursday


def test_blood_thinner_story(windows, staff_page, clock):
    # The patient books on a phone.
    elif_ = Patient(windows.open(touch=True))
    elif_.find("pen")
    elif_.choose("face")
    elif_.tick(*NONE)
    elif_.tick(*NONE)
    elif_.tick("blood_thinner:yes", blood_thinner_name="Apixaban")
    expect(elif_.page.get_by_text("A practitioner will look at your answers before we confirm")).to_be_visible()
    elif_.take(VISIT, "11:00")
    expect(elif_.page.get_by_text("Kept until 10:50")).to_be_visible()
    elif_.give_details(whatsapp=True)
    elif_.finish()
    elif_.sees_outcome("checking")
    expect(elif_.page.locator("h1")).to_contain_text("A practitioner is checking")
    booking = elif_.booking

    # Her phone says that the time is kept, and nothing about her health.
    clock.work()
    handset = Handset(windows.open())
    handset.open()
    expect(handset.last).to_contain_text("we are keeping Thursday 20 May at 11:00 for you")
    expect(handset.last).to_contain_text("WhatsApp")
    expect(handset.page.locator("main")).not_to_contain_text("Apixaban")

    # The practitioner sees what matters first, and decides.
    selin = staff_page("selin@dermastudio.example")
    expect(selin.locator("h1")).to_have_text("Reviews")
    selin.get_by_role("link", name=NAME).click()
    first = selin.locator("main h2").first
    expect(first).to_have_text("1 answer to look at")
    expect(selin.locator(".flag")).to_have_count(1)
    expect(selin.locator(".flag")).to_contain_text("Apixaban")
    selin.get_by_label("Approve with precautions").check()
    selin.get_by_label("Precautions for the visit").fill("Shallow passes; press for two minutes.")
    selin.get_by_label("Words for the patient").fill("Keep taking it as prescribed. We go gently.")
    selin.get_by_role("button", name="Decide and tell the patient").click()
    expect(selin.get_by_text("Nothing waits for you")).to_be_visible()

    # A minute later it takes effect: the confirmation arrives, and her page says the same.
    clock.pass_by(seconds=61)
    handset.open()
    expect(handset.last).to_contain_text("is booked: Thursday 20 May at 11:00")
    expect(handset.last).to_contain_text("WhatsApp")
    elif_.page.goto(booking)
    elif_.sees_outcome("confirmed")
    expect(elif_.page.get_by_text("Keep taking it as prescribed. We go gently.")).to_be_visible()

    # The day before, a reminder; she answers 1.
    clock.pass_to(dt.datetime(2027, 5, 19, 11, 1, tzinfo=clock.now.tzinfo))
    handset.open()
    expect(handset.last).to_contain_text("Reply 1 to confirm, 2 to move")
    handset.write("1")
    expect(handset.page.locator(".bubble.is-out").last).to_contain_text("1")
    clock.work()
    handset.open()
    expect(handset.last).to_contain_text("see you on Thursday 20 May at 11:00")

    # The day itself: the desk sees that she comes, what to mind, and no answer of hers.
    clock.pass_to(dt.datetime(2027, 5, 20, 10, 52, tzinfo=clock.now.tzinfo))
    desk = Desk(staff_page("desk@dermastudio.example", size=DESKTOP))
    desk.open_day()
    desk.open_visit(NAME)
    desk.sees_state("confirmed")
    expect(desk.panel).to_contain_text("also by the patient")
    expect(desk.page.locator("body")).not_to_contain_text("Apixaban")
    desk.press("Check in")
    desk.press("All the same: check in")
    desk.told("has arrived")
    desk.sees_state("arrived")
    for moment, word, state in (("11:30", "Start treatment", "in_treatment"), ("12:15", "Finish", "done")):
        clock.pass_to(dt.datetime.fromisoformat(f"2027-05-20T{moment}+03:00"))
        sign_in(desk.page, "desk@dermastudio.example")  # nobody was at it for more than fifteen minutes
        desk.open_day()
        desk.open_visit(NAME)
        desk.press(word)
        desk.sees_state(state)

    # Aftercare: two hours later, and the next day.
    clock.pass_to(dt.datetime(2027, 5, 20, 14, 16, tzinfo=clock.now.tzinfo))
    handset.open()
    expect(handset.last).to_contain_text("Redness like sunburn is common")
    clock.pass_to(dt.datetime(2027, 5, 21, 12, 16, tzinfo=clock.now.tzinfo))
    handset.open()
    expect(handset.last).to_contain_text("How is your skin? Reply 1 fine, 2 not sure, 3 worried")
