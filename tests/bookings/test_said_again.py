"""A visit that comes back to where it has been says so again; the same step is never told twice."""

from datetime import timedelta

import pytest

from bookings import messages
from bookings.services import holds, lifecycle
from bookings.states import Clearance, State
from clinic.messaging.models import Message
from tests.bookings.cast import NOW, confirmed, reserved

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def told(row) -> list[str]:
    """What went out, in the order it was due."""
    waiting = Message.objects.filter(ref=row.ref, state="pending", due_at__lte=NOW + 90 * HOUR)
    waiting.update(state="delivered")
    sent = Message.objects.filter(ref=row.ref, state="delivered").order_by("due_at", "created_at")
    return list(sent.values_list("kind", flat=True))


def test_confirmed_again_after_a_practitioner_looked_is_told_again(clinic):
    row = confirmed("2027-04-01 10:00")
    assert told(row) == ["booking_confirmed"]
    for hours in (24, 48):
        lifecycle.record_clearance(row, clearance=Clearance.REVIEW, now=NOW + hours * HOUR)
        told(row)
        lifecycle.record_clearance(row, clearance=Clearance.APPROVED, decided=True, now=NOW + (hours + 2) * HOUR)
        row = lifecycle.confirm(row, now=NOW + (hours + 2) * HOUR)
        assert row.state == State.CONFIRMED
        messages.reconcile(row, now=NOW + (hours + 3) * HOUR)
        told(row)
    assert told(row) == ["booking_confirmed", *["booking_received", "booking_confirmed"] * 2]


def test_an_arrival_taken_back_says_nothing(clinic):
    row = confirmed("2027-03-02 10:00")
    before = told(row)
    row = lifecycle.check_in(row, now=row.start - HOUR / 2)
    row = lifecycle.step_back(row, now=row.start - HOUR / 3)
    assert row.state == State.CONFIRMED
    assert told(row) == before


def test_a_time_that_is_let_go_a_second_time_is_told_a_second_time(clinic):
    row = reserved("2027-03-10 10:00")
    for number in (1, 2):
        late = row.form_due_at + number * HOUR
        assert holds.lapse_due(now=late) == 1
        row.refresh_from_db()
        assert told(row).count("hold_released") == number
        row = lifecycle.reserve(row, patient=row.patient, now=late)
