"""A visit as a calendar file. It names the clinic, never the treatment: calendars are shared and shown on screens."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override
from icalendar import Alarm, Calendar, Event

from bookings.models import Appointment
from bookings.states import State


def _place(appointment: Appointment) -> str:
    """By video no address, and not the call's either: a calendar is shared, and the link would open for anybody."""
    if appointment.by_video:
        return _("By video")
    return f"{appointment.location.name}, {appointment.location.address}"


def calendar_file(appointment: Appointment, *, url: str = "", now: datetime | None = None) -> bytes:
    """iCalendar bytes (RFC 5545). Importing it again after a move or cancel replaces the entry."""
    with override(appointment.language):
        event = Event()
        event.add("uid", f"{appointment.pk}@needlepoint")
        event.add("sequence", appointment.version)
        event.add("dtstamp", now or datetime.now(UTC))
        event.add("dtstart", appointment.start)
        event.add("dtend", appointment.treatment_end)
        event.add("summary", _("Appointment at %(clinic)s") % {"clinic": settings.CLINIC_NAME})
        event.add("location", _place(appointment))
        event.add("description", _("Reference %(reference)s") % {"reference": appointment.reference})
        event.add("status", "CANCELLED" if appointment.state == State.CANCELLED else "CONFIRMED")
        event.add("class", "PRIVATE")
        if url:
            event.add("url", url)
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", timedelta(hours=-2))
        alarm.add("description", event["summary"])
        event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//Needlepoint//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if appointment.state == State.CANCELLED else "PUBLISH")
    calendar.add_component(event)
    return calendar.to_ical()
