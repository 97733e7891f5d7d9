"""A person's other visits are looked at when what is said of one of them counts for all."""

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db.models import Q

from bookings.models import Appointment
from bookings.services import lifecycle, moves
from bookings.states import CLEARED, Clearance
from clinic.audit.services import record
from clinic.people.access import Actor
from consultations.selectors.elsewhere import doubts
from consultations.standing import HEARS_CHANGES


def locked_with_others(identifier: uuid.UUID) -> tuple[Appointment, list[Appointment]]:
    """The visit, and its person's other ones that are still to come. All locked in one order, so that two forms of one
    person sent at once wait for each other."""
    mine = Q(pk=identifier)
    [patient] = Appointment.objects.filter(pk=identifier).values_list("patient", flat=True)
    if patient:
        mine |= Q(patient=patient, state__in=HEARS_CHANGES)
    rows = {row.pk: row for row in lifecycle.for_update().filter(mine).order_by("pk")}
    return rows.pop(identifier), list(rows.values())


def look_again(visits: Iterable[Appointment], *, actor: Actor | None, now: dt.datetime) -> None:
    """Those that were cleared and are in doubt now wait for a practitioner. The caller holds their locks."""
    for row in visits:
        if row.clearance in CLEARED and doubts(row):
            first = row.bookable_from
            lifecycle.record_clearance(row, clearance=Clearance.REVIEW, bookable_from=first, actor=actor, now=now)
            record("intake.doubted", subject=row.ref, actor=actor)


def register() -> None:
    """A practitioner's "not before April" says nothing against a visit in May, and everything once that moves to March."""
    moves.on_moved.append(lambda row, actor, now: look_again([row], actor=actor, now=now))
