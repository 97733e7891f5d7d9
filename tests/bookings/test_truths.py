"""What the database refuses whatever the code does: raw SQL only."""

import itertools

import pytest
from django.db import IntegrityError, connection, transaction

from bookings.states import ACTIVE, CLEARED, CONFIRMED_GROUP, MOVES, Clearance, State
from tests.bookings.cast import confirmed, held, make_patient, pending, reserved

pytestmark = pytest.mark.django_db


def run(sql: str, *values) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def refused(sql: str, *values) -> str:
    with pytest.raises(IntegrityError) as caught:
        run(sql, *values)
    return caught.value.__cause__.diag.constraint_name


def test_no_two_active_allocations_of_a_resource_overlap(clinic):
    row = held()
    name = refused(
        "INSERT INTO bookings_allocation (appointment_id, resource_id, during, active) "
        "SELECT gen_random_uuid(), resource_id, tstzrange(upper(during) - interval '1 minute', "
        "upper(during) + interval '1 hour'), true FROM bookings_allocation WHERE appointment_id = %s LIMIT 1",
        row.pk,
    )
    assert name == "allocation_no_overlap"


def test_half_open_times_may_touch(clinic):
    held("2027-03-02 10:00", "peel", practitioner="ayse")
    held("2027-03-02 10:30", "peel", practitioner="ayse")  # the other room; the practitioner goes from one to the other


ON_THE_WAY = {
    State.CONFIRMED: [],
    State.ARRIVED: ["arrived"],
    State.IN_TREATMENT: ["arrived", "in_treatment"],
    State.DONE: ["arrived", "in_treatment", "done"],
    State.NO_SHOW: ["no_show"],
}


@pytest.mark.parametrize("state", sorted(CONFIRMED_GROUP))
def test_nobody_uncleared_is_in_the_confirmed_group(clinic, state):
    row = confirmed()
    for step in ON_THE_WAY[state]:
        run("UPDATE bookings_appointment SET state = %s WHERE id = %s", step, row.pk)
    for clearance in set(Clearance) - CLEARED:
        name = refused("UPDATE bookings_appointment SET clearance = %s WHERE id = %s", clearance, row.pk)
        assert name == "appointment_confirmed_is_cleared"


def test_a_pending_one_cannot_be_confirmed_by_hand(clinic):
    name = refused("UPDATE bookings_appointment SET state = 'confirmed' WHERE id = %s", pending().pk)
    assert name == "appointment_confirmed_is_cleared"


def test_a_hold_needs_an_end_a_reservation_a_due_form_and_a_person(clinic):
    row = reserved()
    assert (
        refused("UPDATE bookings_appointment SET form_due_at = NULL WHERE id = %s", row.pk) == "appointment_form_is_due"
    )
    assert (
        refused("UPDATE bookings_appointment SET patient_id = NULL WHERE id = %s", row.pk)
        == "appointment_has_a_patient"
    )
    other = held("2027-03-03 10:00")
    name = refused("UPDATE bookings_appointment SET hold_expires_at = NULL WHERE id = %s", other.pk)
    assert name == "appointment_hold_ends"


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM bookings_allocation WHERE appointment_id = %s AND resource_id = (SELECT min(resource_id) "
        "FROM bookings_allocation)",
        "UPDATE bookings_allocation SET active = false WHERE appointment_id = %s",
        "UPDATE bookings_allocation SET during = tstzrange(lower(during), upper(during) - interval '5 minutes') "
        "WHERE appointment_id = %s",
        "UPDATE bookings_appointment SET starts_at = starts_at - interval '5 minutes' WHERE id = %s",
        "UPDATE bookings_appointment SET room_id = practitioner_id, practitioner_id = room_id WHERE id = %s",
    ],
)
def test_an_active_visit_has_exactly_what_its_phases_need(clinic, change):
    assert refused(change, confirmed().pk) == "appointment_has_its_resources"


def test_a_visit_inserted_without_resources_is_refused(clinic):
    row = confirmed()
    name = refused(
        "INSERT INTO bookings_appointment SELECT (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), "
        "'reference', 'ND-XXXXXX'))).* FROM bookings_appointment a WHERE id = %s",
        row.pk,
    )
    assert name == "appointment_has_its_resources"


def test_cancelling_by_hand_frees_the_time_too(clinic):
    row = confirmed()
    run("UPDATE bookings_appointment SET state = 'cancelled', cancelled_reason = 'clinic' WHERE id = %s", row.pk)
    assert not row.allocations.filter(active=True).exists()


def test_the_database_knows_the_same_moves(clinic):
    rows = {State.HELD: held("2027-03-02 10:00", patient=make_patient(), clearance=Clearance.CLEARED)}
    row = rows[State.HELD]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('bookings_appointment_moves'::regproc)")
        source = cursor.fetchone()[0]
    for before, after in itertools.permutations(State, 2):
        assert (f"'{before}>{after}'" in source) == (after in MOVES[before]), (before, after)
    assert refused("UPDATE bookings_appointment SET state = 'done' WHERE id = %s", row.pk) == "appointment_moves"


def test_the_database_knows_the_same_active_states(db):
    with connection.cursor() as cursor:
        for state in State:
            cursor.execute("SELECT bookings_is_active(%s)", [state.value])
            assert cursor.fetchone()[0] == (state in ACTIVE)
