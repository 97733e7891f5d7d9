"""Visits that are near and still wait for a practitioner."""

import datetime as dt

from django.db.models import QuerySet

from bookings.models import Appointment
from bookings.states import State

NEAR = dt.timedelta(hours=24)


def near_and_unreviewed(*, now: dt.datetime) -> QuerySet[Appointment]:
    """Within 24 hours, or begun and not over, soonest first."""
    rows = Appointment.objects.filter(state=State.PENDING_REVIEW, start__lte=now + NEAR, treatment_end__gt=now)
    return rows.select_related("patient", "location").order_by("start")
