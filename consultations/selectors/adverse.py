"""Adverse events as pages and services read them: by when, which are open, one with all that was reported and done."""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet
from django.utils import timezone

from bookings.models import Appointment, Closure, Location, OpeningHours
from bookings.notices import Counts
from clinic.audit.services import record
from clinic.errors import NotFound
from clinic.messaging import limits
from clinic.messaging.models import Urgency
from clinic.messaging.selectors import by_urgency
from clinic.people.access import Actor
from consultations.enquiring import answer_due
from consultations.models import AdverseEvent, AdverseEventEntry, Photo
from consultations.opening import Hours
from consultations.selectors.enquiries import photos_of
from treatments.models import Area

SHOWN = 200
KEPT = 5
"""Seconds for which a staff page's counts are remembered."""
CALL_WITHIN = {Urgency.EMERGENCY: dt.timedelta(minutes=30), Urgency.SAME_DAY: dt.timedelta(hours=2)}
"""By when somebody calls: our promise inside the same day."""


@dataclass(frozen=True)
class Clock:
    """When a location is open, for `opening.open_time`."""

    hours: Hours
    is_closed: Callable[[dt.date], bool]
    zone: str


@dataclass(frozen=True)
class Whole:
    """One event as a practitioner reads it."""

    event: AdverseEvent
    entries: list[AdverseEventEntry]
    zones: dict[str, Area]
    """Every area that an entry names, by slug."""
    photos: list[Photo]
    earlier: list[AdverseEvent]


def clock_of(location: Location | None) -> Clock:
    """Of this location; of the first open one where none is named. Two queries."""
    location = location or Location.objects.filter(active=True).first()
    if location is None:
        return Clock({}, lambda _day: False, settings.CLINIC_TIMEZONE)
    hours: dict[int, list[tuple[dt.time, dt.time]]] = {}
    for row in OpeningHours.objects.filter(location=location):
        hours.setdefault(row.weekday, []).append((row.opens, row.closes))
    closures = list(Closure.objects.filter(location=location).values_list("date_from", "date_to"))
    return Clock(hours, lambda day: any(first <= day <= last for first, last in closures), location.timezone)


def due_of(urgency: str, *, appointment: Appointment | None, now: dt.datetime) -> dt.datetime:
    """By when somebody has to have called: half an hour, two hours, or the end of the next working day."""
    if within := CALL_WITHIN.get(Urgency(urgency)):
        return now + within
    clock = clock_of(appointment.location if appointment else None)
    closing = {weekday: max(closes for _opens, closes in spans) for weekday, spans in clock.hours.items()}
    return answer_due(now, days=1, closing=closing, is_closed=clock.is_closed, zone=clock.zone)


def open_event_of(patient_id: uuid.UUID) -> AdverseEvent | None:
    return AdverseEvent.objects.filter(patient_id=patient_id, closed_at=None).first()


def queue(*, show: str = "open") -> list[AdverseEvent]:
    """Open ones: what nobody has looked at first, then by urgency, then by promise; or the closed ones, newest first."""
    rows = AdverseEvent.objects.select_related("patient", "taken_by", "appointment__modality", "appointment__location")
    if show == "closed":
        return list(rows.exclude(closed_at=None).order_by("-closed_at")[:SHOWN])
    rows = rows.filter(closed_at=None)
    seen = ExpressionWrapper(Q(unseen_since=None), output_field=BooleanField())
    return list(rows.order_by(seen, by_urgency(), "unseen_since", "due_at")[:SHOWN])


def whole(event_id: uuid.UUID, *, actor: Actor) -> Whole:
    """Reading it is written into the audit first. Raises NotFound."""
    rows: QuerySet[AdverseEvent] = AdverseEvent.objects.select_related(
        "patient",
        "taken_by",
        "appointment__modality",
        "appointment__location",
        "appointment__practitioner__practitioner",
    )
    event = rows.filter(pk=event_id).first()
    if event is None:
        raise NotFound
    record("event.read", subject=event.ref, actor=actor, fields=["entries"], purpose="care")
    earlier = event.patient.adverse_events.exclude(pk=event.pk).order_by("-opened_at")
    entries = list(event.entries.select_related("by"))
    named = {slug for entry in entries for slug in entry.content.get("zones", [])}
    zones = {area.slug: area for area in Area.objects.filter(slug__in=named)} if named else {}
    return Whole(event, entries, zones, photos_of(event.ref), list(earlier[:5]))


def get_event(event_id: uuid.UUID) -> AdverseEvent:
    """Raises NotFound."""
    event = AdverseEvent.objects.filter(pk=event_id).first()
    if event is None:
        raise NotFound
    return event


def local_day(moment: dt.datetime, event: AdverseEvent) -> dt.datetime:
    zone = event.appointment.location.timezone if event.appointment else settings.CLINIC_TIMEZONE
    return moment.astimezone(ZoneInfo(zone))


def counts() -> Counts:
    """How many are open, and how many nobody has looked at or called about in time. One query, no names."""
    late = Q(due_at__lt=timezone.now(), taken_by=None) | Q(unseen_since__isnull=False)
    found = AdverseEvent.objects.filter(closed_at=None).aggregate(waiting=Count("pk"), late=Count("pk", filter=late))
    return Counts(found["waiting"], found["late"])


def seen_counts() -> Counts:
    return limits.remembered("adverse_events", counts, fresh=None, seconds=KEPT)
