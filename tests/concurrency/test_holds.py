"""Every path that takes time, all at once, at the services."""

import random
import time
from collections import Counter
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connection, connections

from bookings.models import Allocation, Appointment
from bookings.services import holds, lifecycle, moves
from bookings.states import State
from clinic.errors import DomainError
from tests.bookings.cast import NOW, at, confirmed, held, make_clinic, make_patient, plan, reserved

pytestmark = pytest.mark.django_db(transaction=True)
REFUSALS = {"slot_taken", "start_not_possible", "busy", "wrong_state", "hold_expired", "interval", "patient_busy"}


def outcome(call):
    """The call's refusal code, or "done", and how long it took."""
    begun = time.perf_counter()
    try:
        call()
        code = "done"
    except DomainError as refusal:
        code = refusal.code
    return code, time.perf_counter() - begun


def test_fifty_connections_on_one_time_sell_it_as_often_as_it_is_there(together, overlaps, orphans):
    make_clinic()
    wanted = plan("peel")
    start = at("2027-03-02 10:00")
    answers = together([lambda: outcome(lambda: holds.hold_slot(plan=wanted, start=start, now=NOW))] * 50)
    assert Counter(code for code, _ in answers) == {"done": 2, "slot_taken": 48}
    assert max(took for _, took in answers) < 5
    assert (overlaps(), orphans()) == (0, 0)


def test_overlapping_but_unequal_times(together, overlaps, orphans):
    make_clinic()
    dice = random.Random(7)
    plans = [plan("peel"), plan("pen"), plan("laser"), plan("consult")]

    def wish():
        wanted, minute = dice.choice(plans), dice.randrange(0, 480, 15)
        start = at("2027-03-02 09:00") + timedelta(minutes=minute)
        return lambda: outcome(lambda: holds.hold_slot(plan=wanted, start=start, now=NOW))

    answers = together([wish() for _ in range(60)])
    assert {code for code, _ in answers} <= REFUSALS | {"done"}
    assert (overlaps(), orphans()) == (0, 0)


def test_every_path_at_once(together, overlaps, orphans):
    """Holds, reservations, moves, cancellations and the sweep, on the same two days."""
    make_clinic()
    dice = random.Random(11)
    later = NOW + timedelta(minutes=11)  # the first holds are over by then
    rows = [held(f"2027-03-02 {hour:02}:00", "consult") for hour in (9, 10, 11, 14, 15)]
    rows += [confirmed(f"2027-03-03 {hour:02}:00", "consult") for hour in (9, 10, 11, 14, 15)]
    rows += [reserved(f"2027-03-04 {hour:02}:00", "consult") for hour in (9, 10, 11)]
    people = [make_patient(f"Person {n}") for n in range(6)]
    wanted = plan("consult")

    def start():
        return at(f"2027-03-0{dice.randrange(2, 5)} 09:00") + timedelta(minutes=dice.randrange(0, 480, 15))

    def wish():
        row, when, who = dice.choice(rows), start(), dice.choice(people)
        act = dice.choice(
            [
                lambda: holds.hold_slot(plan=wanted, start=when, now=later),
                lambda: lifecycle.reserve(row, patient=who, now=later),
                lambda: moves.move(row, start=when, now=later),
                lambda: moves.move(row, start=when, now=later),
                lambda: lifecycle.cancel(row, reason="patient", now=later),
                lambda: holds.lapse_due(now=later),
                lambda: holds.extend_hold(row, now=later),
            ]
        )
        return lambda: outcome(act)

    answers = together([wish() for _ in range(60)])
    assert {code for code, _ in answers} <= REFUSALS | {"done", "no_more_time"}
    assert (overlaps(), orphans()) == (0, 0)


def test_a_writer_that_does_not_queue_meets_the_constraint(overlaps):
    """Somebody with their own SQL, past the locks: the database refuses, and the service says so kindly."""
    clinic = make_clinic()
    held("2027-03-09 10:00", "consult", practitioner="deniz")
    really = holds.allocations_of

    def late(row, person):
        """Somebody takes the practitioner's time after the service has looked and before it writes."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO bookings_allocation (appointment_id, resource_id, during, active) "
                "SELECT id, %s, tstzrange(%s, %s), true FROM bookings_appointment WHERE id <> %s LIMIT 1",
                [clinic.ayse.pk, row.start, row.end, row.pk],
            )
        return really(row, person)

    with patch.object(holds, "allocations_of", late):
        code, _ = outcome(lambda: held("2027-03-02 10:00", "consult", practitioner="ayse"))
    assert code == "slot_taken"
    assert overlaps() == 0


@pytest.mark.parametrize("path", ["hold", "move", "reserve", "cancel"])
def test_killed_between_any_two_statements_leaves_nothing_half_done(path, orphans, overlaps):
    """The connection dies before statement 1, 2, 3 …; each time everything is as it was, and the next try succeeds."""
    make_clinic()
    row = confirmed("2027-03-05 10:00") if path in ("move", "cancel") else held("2027-03-05 10:00")
    patient, wanted = make_patient(), plan()
    acts = {
        "hold": lambda: holds.hold_slot(plan=wanted, start=at("2027-03-02 10:00"), now=NOW),
        "move": lambda: moves.move(row, start=at("2027-03-02 10:00"), now=NOW),
        "reserve": lambda: lifecycle.reserve(row, patient=patient, now=NOW),
        "cancel": lambda: lifecycle.cancel(row, reason="patient", now=NOW),
    }

    def picture():
        return sorted(Appointment.objects.values_list("pk", "state", "version")), sorted(
            Allocation.objects.values_list("appointment_id", "resource_id", "during", "active")
        )

    before, statement = picture(), 0
    while True:
        statement += 1
        if not _killed_before(statement, acts[path]):
            break
        assert picture() == before
        assert (orphans(), overlaps()) == (0, 0)
    assert statement > 3
    assert picture() != before
    assert (orphans(), overlaps()) == (0, 0)


def _killed_before(statement: int, act) -> bool:
    """Runs the act and cuts its connection, as a `kill -9` does, before the given statement. False: it came through."""
    seen = 0

    def cut(execute, sql, params, many, context):
        nonlocal seen
        seen += 1
        if seen == statement:
            connection.connection.close()
        return execute(sql, params, many, context)

    try:
        with connection.execute_wrapper(cut):
            act()
        return False
    except DomainError:
        raise
    except Exception:
        return True
    finally:
        connections.close_all()


def test_the_same_person_in_two_places_at_once(together, overlaps, orphans):
    make_clinic()
    patient = make_patient()
    rows = [held("2027-03-02 10:00", "consult") for _ in range(2)]

    def take(row):
        return lambda: outcome(lambda: lifecycle.reserve(row, patient=patient, now=NOW))

    answers = together([take(row) for row in rows])
    assert sorted(code for code, _ in answers) == ["done", "patient_busy"]
    assert (overlaps(), orphans()) == (0, 0)


def test_confirm_and_the_sweep_race_for_a_hold(together, orphans):
    make_clinic()
    row = held(patient=make_patient(), clearance="cleared")
    over = row.hold_expires_at
    just = over - timedelta(milliseconds=1)
    together([lambda: outcome(lambda: lifecycle.confirm(row, now=just)), lambda: holds.lapse_due(now=over)])
    row.refresh_from_db()
    assert row.state in (State.CONFIRMED, State.LAPSED)
    assert orphans() == 0
