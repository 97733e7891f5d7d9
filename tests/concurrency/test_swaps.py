"""Somebody gives a visit back, confirms or moves it in the moment in which it is about to get another room."""

import threading

import pytest
from django.db import connection, connections, transaction

from bookings.services import lifecycle, moves
from bookings.states import State
from clinic.errors import DomainError
from tests.bookings.cast import NOW, at, held, make_clinic
from tests.bookings.test_swapping import crossed

pytestmark = pytest.mark.django_db(transaction=True)
ACTS = {
    "cancel": lambda row: lifecycle.cancel(row, reason="patient", now=NOW),
    "check in": lambda row: lifecycle.check_in(row, now=NOW),
    "reopen": lambda row: lifecycle.record_clearance(row, clearance="review", now=NOW),
}


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return cursor.fetchone()[0] > 0


@pytest.mark.parametrize("what", ACTS)
@pytest.mark.parametrize("whose", [0, 1])
def test_a_visit_that_changes_while_it_is_about_to_be_swapped(what, whose, overlaps, orphans):
    clinic = make_clinic()
    row = crossed(clinic)[whose]
    told = []

    def hold():
        try:
            told.append(held("2027-03-02 10:00", "consult", practitioner="deniz").state)
        except DomainError as refusal:
            told.append(refusal.code)
        except Exception as problem:
            told.append(problem)
        finally:
            connections.close_all()

    with transaction.atomic():
        ACTS[what](row)
        other = threading.Thread(target=hold)
        other.start()
        while other.is_alive() and not waits_for_a_lock():
            other.join(0.01)
    other.join()
    assert told == [State.HELD]
    assert (overlaps(), orphans()) == (0, 0)


def test_a_move_and_a_swap_of_the_same_visit(together, overlaps, orphans):
    clinic = make_clinic()
    early, late = crossed(clinic)

    def outcome(act):
        try:
            act()
        except DomainError as refusal:
            return refusal.code
        return "done"

    calls = [lambda: held("2027-03-02 10:00", "consult", practitioner="deniz")]
    calls += [lambda: moves.move(early, start=at("2027-03-02 14:00"), now=NOW)]
    calls += [lambda: moves.move(late, start=at("2027-03-02 11:30"), now=NOW)]
    assert together([lambda call=call: outcome(call) for call in calls]) == ["done"] * 3
    assert (overlaps(), orphans()) == (0, 0)
