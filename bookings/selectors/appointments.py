"""Appointments as pages and services read them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.links import appointment_id_of
from bookings.models import Appointment, Location, Resource
from bookings.states import State
from bookings.ticks import day_bounds
from clinic.errors import NotFound
from treatments.selectors import VisitPlan, consultation_id


def appointments() -> QuerySet[Appointment]:
    """With treatment, patient, place and areas; two queries. `with_resources` adds who and what."""
    rows = Appointment.objects.select_related("modality", "patient", "location").prefetch_related("areas")
    return rows.defer("modality__content")


def with_resources(rows: Iterable[Appointment]) -> list[Appointment]:
    """The same with practitioner, room and device filled in; one query: a join of nine tables plans for longer."""
    rows = list(rows)
    wanted = {one for row in rows for one in (row.practitioner_id, row.room_id, row.device_id) if one}
    found = Resource.objects.select_related("practitioner").in_bulk(wanted)
    for row in rows:
        row.practitioner = found[row.practitioner_id]
        row.room = found[row.room_id] if row.room_id else None
        row.device = found[row.device_id] if row.device_id else None
    return rows


def local_day(row: Appointment) -> date:
    """The day of the visit where it takes place."""
    return row.start.astimezone(ZoneInfo(row.location.timezone)).date()


def get_appointment(identifier: UUID | str) -> Appointment:
    """NotFound for an id that isn't there."""
    found = with_resources(appointments().filter(pk=identifier)[:1])
    if not found:
        raise NotFound(_("We can't find that booking."))
    return found[0]


def appointment_by_token(token: str, *, now: datetime | None = None) -> Appointment:
    """The appointment a manage link opens. NotFound, always in the same words, for any other token."""
    identifier = appointment_id_of(token, now=now)
    if identifier is None:
        raise NotFound(_("We can't find that booking."))
    return get_appointment(identifier)


def day_sheet(*, date: date, location: str | Location, practitioner: str | None = None) -> list[Appointment]:
    """Everything at a location on one of its local days, in order of time; live holds without a patient included."""
    where = location if isinstance(location, Location) else Location.objects.get(slug=location)
    start, end = (
        datetime.fromtimestamp(edge, tz=timezone.get_fixed_timezone(0)) for edge in day_bounds(where.timezone, date)
    )
    found = appointments().filter(location=where, start__gte=start - timedelta(days=1), start__lt=end, end__gt=start)
    if practitioner:
        found = found.filter(practitioner__slug=practitioner)
    return with_resources(found.exclude(state=State.LAPSED).order_by("start", "practitioner_id"))


def plan_of(appointment: Appointment) -> VisitPlan:
    """The visit as it was booked: its own lengths and price, whatever the catalogue says today."""
    talk_end = appointment.talk_end or appointment.start
    edges = (appointment.start, talk_end, appointment.treatment_start, appointment.treatment_end, appointment.end)
    talk, numbing, treatment, turnaround = (
        int((after - before).total_seconds()) // 60 for before, after in pairwise(edges)
    )
    return VisitPlan(
        modality=appointment.modality,
        areas=tuple(appointment.areas.all()),
        numbing=numbing,
        treatment=treatment,
        turnaround=turnaround,
        price=appointment.price,
        currency=appointment.currency,
        talk=talk,
        talk_id=consultation_id() if talk else None,
        video=appointment.by_video,
    )
