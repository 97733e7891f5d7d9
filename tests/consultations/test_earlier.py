"""A practitioner's word outranks a rule: whoever books again after a "no" is looked at, never confirmed by their answers."""

import datetime as dt

import pytest

from bookings.selectors import plan_of, why_not
from bookings.selectors.free_times import not_before
from bookings.services import lifecycle
from consultations.selectors.earlier import EARLIER
from consultations.selectors.review import sheet
from consultations.services.review import decide
from tests.bookings.cast import NOW, at, make_patient, reserved
from tests.consultations.cast import BORN, booked, submit

pytestmark = pytest.mark.django_db
THINNER = {"blood_thinner": "yes", "blood_thinner_name": "Apixaban"}
DAY = dt.date(2027, 4, 12)
MONTHS = dt.timedelta(days=60)


@pytest.fixture
def patient(clinic, questionnaire):
    return make_patient(date_of_birth=BORN)


def said(patient, selin, decision, *, start="2027-03-08 10:00", modality="pen", **more):
    row = reserved(start, modality, patient=patient, now=NOW)
    submission, _verdict = submit(row, **THINNER)
    extra = {"bookable_from": DAY} if decision == "defer" else {"precautions": "x"} if decision == "precautions" else {}
    extra |= {"question": "?"} if decision == "ask" else {}
    given = {"reason": "risk"} | extra | more
    return decide(submission, decision=decision, seen=None, actor=selin, now=NOW, **given)


def again(patient, start, modality="pen"):
    """Books once more, every answer fine, and walks the path to its end."""
    row = booked(patient, start, modality)
    submission = row.submissions.get()
    assert submission.outcome in ("ok", "caution")
    return row, submission


@pytest.mark.parametrize("decision", ["defer", "decline"])
def test_after_a_practitioners_no_fine_answers_lead_to_review(patient, selin, decision):
    said(patient, selin, decision)
    row, submission = again(patient, "2027-04-10 10:00")
    assert (row.state, row.clearance) == ("pending_review", "review")
    [flag] = [one for one in sheet(submission.pk, actor=selin, language="en").flags if "Selin" in one.why]
    assert flag.question == "What a practitioner decided before"
    assert "Decide whether that still holds." in flag.why


def test_the_patient_is_not_told_of_it_in_their_answers(patient, selin):
    said(patient, selin, "decline")
    _row, submission = again(patient, "2027-04-10 10:00")
    assert [one["told"] for one in submission.findings if one["rule"] == "record.earlier_decision"] == [""]


@pytest.mark.parametrize(
    ("start", "state"), [("2027-04-10 10:00", "pending_review"), ("2027-04-12 09:00", "confirmed")]
)
def test_a_deferral_stands_until_its_day_which_is_free(patient, selin, start, state):
    said(patient, selin, "defer")
    row, _submission = again(patient, start)
    assert row.state == state


def test_a_later_approval_by_a_practitioner_ends_it(patient, selin):
    said(patient, selin, "decline")
    row = reserved("2027-03-10 10:00", "pen", patient=patient, now=NOW)
    submission, _verdict = submit(row, now=NOW + dt.timedelta(minutes=30), **THINNER)
    decide(submission, decision="approve", seen=None, actor=selin, now=NOW + dt.timedelta(hours=1))
    row, _submission = again(patient, "2027-04-20 10:00")
    assert row.state == "confirmed"


def test_a_question_is_no_decision(patient, selin):
    said(patient, selin, "ask")
    row, submission = again(patient, "2027-04-20 10:00")
    assert row.state == "pending_review"
    assert [one["rule"] for one in submission.findings if one["outcome"] == "review"] == ["change.reported"]


def test_it_is_about_this_treatment_and_this_person(patient, selin):
    said(patient, selin, "decline")
    _other, submission = again(patient, "2027-04-20 10:00", "peel")
    somebody, _submission = again(make_patient("Mert Kaya", date_of_birth=BORN), "2027-04-10 10:00")
    assert EARLIER not in [one["rule"] for one in submission.findings] and somebody.state == "confirmed"


def test_a_consultation_stays_open_to_them(patient, selin):
    said(patient, selin, "decline")
    row, _submission = again(patient, "2027-03-10 10:00", "consult")
    assert row.state == "confirmed"


def test_fine_answers_after_it_do_not_open_the_days_before_to_the_desk(patient, selin):
    """The rule's newer word is not the practitioner's."""
    said(patient, selin, "defer")
    row, _submission = again(patient, "2027-04-10 10:00")
    assert not_before(patient.pk, row.modality_id) == DAY
    lifecycle.cancel(row, reason="patient", now=NOW)
    why = why_not(plan=plan_of(row), start=at("2027-04-09 10:00"), patient_id=patient.pk, staff=True, now=NOW)
    assert [one.code for one in why] == ["bookable_from"]


def test_the_later_day_of_a_practitioners_and_a_rules_counts(patient, selin):
    said(patient, selin, "defer")
    for start, sore_on, day in (
        ("2027-04-20 10:00", NOW, DAY),
        ("2027-06-22 10:00", NOW + MONTHS, dt.date(2027, 5, 14)),
    ):
        row = reserved(start, "pen", patient=patient, now=sore_on)
        submit(row, now=sore_on, cold_sore="now")
        assert not_before(patient.pk, row.modality_id) == day
        lifecycle.cancel(row, reason="patient", now=sore_on)
