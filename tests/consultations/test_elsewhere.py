"""A person is one: what is said of one visit counts for the others, and no verdict is got round by booking once more."""

import datetime as dt
import threading

import pytest
from django.db import connection

from bookings.services import lifecycle, moves
from clinic.audit.models import Entry
from clinic.errors import DomainError, NotAllowed
from clinic.people.access import Actor
from consultations.models import Submission
from consultations.selectors.earlier import EARLIER
from consultations.selectors.elsewhere import doubts
from consultations.selectors.questionnaire import published_version
from consultations.selectors.review import queue, sheet
from consultations.services import intake
from consultations.services.changes import choose_topics, report_change
from consultations.services.review import UNDO, decide, follow_due, undo
from tests.bookings.cast import NOW, at, make_patient, reserved
from tests.consultations.cast import BORN, answers_for, booked, submit

pytestmark = pytest.mark.django_db
THINNER = {"blood_thinner": "yes", "blood_thinner_name": "Apixaban"}
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def patient(clinic, questionnaire):
    return make_patient(date_of_birth=BORN)


def fresh(row):
    row.refresh_from_db()
    return row


def changed(row, *, now=NOW + HOUR, **other):
    report_change(row, actor=Actor("patient"), now=now)
    choose_topics(row, topics=["medicine"], actor=Actor("patient"))
    return submit(row, now=now, **other)


@pytest.fixture
def two(patient):
    """A peel in March and needling in April, both confirmed."""
    return booked(patient, "2027-03-08 10:00", "peel"), booked(patient, "2027-04-20 10:00", "pen")


def test_what_is_said_before_one_visit_is_looked_at_before_the_others(two, selin):
    peel, pen = two
    changed(peel, **THINNER)
    assert (fresh(pen).state, pen.clearance) == ("pending_review", "review")
    assert Entry.objects.filter(action="intake.doubted", subject=pen.ref).count() == 1
    [flag] = sheet(pen.submissions.get().pk, actor=selin, language="en").flags
    assert "Apixaban" in flag.answer and flag.before == "No" and "peel" in flag.elsewhere
    assert [one.outcome for one in queue(now=NOW + HOUR) if one.appointment.pk == pen.pk] == ["review"]


def test_a_practitioners_yes_settles_it(two, selin):
    peel, pen = two
    changed(peel, **THINNER)
    decide(pen.submissions.get(), decision="approve", seen=None, actor=selin, now=NOW + 2 * HOUR)
    assert fresh(pen).state == "confirmed"
    assert doubts(pen) == [] and sheet(pen.submissions.get().pk, actor=selin, language="en").flags == []
    changed(peel, now=NOW + 3 * HOUR, blood_thinner="yes", blood_thinner_name="Warfarin")
    assert fresh(pen).state == "pending_review"


def test_somebody_turned_away_from_one_visit_is_not_treated_at_another(patient, selin):
    """Nothing stays of strangers who are turned away; of somebody with a visit to come their practitioner has to know."""
    pen = booked(patient, "2027-04-20 10:00", "pen")
    peel = booked(patient, "2027-03-08 10:00", "peel", pregnant="yes", now=NOW + HOUR)
    assert (peel.state, peel.cancelled_reason) == ("cancelled", "declined")
    assert fresh(pen).state == "pending_review"
    form = pen.submissions.get()
    assert [one.outcome for one in doubts(pen)] == ["decline"]
    assert [one.outcome for one in queue(now=NOW + HOUR)] == ["decline"], "not “Nothing flagged”"
    with pytest.raises(NotAllowed):
        decide(form, decision="approve", seen=None, actor=selin, now=NOW + 2 * HOUR)
    selin.user.may_override = True
    how = {"override": True, "reason": "A wrong tap; tested today."}
    assert decide(form, decision="approve", seen=None, actor=selin, now=NOW + 2 * HOUR, **how).overrides
    assert fresh(pen).state == "confirmed"


def test_nothing_that_is_said_later_speaks_against_a_visit_that_is_over(two, selin):
    peel, pen = two
    for step in (lifecycle.check_in, lifecycle.start_treatment, lifecycle.finish):
        step(peel, now=peel.start)
    changed(pen, now=peel.start + HOUR, **THINNER)
    assert doubts(peel), "or the sheet below proves nothing"
    assert sheet(peel.submissions.get().pk, actor=selin, language="en").flags == []


def test_what_is_no_worse_changes_nothing(two):
    peel, pen = two
    changed(peel, now=NOW + HOUR)
    assert fresh(pen).state == "confirmed"


def test_another_date_of_birth_is_another_person(two, patient):
    _peel, pen = two
    row = reserved("2027-06-01 10:00", "pen", patient=patient, now=NOW)
    answers = answers_for(row, **THINNER) | {"date_of_birth": "1961-05-05"}
    intake.submit(row, answers=answers, version=published_version().version, language="en", now=NOW + HOUR)
    assert fresh(pen).state == "confirmed"


def test_a_form_that_is_on_its_way_is_not_doubted_before_it_is_there(patient):
    peel = booked(patient, "2027-03-08 10:00", "peel")
    pen = reserved("2027-04-20 10:00", "pen", patient=patient, now=NOW)
    changed(peel, **THINNER)
    assert (fresh(pen).state, pen.clearance) == ("reserved", "unknown")


def test_at_the_door_of_one_visit_and_before_the_other(two):
    peel, pen = two
    lifecycle.check_in(pen, now=NOW)
    changed(peel, **THINNER)
    assert fresh(pen).state == "pending_review"


# --- a practitioner's no


@pytest.mark.parametrize("decision", ["defer", "decline"])
def test_a_practitioners_no_is_looked_at_in_other_visits_for_the_same(patient, selin, decision):
    later = booked(patient, "2027-04-20 10:00", "pen")
    peel = booked(patient, "2027-06-01 10:00", "peel")
    row = booked(patient, "2027-03-08 10:00", "pen", now=NOW + HOUR, **THINNER)
    assert fresh(later).state == "pending_review"
    decide(later.submissions.get(), decision="approve", seen=None, actor=selin, now=NOW + 2 * HOUR)
    assert fresh(later).state == "confirmed"
    day = {"bookable_from": dt.date(2027, 5, 1)} if decision == "defer" else {}
    given = decide(
        row.submissions.get(),
        decision=decision,
        seen=None,
        actor=selin,
        reason="INR",
        wait=UNDO,
        now=NOW + 3 * HOUR,
        **day,
    )
    assert fresh(later).state == "confirmed", "it may still be taken back"
    assert follow_due(now=given.decided_at + UNDO) == 1
    assert fresh(later).state == "pending_review"
    assert EARLIER not in [one.finding["rule"] for one in doubts(peel)]
    [flag] = sheet(later.submissions.get().pk, actor=selin, language="en").flags
    assert flag.question == "What a practitioner decided before"


def test_a_no_that_was_taken_back_says_nothing(patient, selin):
    later = booked(patient, "2027-04-20 10:00", "pen", **THINNER)
    decide(later.submissions.get(), decision="approve", seen=None, actor=selin, now=NOW)
    row = booked(patient, "2027-03-08 10:00", "pen", now=NOW + HOUR, **THINNER)
    given = decide(
        row.submissions.get(), decision="decline", seen=None, actor=selin, reason="x", wait=UNDO, now=NOW + HOUR
    )
    undo(given, actor=selin, now=NOW + HOUR + dt.timedelta(seconds=9))
    follow_due(now=NOW + 2 * HOUR)
    assert doubts(later) == [] and fresh(later).state == "confirmed"


@pytest.fixture
def put_off(patient, selin):
    """Needling is put off until 12 April by a practitioner."""
    row = booked(patient, "2027-03-08 10:00", "pen", **THINNER)
    day = dt.date(2027, 4, 12)
    decide(row.submissions.get(), decision="defer", seen=None, actor=selin, reason="INR", bookable_from=day, now=NOW)
    return patient


def test_a_visit_moved_before_the_day_a_practitioner_named_is_looked_at(put_off, selin):
    pen = booked(put_off, "2027-04-20 10:00", "pen", now=NOW + HOUR)
    assert pen.state == "confirmed"
    assert moves.move(pen, start=at("2027-04-13 10:00"), now=NOW + HOUR).state == "confirmed"
    assert moves.move(fresh(pen), start=at("2027-04-06 10:00"), now=NOW + HOUR).state == "pending_review"
    [flag] = sheet(pen.submissions.get().pk, actor=selin, language="en").flags
    assert "Selin" in flag.why and flag.until == dt.date(2027, 4, 12)


def test_a_yes_to_a_visit_after_that_day_is_none_to_one_before_it(put_off, selin):
    pen = booked(put_off, "2027-04-20 10:00", "pen", now=NOW + HOUR, other_conditions="A scar from a fall")
    decide(pen.submissions.get(), decision="approve", seen=None, actor=selin, now=NOW + 2 * HOUR)
    assert (fresh(pen).state, pen.bookable_from) == ("confirmed", dt.date(2027, 4, 12))
    with pytest.raises(DomainError):
        moves.move(pen, start=at("2027-04-06 10:00"), now=NOW + 2 * HOUR)


# --- better answers in another visit's form


def test_who_was_to_be_looked_at_is_not_confirmed_by_booking_again(patient, selin):
    first = booked(patient, "2027-03-08 10:00", "pen", **THINNER)
    lifecycle.cancel(first, reason="patient", now=NOW)
    again = booked(patient, "2027-03-09 10:00", "pen", now=NOW + HOUR)
    assert (again.state, again.clearance) == ("pending_review", "review")
    assert [one.outcome for one in queue(now=NOW + HOUR)] == ["review"]
    [flag] = sheet(again.submissions.get().pk, actor=selin, language="en").flags
    assert "Apixaban" in flag.before and flag.answer == "No"
    lifecycle.cancel(again, reason="patient", now=NOW)
    third = booked(patient, "2027-03-10 10:00", "pen", now=NOW + 2 * HOUR)
    assert third.state == "pending_review", "nobody has looked yet"
    decide(third.submissions.get(), decision="approve", seen=None, actor=selin, now=NOW + 3 * HOUR)
    assert booked(patient, "2027-05-11 10:00", "pen", now=NOW + 4 * HOUR).state == "confirmed"


def test_what_a_practitioner_has_said_yes_to_may_get_better(patient, selin):
    first = booked(patient, "2027-03-08 10:00", "pen", **THINNER)
    decide(first.submissions.get(), decision="approve", seen=None, actor=selin, now=NOW)
    assert booked(patient, "2027-05-11 10:00", "pen", now=NOW + HOUR).state == "confirmed"


@pytest.mark.parametrize(("later", "state"), [(1, "pending_review"), (40, "confirmed")])
def test_a_wait_that_is_over_has_healed(patient, later, state):
    row = reserved("2027-05-11 10:00", "pen", patient=patient, now=NOW)
    submit(row, cold_sore="now", now=NOW)
    lifecycle.cancel(row, reason="patient", now=NOW)
    now = NOW + dt.timedelta(days=later)
    assert booked(patient, "2027-05-12 10:00", "pen", now=now).state == state


def test_old_forms_say_nothing_any_more(patient):
    first = booked(patient, "2027-03-08 10:00", "pen", **THINNER)
    lifecycle.cancel(first, reason="patient", now=NOW)
    assert booked(patient, "2027-09-14 10:00", "pen", now=NOW + dt.timedelta(days=190)).state == "confirmed"


def test_the_same_answer_is_flagged_by_its_rule_alone(patient):
    first = booked(patient, "2027-03-08 10:00", "pen", **THINNER)
    lifecycle.cancel(first, reason="patient", now=NOW)
    again = booked(patient, "2027-03-09 10:00", "pen", now=NOW + HOUR, **THINNER)
    assert "change.reported" not in [one["rule"] for one in again.submissions.get().findings]


# --- at once


@pytest.mark.django_db(transaction=True)
def test_two_forms_of_one_person_at_once_wait_for_each_other(clinic, questionnaire):
    patient = make_patient(date_of_birth=BORN)
    rows = [reserved(f"2027-03-{day} 10:00", slug, patient=patient) for day, slug in (("08", "peel"), ("29", "pen"))]
    failed, gate = [], threading.Barrier(2)

    def send(row):
        try:
            gate.wait(10)
            submit(row, now=NOW, **THINNER)
        except Exception as problem:
            failed.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=[row]) for row in rows]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    assert not failed and Submission.objects.count() == 2


def test_moving_does_not_ask_again_what_is_settled(two):
    _peel, pen = two
    assert moves.move(pen, start=at("2027-04-21 10:00"), now=NOW).state == "confirmed"
