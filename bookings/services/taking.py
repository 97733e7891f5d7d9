"""How an appointment takes its resources: for which time each, and how long a hold keeps them."""

from datetime import datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bookings.availability import Assignment
from bookings.models import Allocation, Appointment, Resource
from bookings.selectors.free_times import need_of
from bookings.states import State
from bookings.ticks import TICK
from clinic.people.models import Patient
from treatments.selectors import VisitPlan

HOLD = timedelta(minutes=10)
EXTENSIONS = 3
FORM_DUE, FORM_DUE_SOON, SOON = timedelta(hours=24), timedelta(hours=2), timedelta(hours=48)
FORM_DUE_LEAST = timedelta(minutes=30)  # for somebody whom the desk books in at once
FORM_BEFORE_SESSION = timedelta(hours=24)  # the second and further sessions of a course


def times_of(plan: VisitPlan, start: datetime) -> dict[str, datetime]:
    need = need_of(plan)
    begins = need.talk + need.numbing
    ticks = (0, begins, begins + need.treatment, need.total)
    names = ("start", "treatment_start", "treatment_end", "end")
    times = {name: start + timedelta(seconds=tick * TICK) for name, tick in zip(names, ticks, strict=True)}
    return times | {"talk_end": start + timedelta(seconds=need.talk * TICK) if need.talk else None}


def resources_of(chosen: Assignment) -> dict[str, int | None]:
    return {
        "by_video": chosen.room is None,
        "room_id": chosen.room,
        "practitioner_id": chosen.practitioner,
        "device_id": chosen.device,
    }


def form_due(start: datetime, *, now: datetime) -> datetime:
    """When the health form must be finished: in 24 hours, in 2 when the visit is within 48, before it begins.

    Half an hour is left in any case: the desk may book somebody in for now, and numbing comes first.
    """
    usual = min(now + (FORM_DUE_SOON if start - now <= SOON else FORM_DUE), start)
    return max(usual, now + FORM_DUE_LEAST)


def later_form_due(start: datetime, *, now: datetime) -> datetime:
    """When the form of a course's second or further session must be finished: a day before it, not months before."""
    return max(start - FORM_BEFORE_SESSION, form_due(start, now=now))


def allocations_of(row: Appointment, patient_resource: int | None) -> list[Allocation]:
    """What the appointment takes, each resource for the time it is needed; not yet written."""
    treatment = DateTimeTZRange(row.treatment_start, row.treatment_end)
    wanted = [
        (row.room_id, DateTimeTZRange(row.start, row.end)),
        (row.practitioner_id, treatment),
        (row.device_id, treatment),
        (patient_resource, patient_time(row)),
    ]
    if row.talk_end:
        wanted.append((row.practitioner_id, DateTimeTZRange(row.start, row.talk_end)))
    until = row.hold_expires_at if row.state == State.HELD else None
    return [
        Allocation(appointment=row, resource_id=resource, during=span, expires_at=until)
        for resource, span in wanted
        if resource is not None
    ]


def patient_time(row: Appointment) -> DateTimeTZRange:
    return DateTimeTZRange(row.start, row.treatment_end)


def resource_of(patient: Patient) -> int:
    """The row that keeps one person from being in two visits at once."""
    found = Resource.objects.filter(patient=patient).values_list("pk", flat=True).first()
    if found is None:
        Resource.objects.bulk_create([Resource(kind=Resource.Kind.PATIENT, patient=patient)], ignore_conflicts=True)
        found = Resource.objects.values_list("pk", flat=True).get(patient=patient)
    return found
