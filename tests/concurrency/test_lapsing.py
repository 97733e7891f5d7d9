"""Around the real end of a hold, by PostgreSQL's own clock: its owner and others press within the same milliseconds."""

import random
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from bookings.clock import database_now
from bookings.models import Allocation
from bookings.selectors import free_starts
from bookings.services import holds, lifecycle
from clinic.errors import DomainError
from tests.bookings.cast import make_clinic, make_patient, plan
from tests.concurrency.test_every_path import as_the_audit_says

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS, AHEAD = 6, 0.5


def at_once(moment, act):
    """Runs when the database's clock, known from its distance to ours, has come this far."""
    left = moment - time.monotonic()
    if left > 0:
        time.sleep(left)
    try:
        act()
    except DomainError as refusal:
        return refusal.code
    return "yes"


@pytest.mark.parametrize("what", ["confirm", "reserve", "extend"])
def test_whoever_is_told_yes_has_it(what, together, overlaps, orphans):
    clinic = make_clinic(days=range(7))
    for weekday in range(7):
        clinic.ayse.working_hours.create(weekday=weekday, starts="09:00", ends="18:00")
    dice, wanted = random.Random(5), plan("consult")
    day = timezone.now().astimezone().date() + timedelta(days=3)
    starts = free_starts(plan=wanted, first=day, last=day + timedelta(days=20), practitioner="ayse").starts[::5]
    for start in starts[:ROUNDS]:
        patient = make_patient()
        row = holds.hold_slot(plan=wanted, start=start, practitioner="ayse", patient=patient, clearance="cleared")
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE bookings_appointment SET hold_expires_at = clock_timestamp() + %s WHERE id = %s",
                [timedelta(seconds=AHEAD), row.pk],
            )
        row.refresh_from_db()
        end = time.monotonic() + (row.hold_expires_at - database_now()).total_seconds()
        mine = {
            "confirm": lambda row=row: lifecycle.confirm(row),
            "reserve": lambda row=row, who=patient: lifecycle.reserve(row, patient=who),
            "extend": lambda row=row: holds.extend_hold(row),
        }[what]
        theirs = lambda start=start: holds.hold_slot(plan=wanted, start=start, practitioner="ayse")  # noqa: E731
        near = [end + dice.uniform(-0.02, 0.02) for _ in range(6)]
        acts = [mine, theirs, theirs, mine, theirs, holds.lapse_due]
        told = together(
            [lambda one=one, moment=moment: at_once(moment, one) for one, moment in zip(acts, near, strict=True)]
        )
        row.refresh_from_db()
        owners = Allocation.objects.filter(resource=clinic.ayse, active=True, during__startswith=start)
        mine_too, others = [told[0], told[3]], [told[1], told[2], told[4]]
        assert set(told) <= {"yes", "hold_expired", "slot_taken", "wrong_state", "busy"}, told
        assert others.count("yes") + ("yes" in mine_too) <= 1, told
        if "yes" in mine_too + others:
            assert (owners.get().appointment_id == row.pk) == ("yes" in mine_too), told
        assert (overlaps(), orphans()) == (0, 0)
        as_the_audit_says(row)
