"""A time kept for somebody: taken, prolonged, made a reservation, given back."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from bookings.clock import judged
from bookings.links import first_link
from bookings.models import Appointment, AppointmentArea
from bookings.references import new_reference
from bookings.selectors.books import Asked
from bookings.selectors.free_times import Wish
from bookings.services import lifecycle, limits
from bookings.services.choosing import (
    SlotTaken,
    choose,
    is_overlap,
    lock_candidates,
    refuse_coming_near,
    refused,
    settled,
)
from bookings.services.locks import one_transaction, one_transaction_locking_first, wait_shortly
from bookings.services.taking import EXTENSIONS, HOLD, allocations_of, resource_of, resources_of, times_of
from bookings.states import State
from clinic.audit.services import entry, record
from clinic.errors import DomainError
from clinic.people.access import Actor
from clinic.people.models import Patient
from clinic.rows import insert_together
from treatments.selectors import VisitPlan

BATCH = 100


def hold_slot(
    *,
    plan: VisitPlan | Asked,
    start: datetime,
    patient: Patient | None = None,
    source: str = "online",
    language: str = "en",
    caller: limits.Caller | None = None,
    interval_reason: str = "",
    actor: Actor | None = None,
    now: datetime | None = None,
    **wishes: Any,
) -> Appointment:
    """Keeps a start for ten minutes, with the room, practitioner and device that leave the least idle time.

    Other visits are given another room or device where that alone makes the start possible. Refuses with `slot_taken`
    (409, `nearest` free starts), `start_not_possible` (422, field start, with every reason) or `busy`. `caller` is who
    asks, for the limits on holding; staff have none. `wishes` as the fields of `Wish`. With `interval_reason` the visit
    may come nearer to another treatment than usual: a practitioner's decision (`NotAllowed` for anybody else).
    """
    refuse_coming_near(interval_reason, actor)
    start = start.astimezone(UTC)  # a zone's own datetimes add by its wall clock
    wish = Wish(patient_id=patient.pk if patient else None, near=bool(interval_reason), **wishes)
    order = Order(plan, start, wish, patient, source, language, caller, interval_reason, actor)
    try:
        return _hold(order, now)
    except SlotTaken as refusal:
        raise refused(refusal, plan=settled(plan), start=start, wish=wish, now=now) from refusal
    except IntegrityError as problem:
        if not is_overlap(problem):
            raise
        raise refused(SlotTaken([]), plan=settled(plan), start=start, wish=wish, now=now) from problem


@dataclass(frozen=True, slots=True)
class Order:
    """Everything asked of a hold but the instant."""

    plan: VisitPlan | Asked
    start: datetime
    wish: Wish
    patient: Patient | None
    source: str
    language: str
    caller: limits.Caller | None
    interval_reason: str
    actor: Actor | None


@one_transaction
def extend_hold(appointment: Appointment, *, actor: Actor | None = None, now: datetime | None = None) -> Appointment:
    """Ten more minutes from now, three times at most; a hold that has run out is taken again while nobody has its time.

    Refuses with `no_more_time`, `slot_taken` or `wrong_state`.
    """
    row = lifecycle.locked_with_resources(appointment)
    instant = judged(now)
    if row.state not in (State.HELD, State.LAPSED):
        raise lifecycle.wrong_state(row)
    if row.hold_extensions >= EXTENSIONS:
        raise DomainError("no_more_time", _("The time was kept as long as we can. Please finish now, or choose again."))
    row.hold_extensions += 1
    lifecycle.take_again(row, actor=actor, now=instant)
    row.hold_expires_at = max(row.hold_expires_at, instant + HOLD)
    row.save(update_fields=["hold_extensions", "hold_expires_at"])
    record("appointment.extend_hold", subject=row.ref, actor=actor)
    return row


@one_transaction
def release_hold(appointment: Appointment, *, actor: Actor | None = None, now: datetime | None = None) -> Appointment:
    """Gives a held time back at once, as when somebody chooses another."""
    row = lifecycle.locked(appointment)
    if row.state == State.HELD:
        lifecycle.lapse([row], now=judged(now))
    return row


def lapse_due(*, now: datetime | None = None) -> int:
    """Ends holds and reservations whose time is over, in small batches.

    What somebody is just working on is left for the next sweep.
    """
    total = 0
    while True:
        with transaction.atomic():
            wait_shortly()
            instant = judged(now)
            over = Q(state=State.HELD, hold_expires_at__lte=instant) | Q(state=State.RESERVED, form_due_at__lte=instant)
            rows = lifecycle.for_update(skip_locked=True).filter(over).order_by("pk")[:BATCH]
            count = lifecycle.lapse(rows, now=instant)
        total += count
        if count < BATCH:
            return total


@one_transaction_locking_first
def _hold(order: Order, now: datetime | None) -> Appointment:
    wish = order.wish
    patient_resource = resource_of(order.patient) if order.patient else None
    locked = lock_candidates(order.plan, wish, patient_resource)
    instant = now or locked.now
    if order.caller and not wish.staff:
        limits.refuse_hoarding(order.caller, now=instant)
    chosen = choose(locked, start=order.start, wish=wish, now=instant, actor=order.actor)
    row = Appointment(
        id=uuid.uuid4(),
        reference=new_reference(),
        modality=locked.plan.modality,
        patient=order.patient,
        location_id=chosen.place,
        price=locked.plan.price,
        currency=locked.plan.currency,
        language=order.language,
        source=order.source,
        clearance=wish.clearance,
        bookable_from=wish.bookable_from,
        cleared_until=wish.cleared_until,
        practitioner_gender=wish.gender or "",
        interval_reason=order.interval_reason or None,
        hold_expires_at=instant + HOLD,
        state_since=instant,
        **times_of(locked.plan, order.start),
        **resources_of(chosen),
    )
    insert_together(
        [
            row,
            *(AppointmentArea(appointment=row, area=area) for area in locked.plan.areas),
            *allocations_of(row, patient_resource),
            *([limits.trace_of(order.caller, row)] if order.caller else []),
            first_link(row),
            entry("appointment.hold", subject=row.ref, actor=order.actor, detail={"source": order.source}),
        ]
    )
    return row
