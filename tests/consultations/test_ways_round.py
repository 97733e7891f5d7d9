"""Ways round a verdict that are closed: another person, another day, another visit, a form sent once more."""

import datetime as dt

import pytest

from bookings.services import lifecycle, moves
from bookings.services.details import give_details
from bookings.services.holds import lapse_due
from clinic.errors import DomainError, Invalid
from consultations.selectors.questionnaire import published_version
from consultations.selectors.review import sheet
from consultations.services import intake
from consultations.services.review import decide
from tests.bookings.cast import NOW, at, make_patient, reserved
from tests.consultations.cast import BORN, agree, answers_for, booked, submit

pytestmark = pytest.mark.django_db
THINNER = {"blood_thinner": "yes", "blood_thinner_name": "Apixaban"}
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


@pytest.fixture
def patient(clinic, questionnaire):
    return make_patient(date_of_birth=BORN)


def approved(patient, selin, start, modality="pen"):
    """A practitioner knows what they take and has said yes to the visit."""
    row = booked(patient, start, modality, **THINNER)
    decide(row.submissions.get(), decision="approve", seen=None, actor=selin, now=NOW)
    row.refresh_from_db()
    assert row.state == "confirmed"
    return row


def test_nobody_takes_over_a_lapsed_time_with_somebody_elses_answers(patient):
    row = reserved("2027-03-20 10:00", "pen", patient=patient, now=NOW)
    submit(row)
    later = NOW + DAY * 2
    lapse_due(now=later)
    row.refresh_from_db()
    assert (row.state, row.clearance) == ("lapsed", "cleared")
    with pytest.raises(DomainError) as refusal:
        give_details(row, name="Mert Kaya", phone="+905559990011", now=later)
    assert refusal.value.code == "hold_expired"
    row.refresh_from_db()
    assert (row.state, row.patient_id) == ("lapsed", patient.pk)


def test_the_same_person_takes_their_lapsed_time_again_with_their_answers(patient):
    row = reserved("2027-03-20 10:00", "pen", patient=patient, now=NOW)
    submit(row)
    later = NOW + DAY * 2
    lapse_due(now=later)
    row.refresh_from_db()
    lifecycle.reserve(row, patient=patient, now=later)
    row.refresh_from_db()
    assert agree(row, now=later).state == "confirmed"


def test_a_better_form_after_an_approval_is_looked_at_too(patient, selin):
    row = reserved("2027-03-20 10:00", "pen", patient=patient, now=NOW)
    form, _verdict = submit(row, **THINNER)
    row.refresh_from_db()
    agree(row)
    decide(form, decision="precautions", precautions="Press long", seen=None, actor=selin, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.clearance) == ("confirmed", "approved")
    again, verdict = submit(row, now=NOW + HOUR)
    row.refresh_from_db()
    assert verdict.outcome.value in ("ok", "caution")
    assert (row.state, row.clearance) == ("pending_review", "review")
    assert "change.reported" in [one["rule"] for one in again.findings]


@pytest.mark.parametrize("decision", ["decline", "defer"])
def test_a_no_reaches_the_other_visits_for_the_same_treatment(patient, selin, decision):
    other = booked(patient, "2027-04-20 10:00")
    row = reserved("2027-03-08 10:00", "pen", patient=patient, now=NOW)
    form, _verdict = submit(row, **THINNER)
    more = {"bookable_from": dt.date(2027, 5, 1)} if decision == "defer" else {}
    decide(form, decision=decision, reason="risk", seen=None, actor=selin, now=NOW + HOUR, **more)
    other.refresh_from_db()
    assert (other.state, other.clearance) == ("pending_review", "review")
    [flag] = [one for one in sheet(other.submissions.get().pk, actor=selin, language="en").flags if "Selin" in one.why]
    assert flag.question == "What a practitioner decided before"


def test_a_deferral_leaves_what_lies_after_its_day_as_it_is(patient, selin):
    other = approved(patient, selin, "2027-04-20 10:00")
    row = reserved("2027-03-08 10:00", "pen", patient=patient, now=NOW)
    form, _verdict = submit(row, now=NOW + HOUR, **THINNER)
    day = dt.date(2027, 4, 20)
    decide(form, decision="defer", reason="r", bookable_from=day, seen=None, actor=selin, now=NOW + HOUR)
    other.refresh_from_db()
    assert other.state == "confirmed"


def test_a_no_leaves_other_treatments_and_other_people_alone(patient, selin):
    peel = approved(patient, selin, "2027-04-20 10:00", "peel")
    mert = booked(make_patient("Mert Kaya", date_of_birth=BORN), "2027-04-21 10:00")
    row = reserved("2027-03-08 10:00", "pen", patient=patient, now=NOW)
    form, _verdict = submit(row, now=NOW + HOUR, **THINNER)
    decide(form, decision="decline", reason="risk", seen=None, actor=selin, now=NOW + HOUR)
    peel.refresh_from_db()
    mert.refresh_from_db()
    assert (peel.state, mert.state) == ("confirmed", "confirmed")


def test_a_no_meanwhile_is_heard_when_the_path_of_another_visit_ends(patient, selin):
    other = reserved("2027-04-20 10:00", "pen", patient=patient, now=NOW)
    submit(other)
    row = reserved("2027-03-08 10:00", "pen", patient=patient, now=NOW)
    form, _verdict = submit(row, **THINNER)
    decide(form, decision="decline", reason="risk", seen=None, actor=selin, now=NOW + HOUR)
    other.refresh_from_db()
    assert agree(other, now=NOW + HOUR * 2).state == "pending_review"


def test_a_visit_is_not_begun_on_a_day_before_it_may_be(patient):
    row = booked(patient, "2027-03-20 10:00")
    type(row).objects.filter(pk=row.pk).update(bookable_from=dt.date(2027, 3, 18))
    with pytest.raises(DomainError) as refusal:
        lifecycle.check_in(row, now=at("2027-03-17 10:00"))
    assert refusal.value.code == "bookable_from"
    assert lifecycle.check_in(row, now=at("2027-03-18 00:10")).state == "arrived"


def test_the_time_to_think_is_not_over_for_who_comes_before_their_day(patient):
    row = booked(patient, "2027-03-20 10:00")
    type(row).objects.filter(pk=row.pk).update(reflection_ends=dt.date(2027, 3, 18))
    with pytest.raises(DomainError) as refusal:
        lifecycle.check_in(row, now=at("2027-03-17 23:50"))
    assert refusal.value.code == "reflection"
    assert lifecycle.check_in(row, now=at("2027-03-18 00:10")).state == "arrived"


def test_a_form_sent_again_that_says_more_today_is_a_new_form(patient):
    row = reserved("2027-04-10 10:00", "pen", patient=patient, now=NOW)
    first, _verdict = submit(row, acne="inflamed")
    row.refresh_from_db()
    agree(row)
    again, verdict = submit(row, acne="inflamed", now=NOW + DAY * 20)
    row.refresh_from_db()
    assert again.pk != first.pk
    assert row.bookable_from == verdict.bookable_from


def test_who_waits_for_a_practitioner_is_not_confirmed_by_other_answers_elsewhere(patient, selin):
    row = reserved("2027-03-20 10:00", "pen", patient=patient, now=NOW)
    submit(row, **THINNER)
    for hours, start in ((1, "2027-04-20 10:00"), (2, "2027-05-25 10:00")):
        other = booked(patient, start, now=NOW + HOUR * hours)
        assert (other.state, other.clearance) == ("pending_review", "review")
    form = other.submissions.get()
    [flag] = sheet(form.pk, actor=selin, language="en").flags
    assert "blood" in flag.question.lower() and "Apixaban" in flag.before
    decide(form, decision="approve", seen=None, actor=selin, now=NOW + HOUR * 3)
    assert booked(patient, "2027-06-28 10:00", now=NOW + HOUR * 4).state == "confirmed"


@pytest.mark.parametrize(("days", "state"), [(27, "pending_review"), (28, "confirmed")])
def test_how_somebody_was_weeks_ago_is_held_against_nobody(patient, days, state):
    row = reserved("2027-03-20 10:00", "pen", patient=patient, now=NOW)
    submit(row, acne="few_spots")
    later = NOW + DAY * days
    other = reserved("2027-04-20 10:00", "pen", patient=patient, now=later)
    submit(other, now=later)
    other.refresh_from_db()
    assert agree(other, now=later).state == state


def test_a_form_that_may_be_somebody_elses_is_held_against_nobody(patient):
    row = reserved("2027-03-20 10:00", "pen", patient=patient, now=NOW)
    answers = answers_for(row, **THINNER) | {"date_of_birth": "1971-01-01"}
    intake.submit(row, answers=answers, version=published_version().version, language="en", now=NOW)
    assert booked(patient, "2027-04-20 10:00", now=NOW + HOUR).state == "confirmed"


def test_a_move_is_judged_by_what_was_decided_while_the_page_lay_open(patient, selin):
    row = reserved("2027-03-20 10:00", "pen", patient=patient, now=NOW)
    form, _verdict = submit(row, **THINNER)
    row.refresh_from_db()
    page = agree(row)
    day = dt.date(2027, 3, 18)
    decide(form, decision="defer", reason="risk", bookable_from=day, seen=None, actor=selin, now=NOW + HOUR)
    with pytest.raises(DomainError) as refusal:
        moves.move(page, start=at("2027-03-17 10:00"), staff=True, now=NOW + HOUR * 2)
    assert [one["code"] for one in refusal.value.extra["reasons"]] == ["bookable_from"]


def test_today_is_the_clinics_day_for_a_deferral_too(patient, selin):
    row = reserved("2027-03-20 10:00", "pen", patient=patient, now=NOW)
    form, _verdict = submit(row, **THINNER)
    after_midnight = at("2027-03-02 00:30").astimezone(dt.UTC)  # the 1st there
    given = {"decision": "defer", "reason": "risk", "seen": None, "actor": selin, "now": after_midnight}
    with pytest.raises(Invalid):
        decide(form, bookable_from=dt.date(2027, 3, 2), **given)
    decide(form, bookable_from=dt.date(2027, 3, 3), **given)
