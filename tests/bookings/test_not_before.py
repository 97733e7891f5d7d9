"""What was last said about somebody limits every search for them: until the day, which itself can be booked."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from bookings.models import Appointment
from bookings.reasons import Reason
from bookings.selectors import free_starts, why_not
from bookings.selectors.courses import Chosen, plan_course
from bookings.selectors.waiting import best_offers, reasons_against
from bookings.services import lifecycle, moves
from bookings.services.courses import book_course
from bookings.services.holds import hold_slot
from bookings.services.offers import offer
from bookings.services.phone import book_by_phone
from bookings.states import Clearance
from clinic.errors import DomainError
from clinic.people.access import Actor
from clinic.people.models import User
from tests.bookings.cast import NOW, at, held, make_clinic, make_patient, plan, reserved
from tests.bookings.waiting_cast import waits

DAY = date(2027, 3, 18)  # a Thursday
SENTENCE = "We can offer this treatment from 18 March 2027."
EVE, MORNING = "2027-03-17 16:00", "2027-03-18 09:00"

pytestmark = pytest.mark.django_db


def put_off(patient, until=DAY, *, start="2027-03-03 10:00", modality="peel", now=NOW) -> Appointment:
    row = reserved(start, modality, patient=patient, now=now)
    return lifecycle.record_clearance(row, clearance=Clearance.DEFERRED, bookable_from=until, now=now)


def days(patient=None, modality="peel", **wish) -> set[date]:
    given = {"first": date(2027, 3, 15), "last": date(2027, 3, 20), "now": NOW, "staff": True} | wish
    found = free_starts(plan=plan(modality), patient_id=patient.pk if patient else None, **given)
    return {day for day, starts in found.days.items() if starts}


def codes(start, patient, **wish) -> list[Reason]:
    return why_not(plan=plan("peel"), start=at(start), patient_id=patient.pk, now=NOW, staff=True, **wish)


def test_nothing_before_the_day_is_free_for_them_and_the_day_itself_is(clinic, patient):
    assert put_off(patient).state == "cancelled"
    assert min(days(patient)) == DAY
    assert min(days()) == date(2027, 3, 15)
    assert [(one.code, one.sentence) for one in codes(EVE, patient)] == [("bookable_from", SENTENCE)]
    assert codes(MORNING, patient) == []


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kathmandu", "Europe/Istanbul"])
@pytest.mark.django_db
def test_the_day_is_the_clinics_own(zone, db):
    make_clinic(zone)
    patient = make_patient()
    reason = {"plan": plan("peel"), "patient_id": patient.pk, "now": NOW, "staff": True}
    row = hold_slot(plan=plan("peel"), start=at("2027-03-04 10:00", zone), now=NOW)
    row = lifecycle.reserve(row, patient=patient, now=NOW)
    lifecycle.record_clearance(row, clearance=Clearance.DEFERRED, bookable_from=DAY, now=NOW)
    assert [one.code for one in why_not(start=at("2027-03-17 17:15", zone), **reason)] == ["bookable_from"]
    assert why_not(start=at("2027-03-18 09:00", zone), **reason) == []


def test_another_treatment_and_another_person_are_not_limited(clinic, patient):
    put_off(patient)
    assert min(days(patient, "laser", first=date(2027, 3, 16))) == date(2027, 3, 16)
    assert min(days(make_patient("Mert Kaya"))) == date(2027, 3, 15)


def test_the_newest_word_counts_even_when_it_is_kinder(clinic, patient):
    put_off(patient)
    row = reserved("2027-03-29 10:00", "peel", patient=patient, now=NOW + timedelta(hours=1))
    lifecycle.record_clearance(row, clearance=Clearance.CLEARED, now=NOW + timedelta(hours=1))
    lifecycle.cancel(row, reason="patient", now=NOW + timedelta(hours=2))
    assert min(days(patient)) == date(2027, 3, 15)


def test_a_visit_kept_beyond_its_day_limits_the_next_one_too(clinic, patient):
    row = reserved("2027-03-29 10:00", "peel", patient=patient)
    lifecycle.record_clearance(row, clearance=Clearance.REVIEW, bookable_from=DAY, now=NOW)
    assert [one.code for one in codes("2027-03-09 10:00", patient)][0] == "bookable_from"


def test_new_answers_decide_over_what_was_said_before(clinic, patient):
    put_off(patient)
    assert min(days(patient, cleared_until=date(2027, 8, 28))) == date(2027, 3, 15)
    assert min(days(patient, bookable_from=date(2027, 3, 16), cleared_until=date(2027, 8, 28))) == date(2027, 3, 16)


def test_the_desk_cannot_hold_or_book_before_it(clinic, patient):
    put_off(patient)
    with pytest.raises(DomainError) as refusal:
        book_by_phone(plan=plan("peel"), start=at(EVE), patient=patient, now=NOW)
    assert refusal.value.code == "start_not_possible" and str(refusal.value) == SENTENCE
    assert refusal.value.extra["nearest"][0].startswith("2027-03-18T")
    assert book_by_phone(plan=plan("peel"), start=at(MORNING), patient=patient, now=NOW).state == "reserved"


def test_staff_who_give_a_held_time_its_person_are_told_and_a_stranger_is_not(clinic, patient):
    put_off(patient)
    desk = Actor("desk", user=User.objects.create_user("d@clinic.example", "x" * 16, role="desk", name="Derya"))
    row = held(EVE, "peel")
    with pytest.raises(DomainError) as refusal:
        lifecycle.reserve(row, patient=patient, actor=desk, now=NOW)
    assert (refusal.value.code, str(refusal.value)) == ("bookable_from", SENTENCE)
    assert lifecycle.reserve(row, patient=patient, now=NOW).state == "reserved"


def test_a_phone_booking_cannot_be_moved_before_it(clinic, patient):
    row = book_by_phone(plan=plan("peel"), start=at("2027-03-22 10:00"), patient=patient, now=NOW)
    put_off_elsewhere(patient)
    with pytest.raises(DomainError) as refusal:
        moves.move(row, start=at(EVE), staff=True, now=NOW)
    assert str(refusal.value) == SENTENCE
    assert moves.move(row, start=at(MORNING), staff=True, now=NOW).start == at(MORNING)


def put_off_elsewhere(patient):
    """Said of a visit on other skin, so that no interval speaks too."""
    row = reserved("2027-03-05 10:00", "peel", patient=patient, areas=("neck",))
    return lifecycle.record_clearance(row, clearance=Clearance.DEFERRED, bookable_from=DAY, now=NOW)


def test_a_screened_visit_is_moved_by_its_own_answers(clinic, patient):
    row = reserved("2027-03-25 10:00", "peel", patient=patient)
    row = lifecycle.record_clearance(row, clearance=Clearance.REVIEW, bookable_from=DAY, answers_on=NOW.date(), now=NOW)
    with pytest.raises(DomainError) as refusal:
        moves.move(row, start=at(EVE), staff=True, now=NOW)
    assert str(refusal.value) == SENTENCE
    assert moves.move(row, start=at(MORNING), now=NOW).start == at(MORNING)


def test_the_waiting_list_offers_nothing_before_it(clinic, patient):
    put_off(patient)
    entry = waits(clinic, patient=patient, first=date(2027, 3, 15), last=date(2027, 3, 20))
    assert min(best_offers(entry, now=NOW)).date() == DAY
    assert "bookable_from" in {one.code for one in reasons_against(entry, at(EVE), now=NOW)}
    with pytest.raises(DomainError):
        offer(entry, start=at(EVE), by_hand=True, now=NOW)
    assert offer(entry, start=at(MORNING), by_hand=True, now=NOW)


def test_an_entry_with_answers_of_its_own_is_limited_by_those(clinic, patient):
    put_off(patient)
    span = {"first": date(2027, 3, 15), "last": date(2027, 3, 20)}
    entry = waits(clinic, patient=patient, bookable_from=date(2027, 3, 16), **span)
    assert min(best_offers(entry, now=NOW)).date() == date(2027, 3, 16)


def test_a_course_begins_on_the_day_at_the_earliest(clinic, patient):
    put_off(patient)
    found = plan_course(plan=plan("peel"), sessions=2, patient_id=patient.pk, staff=True, now=NOW)
    assert all(one.sessions[0].start.date() >= DAY for one in found.plans)
    starts = [Chosen(at(EVE)), Chosen(at("2027-05-05 10:00"))]
    with pytest.raises(DomainError) as refusal:
        book_course(plan=plan("peel"), patient=patient, starts=starts, now=NOW)
    assert refusal.value.extra["reasons"][0]["code"] == "bookable_from"


def test_the_desks_quick_create_shows_the_reason_and_no_earlier_time(clinic, patient):
    put_off(patient)
    client = Client()
    with time_machine.travel(NOW, tick=False):
        client.force_login(User.objects.create_user("d@clinic.example", "x" * 16, role="desk", name="Derya"))
        asked = {"treatment": "peel", "areas": "face", "patient": str(patient.pk), "date": "2027-03-17"}
        assert SENTENCE in client.post("/desk/new/", asked | {"intent": "show"}).content.decode()
        page = client.post("/desk/new/", asked | {"time": "16:00", "intent": "show"})
        assert SENTENCE in page.content.decode()
        assert page.context["groups"] == []
        assert page.context["best"][0]["value"].startswith("2027-03-18T")


def test_the_api_lists_and_holds_nothing_before_the_day_screening_named(clinic, client):
    asked = "/api/v1/availability/?treatment=peel&areas=face&from=2027-03-16&to=2027-03-18"
    with time_machine.travel(NOW, tick=False):
        listed = client.get(asked + "&bookable_from=2027-03-18").json()["days"]
        assert [day["date"] for day in listed if day["starts"]] == ["2027-03-18"]
        wrong = client.get(asked + "&bookable_from=soon")
        assert "bookable_from" in wrong.json()["fields"]
        body = {"treatment": "peel", "areas": ["face"], "bookable_from": "2027-03-18"}
        refused = client.post("/api/v1/bookings/", body | {"start": at(EVE).isoformat()}, "application/json")
        assert (refused.status_code, refused.json()["detail"]) == (422, SENTENCE)
        made = client.post("/api/v1/bookings/", body | {"start": at(MORNING).isoformat()}, "application/json")
        assert made.json()["bookable_from"] == "2027-03-18"
        moved = client.post(
            f"/api/v1/bookings/{made.json()['id']}/move/",
            {"start": at(EVE).isoformat()},
            "application/json",
            headers={"authorization": f"Bearer {made.json()['token']}"},
        )
        assert moved.status_code == 422


def test_the_course_page_says_it_too(clinic, patient):
    put_off(patient)
    client = Client()
    with time_machine.travel(NOW, tick=False):
        client.force_login(User.objects.create_user("d@clinic.example", "x" * 16, role="desk", name="Derya"))
        page = client.get(f"/desk/courses/new/?patient={patient.pk}&treatment=peel&areas=face&sessions=2")
    assert SENTENCE in page.content.decode()
