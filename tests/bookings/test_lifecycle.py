import re
from datetime import date, timedelta
from pathlib import Path

import pytest

import bookings
from bookings.services import lifecycle
from bookings.states import ACTIVE, CLEARED, MOVES, Clearance, State
from clinic.audit.models import Entry
from clinic.errors import DomainError
from clinic.people.access import Actor
from tests.bookings.cast import NOW, at, confirmed, held, make_patient, pending, reserved

pytestmark = pytest.mark.django_db
DESK = Actor("desk")


def code_of(call) -> str:
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value.code


def test_a_cleared_person_is_confirmed(clinic):
    row = confirmed()
    assert row.state == State.CONFIRMED
    assert (row.hold_expires_at, row.form_due_at) == (None, None)


def test_a_person_to_be_checked_waits_for_a_practitioner(clinic):
    row = pending("2027-03-08 10:00")
    assert row.state == State.PENDING_REVIEW
    assert row.review_due_at == NOW + timedelta(hours=24)
    row = lifecycle.record_clearance(row, clearance=Clearance.APPROVED, decided=True, now=NOW)
    assert lifecycle.confirm(row, now=NOW).state == State.CONFIRMED


def test_nobody_is_confirmed_without_a_form_or_a_person(clinic):
    assert code_of(lambda: lifecycle.confirm(reserved("2027-03-03 10:00"), now=NOW)) == "form_missing"
    assert code_of(lambda: lifecycle.confirm(held("2027-03-04 10:00"), now=NOW)) == "form_missing"


def test_hold_over_is_over(clinic):
    row = held(patient=make_patient(), clearance=Clearance.CLEARED)
    over = row.hold_expires_at
    assert code_of(lambda: lifecycle.confirm(row, now=over)) == "hold_expired"
    assert code_of(lambda: lifecycle.confirm(row, now=over + timedelta(milliseconds=1))) == "hold_expired"
    assert lifecycle.confirm(row, now=over - timedelta(milliseconds=1)).state == State.CONFIRMED


def test_a_hold_is_judged_by_the_databases_clock(clinic, monkeypatch):
    """The web server's clock stands still; PostgreSQL's does not."""
    row = held(patient=make_patient(), clearance=Clearance.CLEARED)
    monkeypatch.setattr("bookings.clock.database_now", lambda read=None: row.hold_expires_at)
    assert code_of(lambda: lifecycle.confirm(row)) == "hold_expired"


def test_declined_cancels_and_frees_the_time(clinic):
    row = lifecycle.record_clearance(confirmed(), clearance=Clearance.DECLINED, now=NOW)
    assert (row.state, row.cancelled_reason) == (State.CANCELLED, "declined")
    assert not row.allocations.filter(active=True).exists()


@pytest.mark.parametrize(
    ("day", "state", "reason"),
    [(date(2027, 3, 20), State.CANCELLED, "deferred"), (date(2027, 3, 2), State.PENDING_REVIEW, "")],
)
def test_deferred_beyond_the_visit_cancels_else_a_practitioner_decides(clinic, day, state, reason):
    row = lifecycle.record_clearance(confirmed(), clearance=Clearance.DEFERRED, bookable_from=day, now=NOW)
    assert (row.state, row.cancelled_reason) == (state, reason)


@pytest.mark.parametrize("clearance", [Clearance.REVIEW, Clearance.UNKNOWN])
def test_a_worse_clearance_reopens_a_confirmed_one(clinic, clearance):
    row = lifecycle.record_clearance(confirmed(), clearance=clearance, now=NOW)
    assert row.state == State.PENDING_REVIEW


def test_a_worse_clearance_at_the_door_stops_whoever_has_arrived(clinic):
    row = lifecycle.check_in(confirmed(), now=NOW)
    row = lifecycle.record_clearance(row, clearance="review", now=NOW)
    assert (row.state, row.clearance) == (State.PENDING_REVIEW, Clearance.REVIEW)
    assert code_of(lambda: lifecycle.start_treatment(row, now=NOW)) == "wrong_state"


def test_better_answers_do_not_replace_a_decision_that_is_due(clinic):
    row = lifecycle.record_clearance(pending(), clearance=Clearance.CLEARED, now=NOW)
    assert (row.state, row.clearance) == (State.PENDING_REVIEW, Clearance.REVIEW)
    assert code_of(lambda: lifecycle.confirm(row, now=NOW)) == "not_cleared"


def test_nothing_is_confirmed_before_its_date(clinic):
    row = reserved("2027-03-05 10:00")
    row = lifecycle.record_clearance(row, clearance=Clearance.CAUTION, bookable_from=date(2027, 3, 6), now=NOW)
    assert code_of(lambda: lifecycle.confirm(row, now=NOW)) == "not_cleared"


def test_the_day_of_the_visit(clinic):
    row = confirmed("2027-03-02 10:00")
    assert code_of(lambda: lifecycle.mark_no_show(row, now=at("2027-03-02 09:59"))) == "too_early"
    row = lifecycle.check_in(row, actor=DESK, now=at("2027-03-02 09:55"))
    row = lifecycle.start_treatment(row, actor=DESK, now=at("2027-03-02 10:30"))
    row = lifecycle.finish(row, actor=DESK, now=at("2027-03-02 11:12"))
    assert (row.state, row.finished_at) == (State.DONE, at("2027-03-02 11:12"))
    assert lifecycle.step_back(row, now=NOW).finished_at is None
    assert [one.action for one in Entry.objects.filter(subject=row.ref, actor="desk").order_by("id")] == [
        "appointment.check_in",
        "appointment.start_treatment",
        "appointment.finish",
    ]


def test_a_no_show_can_be_undone(clinic):
    row = lifecycle.mark_no_show(confirmed("2027-03-02 10:00"), now=at("2027-03-02 10:20"))
    assert row.state == State.NO_SHOW
    assert lifecycle.step_back(row, now=NOW).state == State.CONFIRMED


def test_cancelling_twice_is_cancelling_once(clinic):
    row = lifecycle.cancel(confirmed(), reason="patient", now=NOW)
    assert lifecycle.cancel(row, reason="clinic", now=NOW).cancelled_reason == "patient"
    assert held("2027-03-02 10:00").state == State.HELD


def test_a_move_that_is_not_allowed_is_refused_in_words(clinic):
    row = lifecycle.cancel(confirmed(), reason="patient", now=NOW)
    assert code_of(lambda: lifecycle.check_in(row, now=NOW)) == "wrong_state"


def test_a_reply_confirms_attendance_only_of_a_confirmed_visit(clinic):
    assert lifecycle.record_attendance(confirmed(), now=NOW).confirmed_by_patient_at == NOW
    assert code_of(lambda: lifecycle.record_attendance(pending(), now=NOW)) == "wrong_state"


def test_every_change_has_its_audit_row(clinic):
    row = confirmed()
    acts = set(Entry.objects.filter(subject=row.ref).values_list("action", flat=True))
    assert acts == {"appointment.hold", "appointment.reserve", "appointment.clearance", "appointment.confirm"}
    rows = Entry.objects.filter(subject=f"bookings_appointment:{row.pk}").order_by("id")
    assert [entry.action for entry in rows] == ["row.insert", "row.update", "row.update", "row.update"]


def test_groups_and_moves_fit_each_other():
    assert set(MOVES) == set(State)
    assert not MOVES[State.CANCELLED]
    assert set(State) - ACTIVE == {State.CANCELLED, State.LAPSED}
    assert Clearance.REVIEW not in CLEARED


# The waiting list's entries have states of their own.
OF_AN_ENTRY = ("row.state, row.changed_at = state, now", "row.state, row.patient, row.ended_at, row.changed_at =")


def test_only_the_lifecycle_assigns_a_state():
    root = Path(bookings.__file__).parent
    pattern = re.compile(r"\.state\s*(=|,.*=)[^=]|update\([^)]*\bstate=|setattr\([^)]*[\"']state")
    guilty = {
        path.relative_to(root.parent).as_posix()
        for path in [*root.rglob("*.py"), *root.parent.joinpath("consultations").rglob("*.py")]
        for line in path.read_text(encoding="utf-8").splitlines()
        if pattern.search(line) and "message" not in path.name and path.parent.name != "migrations"
        if not line.strip().startswith(OF_AN_ENTRY)
    }
    assert guilty == {"bookings/services/lifecycle.py"}
