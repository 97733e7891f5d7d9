"""Rooms and devices given to other visits when a hold needs it."""

from datetime import UTC, datetime, timedelta

import pytest

from bookings.models import Allocation, Appointment, Room
from bookings.selectors import free_starts, why_not
from bookings.services import holds
from clinic.audit.models import Entry
from tests.bookings.cast import NOW, at, confirmed, held, make_practitioner, make_room, plan

pytestmark = pytest.mark.django_db


def crossed(clinic):
    """Both rooms are taken for half of 10:00 to 11:15, one early, one late; the visits could share one."""
    early = confirmed("2027-03-02 09:30", "peel", practitioner="ayse")
    late = confirmed("2027-03-02 10:30", "peel", practitioner="ayse")
    if early.room_id == late.room_id:
        other = clinic.room2 if late.room_id == clinic.room1.pk else clinic.room1
        Appointment.objects.filter(pk=late.pk).update(room=other)
        Allocation.objects.filter(appointment=late, resource_id=late.room_id).update(resource=other)
    return early, late


def test_a_time_that_a_swap_makes_possible_is_offered_and_held(clinic):
    early, late = crossed(clinic)
    wish = {"plan": plan("consult"), "practitioner": "deniz", "now": NOW}
    wanted = at("2027-03-02 10:00")
    assert wanted in free_starts(first=wanted.date(), last=wanted.date(), **wish).starts
    assert why_not(start=wanted, **wish) == []
    row = held("2027-03-02 10:00", "consult", practitioner="deniz")
    early.refresh_from_db(), late.refresh_from_db()
    assert early.room_id == late.room_id != row.room_id
    assert Entry.objects.filter(action="appointment.swap").count() == 1
    assert [one.practitioner_id for one in (early, late)] == [clinic.ayse.pk] * 2


def test_another_treatments_room_is_no_twin(clinic):
    """A room that suits less cannot take the other's visits, so nothing is swapped and nothing promised."""
    early, late = crossed(clinic)
    Room.objects.get(resource_id=late.room_id).suits.remove(clinic.laser)
    [why] = why_not(plan=plan("consult"), start=at("2027-03-02 10:00"), practitioner="deniz", now=NOW)
    assert why.code == "room_taken"


def test_nearer_than_two_hours_nobody_is_moved(clinic):
    crossed(clinic)
    soon = at("2027-03-02 08:00").astimezone(UTC)
    wish = {"plan": plan("consult"), "practitioner": "deniz", "staff": True}
    assert why_not(start=at("2027-03-02 10:00"), now=soon, **wish) == []
    almost = why_not(start=at("2027-03-02 10:00"), now=soon + timedelta(minutes=31), **wish)
    assert [one.code for one in almost] == ["room_taken"]


def test_everything_offered_can_be_held(clinic):
    """A crowded day with three rooms: each start that is offered is really held, swap or no swap."""
    everything = [clinic.pen, clinic.peel, clinic.laser, clinic.consult]
    make_room("room-3", clinic.location, everything)
    make_practitioner("can", clinic.location, everything)
    for start, modality in (
        ("09:00", "pen"), ("09:15", "peel"), ("10:00", "peel"), ("10:45", "consult"), ("11:15", "peel"),
        ("12:00", "peel"), ("14:00", "pen"), ("14:30", "peel"), ("15:30", "peel"), ("16:15", "consult"),
    ):  # fmt: skip
        held(f"2027-03-02 {start}", modality)
    day = at("2027-03-02 09:00").date()
    now = datetime(2027, 3, 1, 6, 1, tzinfo=UTC)
    starts = free_starts(plan=plan("peel"), first=day, last=day, now=now).starts
    assert len(starts) > 5
    for start in starts:
        row = holds.hold_slot(plan=plan("peel"), start=start, now=now)
        holds.release_hold(row, now=now)
