from datetime import timedelta

import pytest

from bookings.models import Allocation
from bookings.services import lifecycle, moves
from bookings.states import State
from clinic.errors import DomainError
from clinic.messaging.models import Message
from clinic.people.models import Link
from tests.bookings.cast import NOW, at, confirmed, held, pending, reserved

pytestmark = pytest.mark.django_db


def refusal(call) -> DomainError:
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value


def test_a_move_takes_the_new_time_and_frees_the_old(clinic):
    row = confirmed("2027-03-02 10:00", practitioner="deniz")
    moved = moves.move(row, start=at("2027-03-03 14:00"), now=NOW)
    assert (moved.start, moved.version, moved.state) == (at("2027-03-03 14:00"), 2, State.CONFIRMED)
    assert moved.practitioner == row.practitioner
    assert moved.allocations.count() == 4
    assert held("2027-03-02 10:00").state == State.HELD


def test_a_move_may_overlap_its_own_old_time(clinic):
    assert moves.move(confirmed("2027-03-02 10:00"), start=at("2027-03-02 10:15"), now=NOW).version == 2


def test_a_refused_move_changes_nothing(clinic):
    row = confirmed("2027-03-02 10:00")
    held("2027-03-03 10:00")
    error = refusal(lambda: moves.move(row, start=at("2027-03-03 10:00"), now=NOW))
    assert error.code == "slot_taken"
    assert error.extra["nearest"]
    row.refresh_from_db()
    assert (row.version, row.start) == (1, at("2027-03-02 10:00"))
    assert row.allocations.filter(active=True).count() == 4


def test_a_failure_between_two_statements_leaves_everything_as_it_was(clinic, monkeypatch):
    row = confirmed("2027-03-02 10:00")
    before = sorted(Allocation.objects.values_list("pk", flat=True))
    monkeypatch.setattr(moves, "record", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        moves.move(row, start=at("2027-03-03 10:00"), now=NOW)
    assert sorted(Allocation.objects.values_list("pk", flat=True)) == before


def test_a_move_keeps_its_dates_and_intervals(clinic, patient):
    first = confirmed("2027-03-02 10:00", patient=patient)
    second = confirmed("2027-04-02 10:00", patient=patient)
    error = refusal(lambda: moves.move(second, start=at("2027-03-29 10:00"), now=NOW))
    assert [one["code"] for one in error.extra["reasons"]] == ["interval"]
    error = refusal(lambda: moves.move(first, start=at("2027-03-06 10:00"), now=NOW))
    assert [one["code"] for one in error.extra["reasons"]] == ["interval"]
    assert moves.move(first, start=at("2027-03-05 10:00"), now=NOW).version == 2


def test_staff_move_to_a_named_practitioner(clinic):
    row = confirmed("2027-03-02 10:00", practitioner="ayse")
    moved = moves.move(row, start=row.start, practitioner="deniz", staff=True, now=NOW)
    assert moved.practitioner_id == clinic.deniz.pk


def test_what_has_begun_or_ended_is_not_moved(clinic):
    row = lifecycle.check_in(confirmed("2027-03-02 10:00"), now=NOW)
    assert refusal(lambda: moves.move(row, start=at("2027-03-03 10:00"), now=NOW)).code == "wrong_state"


def test_an_old_button_does_not_move(clinic):
    row = moves.move(confirmed("2027-03-02 10:00"), start=at("2027-03-03 10:00"), version=1, now=NOW)
    error = refusal(lambda: moves.move(row, start=at("2027-03-04 10:00"), version=1, now=NOW))
    assert error.code == "version_stale"


def test_deadlines_and_the_link_move_along(clinic):
    row = pending("2027-03-08 10:00")
    moved = moves.move(row, start=at("2027-03-10 10:00"), now=NOW)
    assert Link.objects.get(subject=row.ref).expires_at == moved.end + timedelta(hours=24)
    form = reserved("2027-03-12 10:00")
    soon = moves.move(form, start=at("2027-03-02 14:00"), now=NOW)
    assert soon.form_due_at == NOW + timedelta(hours=2)


def test_pending_messages_of_the_old_time_are_cancelled(clinic):
    row = moves.move(confirmed("2027-03-20 10:00"), start=at("2027-03-25 10:00"), now=NOW)
    states = {(one.version, one.state) for one in Message.objects.filter(ref=row.ref)}
    assert states == {(1, "cancelled"), (2, "pending")}
    assert Message.objects.filter(ref=row.ref, version=2, kind="moved").count() == 1
