"""A time that was picked stays theirs, and nothing typed is lost."""

import re

from playwright.sync_api import expect

from bookings.models import Appointment
from tests.journeys.steps import EMAIL, NAME, Handset, Patient, go_on

SELIN = "selin-aydin"


def held():
    return Appointment.objects.filter(state="held")


def test_the_same_time_in_two_browsers(windows):
    first = Patient(windows.open())
    second = Patient(windows.open(), name="Zeynep Şahin", phone="0532 555 77 02")
    for patient in (first, second):
        patient.get_to_times("pen", practitioner=SELIN)
    wanted = first.earliest()
    assert second.earliest() == wanted
    first.take_earliest()
    expect(first.page).to_have_url(re.compile("/details/"))
    assert held().count() == 1

    # The other one sees it at once, with the nearest times, and still has her answers.
    second.take_earliest()
    summary = second.page.locator(".errors")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("a moment ago. Nothing you entered is lost. These are the closest times.")
    expect(second.page).to_have_title(re.compile("^Error: "))
    assert held().count() == 1
    nearest = summary.locator("[name=start]").first
    assert nearest.get_attribute("value") != wanted
    nearest.click()
    expect(second.page).to_have_url(re.compile("/details/"))
    second.give_details()
    expect(second.page).to_have_url(re.compile("/form/you/"))

    # Back: the first one still sees her own time as one to choose, and chooses it again.
    first.page.go_back()
    expect(first.page.get_by_text("We are keeping")).to_be_visible()
    own = first.page.locator(f"[name=start][value='{wanted}']")
    expect(own.first).to_be_visible()
    own.first.click()
    expect(first.page).to_have_url(re.compile("/details/"))
    assert [row.start.astimezone().isoformat() for row in held()] == [_here(wanted)]


def _here(text):
    import datetime as dt

    return dt.datetime.fromisoformat(text).astimezone().isoformat()


def test_a_hold_that_ran_out_is_tried_again(windows, clock):
    patient = Patient(windows.open())
    page = patient.page
    patient.get_to_times("pen", practitioner=SELIN)
    wanted = patient.take_earliest()
    expect(page.get_by_text("Kept until 10:50")).to_be_visible()
    clock.pass_by(minutes=5)
    page.get_by_role("button", name="Keep my time").click()
    expect(page.get_by_text("Kept until 10:55")).to_be_visible()

    # Nobody took it meanwhile.
    clock.pass_by(minutes=11)
    patient.give_details()
    expect(page).to_have_url(re.compile("/form/you/"))
    assert (
        Appointment.objects.get(state="reserved").start.isoformat()
        == Appointment.objects.get(start=wanted, state="reserved").start.isoformat()
    )


def test_a_time_that_went_leaves_what_was_typed(windows, clock):
    slow, quick = Patient(windows.open()), Patient(windows.open(), name="Zeynep Şahin", phone="0532 555 77 02")
    slow.get_to_times("pen", practitioner=SELIN)
    wanted = slow.take_earliest()
    clock.pass_by(minutes=11)
    quick.get_to_times("pen", practitioner=SELIN)
    assert quick.take_earliest() == wanted
    quick.give_details()
    expect(quick.page).to_have_url(re.compile("/form/you/"))

    slow.give_details()
    summary = slow.page.locator(".errors")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("Nothing you entered is lost.")
    expect(slow.page.locator("#details [name=name]")).to_have_value(NAME)
    expect(slow.page.locator("#details [name=email]")).to_have_value(EMAIL)
    expect(slow.page.locator("[name=whatsapp]")).to_be_checked()
    summary.locator("[name=start]").first.click()
    expect(slow.page).to_have_url(re.compile("/form/you/"))
    assert Appointment.objects.filter(state="reserved").count() == 2


def test_wrong_input_keeps_what_was_typed(windows):
    patient = Patient(windows.open())
    page = patient.page
    patient.find("pen")
    patient.choose()
    expect(page.locator(".errors")).to_be_focused()
    patient.choose("face", "neck")

    # A page left empty, a follow-up left empty, a day that has not come.
    patient.tick("pregnant:unsure")
    patient.tick()
    expect(page.locator(".errors")).to_be_focused()
    patient.tick("sun:tan")
    expect(page.locator(".errors")).to_be_focused()
    expect(page.locator("[name=ticks][value='sun:tan']")).to_be_checked()
    for part, value in enumerate(("1", "1", "2031")):
        page.locator(f"[name=sun_on_{part}]").fill(value)
    patient.tick()
    expect(page.locator("[name=sun_on_2]")).to_have_value("2031")
    page.locator("[name=ticks][value='sun:tan']").uncheck()
    patient.tick("none")
    patient.tick("none")
    patient.take_earliest()

    # Details: the summary has the focus, leads to the fields, and says the same words as they do.
    patient.give_details(name="", phone="12 34", email="elif@")
    summary = page.locator(".errors")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: "))
    expect(summary.locator("a")).to_have_count(3)
    expect(page.locator("[name=phone]")).to_have_value("12 34")
    expect(page.locator("[name=email]")).to_have_value("elif@")
    summary.locator("a").nth(1).click()
    expect(page.locator("[name=phone]")).to_be_focused()
    said = page.locator("#" + page.locator("[name=phone]").get_attribute("aria-describedby").split()[-1])
    expect(summary.locator("a").nth(1)).to_contain_text(said.inner_text().removeprefix("Error:").strip())
    patient.give_details()
    expect(page).to_have_url(re.compile("/form/you/"))

    # Born tomorrow.
    for part, value in enumerate(("12", "5", "2027")):
        page.locator(f"[name=date_of_birth_{part}]").fill(value)
    go_on(page)
    expect(page.locator(".errors")).to_be_focused()
    expect(page.locator("[name=date_of_birth_2]")).to_have_value("2027")


def test_the_form_goes_on_in_another_browser_with_a_code(windows, clock):
    patient = Patient(windows.open())
    patient.get_to_times()
    patient.take_earliest()
    patient.give_details()
    patient.answer_page()
    expect(patient.page).to_have_url(re.compile("/form/treated_skin/"))

    handset = Handset(windows.open())
    clock.work()
    handset.open()
    expect(handset.last).to_contain_text("one form left")
    elsewhere = Patient(windows.open())
    page = elsewhere.page
    page.goto(handset.link())
    expect(page.locator("h1")).to_have_text("Your time is reserved")
    expect(page.locator("main")).not_to_contain_text("Pen micro-needling")
    page.get_by_role("link", name="Finish your health form").click()
    expect(page.locator("h1")).to_have_text("Is it you?")
    page.get_by_role("button", name="Send me a code").click()
    clock.work()
    handset.open()
    code = handset.code()

    page.locator("[name=code]").fill(f"{(int(code) + 1) % 10**6:06}")
    go_on(page)
    expect(page.locator(".errors")).to_be_focused()
    page.locator("[name=code]").fill(f"{code[:3]} {code[3:]}")
    go_on(page)
    expect(page).to_have_url(re.compile("/form/treated_skin/"))
    elsewhere.finish()
    elsewhere.sees_outcome("confirmed")
