"""What the front desk reads: a day, a week, one visit, patients with their next visit. Nothing about health.

Desk and owner see the whole diary; a practitioner sees the visits that are theirs.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from bookings.models import Absence, Appointment, Closure, Location, OpeningHours, Resource, WorkingHours
from bookings.states import AHEAD, State
from bookings.ticks import WeeklyHours, closes_at, day_bounds
from clinic.crypto.search import blind_index
from clinic.errors import NotFound
from clinic.people.access import PRACTITIONER, Actor
from clinic.people.models import Patient
from clinic.people.names import fold
from treatments.models import Area

HERE = frozenset({State.ARRIVED, State.IN_TREATMENT, State.DONE})
COMING = AHEAD | {State.ARRIVED, State.IN_TREATMENT}


@dataclass(frozen=True)
class Diary:
    """One resource on the day. `hours` is None for a room or device that is there whenever the location is open."""

    resource: Resource
    hours: tuple[WeeklyHours, ...] | None
    absences: tuple[Absence, ...]


@dataclass(frozen=True)
class DayFacts:
    day: dt.date
    location: Location
    locations: tuple[Location, ...]
    opening: tuple[WeeklyHours, ...]
    closure: Closure | None
    diaries: tuple[Diary, ...]
    appointments: tuple[Appointment, ...]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.location.timezone)


def visits(actor: Actor) -> QuerySet[Appointment]:
    """Visits this person may see, with everything a row shows but the catalogue's long texts."""
    rows = Appointment.objects.select_related(
        "modality", "patient", "location", "practitioner__practitioner", "room", "device"
    ).defer("modality__content", "modality__summary")
    rows = rows.prefetch_related(Prefetch("areas", Area.objects.order_by("order", "slug")))
    if actor.kind == PRACTITIONER:
        rows = rows.filter(practitioner__practitioner__user=actor.user)
    return rows


def get_visit(appointment_id: uuid.UUID, *, actor: Actor) -> Appointment:
    """One visit; somebody else's and an unknown one are refused alike."""
    found = visits(actor).filter(pk=appointment_id).first()
    if found is None:
        raise NotFound
    return found


def pick_location(slug: str = "") -> tuple[Location, tuple[Location, ...]]:
    """The asked location, else the first, and all that are in use. NotFound without any."""
    everywhere = tuple(Location.objects.filter(active=True))
    chosen = next((one for one in everywhere if one.slug == slug), everywhere[0] if everywhere else None)
    if chosen is None:
        raise NotFound
    return chosen, everywhere


def load_day(
    *,
    day: dt.date,
    actor: Actor,
    location: str = "",
    everything: bool = False,
    cancelled: bool = False,
    now: dt.datetime | None = None,
) -> DayFacts:
    """A local day at one location in a fixed number of queries.

    `everything` adds rooms and devices to the practitioners; `cancelled` shows what was called off.
    """
    here, everywhere = pick_location(location)
    start, end = (dt.datetime.fromtimestamp(edge, dt.UTC) for edge in day_bounds(here.timezone, day))
    kinds = [Resource.Kind.PRACTITIONER, Resource.Kind.ROOM, Resource.Kind.DEVICE][: 3 if everything else 1]
    found = list(
        Resource.objects.filter(Q(location=here) | Q(location=None), kind__in=kinds, active=True).select_related(
            "practitioner"
        )
    )
    if actor.kind == PRACTITIONER:
        mine = actor.user.pk
        found = [one for one in found if one.kind != Resource.Kind.PRACTITIONER or one.practitioner.user_id == mine]
    found.sort(key=lambda one: (kinds.index(one.kind), one.pk))
    return DayFacts(
        day=day,
        location=here,
        locations=everywhere,
        opening=_weekly(OpeningHours.objects.filter(location=here), "opens", "closes"),
        closure=Closure.objects.filter(location=here, date_from__lte=day, date_to__gte=day).first(),
        diaries=_diaries(found, start, end),
        appointments=tuple(_between(start, end, actor=actor, cancelled=cancelled, now=now).filter(location=here)),
    )


def load_week(*, first: dt.date, resource: Resource, actor: Actor, zone: str, now: dt.datetime | None = None) -> dict:
    """Visits of one practitioner by local date for seven days from `first`. Two queries."""
    start = dt.datetime.fromtimestamp(closes_at(zone, first, 0), dt.UTC)
    end = dt.datetime.fromtimestamp(closes_at(zone, first + dt.timedelta(days=7), 0), dt.UTC)
    days: dict[dt.date, list[Appointment]] = {first + dt.timedelta(days=n): [] for n in range(7)}
    for visit in _between(start, end, actor=actor, cancelled=False, now=now).filter(practitioner=resource):
        days[visit.start.astimezone(ZoneInfo(zone)).date()].append(visit)
    return days


def next_visits(patient_ids: Iterable[uuid.UUID], *, now: dt.datetime | None = None) -> dict[uuid.UUID, Appointment]:
    """The next visit of each patient who has one. One query."""
    rows = Appointment.objects.filter(
        patient_id__in=list(patient_ids), state__in=COMING, end__gt=now or timezone.now()
    ).select_related("location")
    rows = rows.order_by("patient_id", "start").distinct("patient_id")
    return {visit.patient_id: visit for visit in rows}


def treated_by(actor: Actor, patient_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the patients whose page this person may open: for a practitioner, whom they treat or treated."""
    wanted = set(patient_ids)
    if actor.kind != PRACTITIONER:
        return wanted
    rows = Appointment.objects.filter(patient_id__in=wanted, practitioner__practitioner__user=actor.user)
    return set(rows.values_list("patient_id", flat=True))


def get_patient(patient_id: uuid.UUID, *, actor: Actor) -> Patient:
    patient = Patient.objects.filter(pk=patient_id).first()
    if patient is None or patient.pk not in treated_by(actor, [patient.pk]):
        raise NotFound
    return patient


def possible_duplicates(*, name: str, phone: str) -> list[Patient]:
    """Patients with this phone (E.164) or exactly this name, accents folded; at most five. One query."""
    same = Q(name_search=fold(name))
    if phone:
        same |= Q(phone_index=blind_index("phone", phone))
    return list(Patient.objects.filter(same).order_by("name_search", "id")[:5])


def practitioners(*, actor: Actor) -> list[Resource]:
    """Practitioners in whose diary this person may book."""
    rows = Resource.objects.filter(kind=Resource.Kind.PRACTITIONER, active=True).select_related("practitioner")
    if actor.kind == PRACTITIONER:
        rows = rows.filter(practitioner__user=actor.user)
    return list(rows.order_by("pk"))


def _between(
    start: dt.datetime, end: dt.datetime, *, actor: Actor, cancelled: bool, now: dt.datetime | None
) -> QuerySet[Appointment]:
    rows = visits(actor).filter(start__gte=start, start__lt=end).exclude(state=State.LAPSED)
    rows = rows.exclude(state=State.HELD, hold_expires_at__lte=now or timezone.now())
    if not cancelled:
        rows = rows.exclude(state=State.CANCELLED)
    return rows.order_by("start", "created_at")


def _weekly(rows: QuerySet, starts: str, ends: str) -> tuple[WeeklyHours, ...]:
    return tuple(
        (weekday, _minutes(first), _minutes(last), None, None)
        for weekday, first, last in rows.values_list("weekday", starts, ends)
    )


def _minutes(moment: dt.time) -> int:
    return moment.hour * 60 + moment.minute


def _diaries(resources: list[Resource], start: dt.datetime, end: dt.datetime) -> tuple[Diary, ...]:
    hours: dict[int, list[WeeklyHours]] = {}
    for row in WorkingHours.objects.filter(resource__in=resources):
        span = (row.weekday, _minutes(row.starts), _minutes(row.ends), row.valid_from, row.valid_to)
        hours.setdefault(row.resource_id, []).append(span)
    away: dict[int, list[Absence]] = {}
    for absence in Absence.objects.filter(resource__in=resources, starts_at__lt=end, ends_at__gt=start):
        away.setdefault(absence.resource_id, []).append(absence)
    return tuple(
        Diary(
            one,
            tuple(hours[one.pk]) if one.pk in hours else (() if one.kind == Resource.Kind.PRACTITIONER else None),
            tuple(away.get(one.pk, ())),
        )
        for one in resources
    )
