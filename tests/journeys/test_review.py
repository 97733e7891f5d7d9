"""A practitioner decides by keys: asks one question again, takes a decision back, decides against a colleague's no."""

import datetime as dt

from playwright.sync_api import expect

from bookings.models import Appointment
from clinic.people.access import Actor
from clinic.people.models import User
from consultations.services import review
from tests.journeys.steps import NAME, Handset, Patient, follow

VISIT = dt.date(2027, 5, 20)  # a Thursday
THINNER = {"blood_thinner": "yes", "blood_thinner_name": "Apixaban"}


def open_first(page, name=NAME):
    page.goto("/review/")
    follow(page.get_by_role("link", name=name).first)
    expect(page.locator("h1")).to_have_text(name)


def test_one_question_is_asked_again_and_comes_back(windows, staff_page, clock):
    elif_ = Patient(windows.open(touch=True))
    elif_.find("pen")
    elif_.choose("face")
    for _page in range(2):
        elif_.tick("none")
    elif_.tick("blood_thinner:unsure")
    elif_.take(VISIT, "11:00")
    elif_.give_details(whatsapp=True)
    elif_.finish()
    elif_.sees_outcome("checking")
    booking = elif_.booking

    selin = staff_page("selin@dermastudio.example")
    open_first(selin)
    selin.keyboard.press("3")
    expect(selin.locator("[value=ask]")).to_be_checked()
    selin.locator("[name=question_id]").select_option("blood_thinner")
    selin.get_by_role("button", name="Decide and tell the patient").click()
    expect(selin.get_by_text("Takes effect in a minute.", exact=False).first).to_be_visible()

    clock.pass_by(seconds=61)
    handset = Handset(windows.open())
    handset.open()
    expect(handset.last).to_contain_text("has a question")
    elif_.page.goto(booking)
    elif_.page.get_by_role("link", name="Read and answer").click()
    asked = elif_.page.locator("[name=ticks]").evaluate_all("all => all.map(one => one.value.split(':')[0])")
    assert set(asked) == {"blood_thinner", "none"}
    elif_.tick("blood_thinner:yes", blood_thinner_name="Apixaban")
    elif_.send_answers()
    elif_.sees_outcome("checking")

    selin.goto("/review/")
    expect(selin.get_by_text("Answer came")).to_be_visible()
    open_first(selin)
    flag = selin.locator(".flag").filter(has_text="Apixaban")
    expect(flag).to_contain_text("Last time")
    selin.keyboard.press("1")
    expect(selin.locator(".preview-approve")).to_be_visible()
    expect(selin.locator(".preview-decline")).to_be_hidden()
    selin.get_by_role("button", name="Decide and tell the patient").click()
    expect(selin.get_by_text("Nothing waits for you")).to_be_visible()
    clock.pass_by(seconds=61)
    elif_.page.goto(booking)
    elif_.sees_outcome("confirmed")
    expect(elif_.page.get_by_text("Keep taking any medicine that was prescribed for you.").first).to_be_visible()


def test_a_decision_is_taken_back_and_the_second_reviewer_keeps_their_words(diary, staff_page, clock):
    row = diary.visit("Elif Kaya", fate="pending", days=9, **THINNER)
    selin, nuria = staff_page("selin@dermastudio.example"), staff_page("nuria@dermastudio.example")
    for page in (selin, nuria):
        open_first(page, "Elif Kaya")
    selin.locator("[value=decline]").check()
    selin.locator("[name=reason]").fill("INR not stable.")
    selin.get_by_role("button", name="Decide and tell the patient").click()

    nuria.locator("[value=approve]").check()
    nuria.locator("[name=desk_note]").fill("Allow ten minutes more.")
    nuria.get_by_role("button", name="Decide and tell the patient").click()
    expect(nuria.locator(".errors")).to_contain_text("Selin Aydın has just decided this one: declined")
    expect(nuria.locator("[name=desk_note]")).to_have_value("Allow ten minutes more.")

    selin.get_by_role("button", name="Take back").click()
    expect(selin.get_by_text("Taken back.", exact=False)).to_be_visible()
    clock.pass_by(seconds=61)
    assert Appointment.objects.get(pk=row.pk).state == "pending_review"


def test_against_a_colleagues_no(diary, staff_page, clock):
    first = diary.visit("Elif Kaya", fate="pending", days=9, practitioner="nuria-ruiz", **THINNER)
    nuria = Actor("practitioner", user=User.objects.get(email="nuria@dermastudio.example"))
    review.decide(first.submissions.get(), seen=None, actor=nuria, decision="decline", reason="INR.", now=clock.now)
    diary.visit("Elif Kaya", fate="pending", days=10, practitioner="layla-haddad", **THINNER)
    layla = staff_page("layla@dermastudio.example")
    open_first(layla, "Elif Kaya")
    expect(layla.get_by_text("Only a practitioner with the right to override may say yes here.")).to_be_visible()

    selin = staff_page("selin@dermastudio.example")
    open_first(selin, "Elif Kaya")
    selin.locator("[value=approve]").check()
    selin.get_by_role("button", name="Decide and tell the patient").click()
    expect(selin.locator(".errors")).to_contain_text("Say why you decide against the no")
    selin.locator("[name=reason]").fill("INR stable since April, letter seen.")
    selin.locator("[name=override]").check()
    go = selin.get_by_role("button", name="Decide and tell the patient")
    go.click()
    clock.pass_by(seconds=61)
    row = Appointment.objects.filter(patient__name="Elif Kaya").latest("created_at")
    assert row.state == "confirmed"
    selin.goto(f"/review/{row.submissions.get().pk}/")
    expect(selin.get_by_text("Decided against a no")).to_be_visible()
