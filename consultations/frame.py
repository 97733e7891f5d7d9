"""What the rules need to know of a visit besides the answers: its areas, and which day it is where it takes place."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils import timezone

from bookings.models import Appointment
from consultations.models import Submission


def areas_of(appointment: Appointment) -> dict[str, str]:
    """Slug → group (face, body or scalp) of the areas booked."""
    return {area.slug: area.group for area in appointment.areas.order_by("order")}


def zone_of(appointment: Appointment) -> ZoneInfo:
    return ZoneInfo(appointment.location.timezone)


def today_of(appointment: Appointment, now: dt.datetime | None = None) -> dt.date:
    """The day at the clinic."""
    return (now or timezone.now()).astimezone(zone_of(appointment)).date()


def days_of(submission: Submission, zone: ZoneInfo) -> dict[str, dt.date]:
    """Question → the local day on which it was answered."""
    sent = submission.submitted_at.astimezone(zone).date()
    return {line["id"]: dt.date.fromisoformat(line["on"]) if line.get("on") else sent for line in submission.as_asked}
