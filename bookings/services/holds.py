"""A time kept for somebody: taken, prolonged, made a reservation, given back."""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from bookings.availability import Assignment
from bookings.clock import judged
from bookings.links import register_first_link
from bookings.models import Appointment, AppointmentArea
from bookings.reasons import TAKEN
from bookings.references import new_reference
from bookings.selectors.books import current_book
from bookings.selectors.free_times import Wish, day_of, nearest_starts, need_of, picture, reasons_at, zone_of
from bookings.services import lifecycle, limits
from bookings.services.locks import one_transaction, wait_shortly
from bookings.services.swapping import make_way
from bookings.services.taking import EXTENSIONS, HOLD, allocate, resource_of, resources_of, times_of
from bookings.states import State
from bookings.ticks import TICK
from clinic.audit.services import record
from clinic.errors import DomainError, NotAllowed
from clinic.people.access import Actor, may
from clinic.people.models import Patient
from treatments.selectors import VisitPlan

BATCH = 100


def hold_slot(
    *,
    plan: VisitPlan,
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
    may_come_near(interval_reason, actor)
    wish = Wish(patient_id=patient.pk if patient else None, near=bool(interval_reason), **wishes)
    order = Order(plan, start, wish, patient, source, language, caller, interval_reason, actor)
    try:
        return _hold(order, now)
    except SlotTaken as refusal:
        raise refused(refusal, plan=plan, start=start, wish=wish, now=now) from refusal
    except IntegrityError as problem:
        if not is_overlap(problem):
            raise
        raise refused(SlotTaken([]), plan=plan, start=start, wish=wish, now=now) from problem


@dataclass(frozen=True, slots=True)
class Order:
    """Everything asked of a hold but the instant."""

    plan: VisitPlan
    start: datetime
    wish: Wish
    patient: Patient | None
    source: str
    language: str
    caller: limits.Caller | None
    interval_reason: str
    actor: Actor | None


def may_come_near(reason: str, actor: Actor | None) -> None:
    """NotAllowed unless there is no reason to ask for, or a practitioner gives it."""
    if reason and not (actor and may(actor, "interval.override")):
        raise NotAllowed


class SlotTaken(Exception):
    """Inside a transaction that is about to be given up; becomes a refusal with the nearest times outside it."""

    def __init__(self, reasons) -> None:
        super().__init__()
        self.reasons = reasons


def is_overlap(problem: IntegrityError) -> bool:
    """Whether the database refused because somebody who did not queue at the locks has the time."""
    return getattr(getattr(problem.__cause__, "diag", None), "constraint_name", "") == "allocation_no_overlap"


def refused(refusal: SlotTaken, *, plan: VisitPlan, start: datetime, wish: Wish, now: datetime | None) -> DomainError:
    """The refusal a person reads, with the free starts nearest to what they wanted."""
    nearest = nearest_starts(plan=plan, start=start, now=now, **asdict(wish))
    extra = {
        "nearest": [one.isoformat() for one in nearest],
        "reasons": [{"code": one.code, "sentence": one.sentence} for one in refusal.reasons],
    }
    if all(one.code in TAKEN for one in refusal.reasons):
        when = start.astimezone(ZoneInfo(zone_of(wish.location))).strftime("%H:%M")
        sentence = _("Someone booked %(time)s a moment ago. Nothing you entered is lost. These are the closest times.")
        return DomainError("slot_taken", sentence % {"time": when}, field="start", extra=extra)
    sentences = [one.sentence for one in refusal.reasons]
    return DomainError("start_not_possible", sentences[0], status=422, fields={"start": sentences}, extra=extra)


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


@one_transaction
def _hold(order: Order, now: datetime | None) -> Appointment:
    plan, wish = order.plan, order.wish
    patient_resource = resource_of(order.patient) if order.patient else None
    lock_candidates(plan, wish, patient_resource)
    instant = judged(now)
    if order.caller and not wish.staff:
        limits.refuse_hoarding(order.caller, now=instant)
    chosen = choose(plan=plan, start=order.start, wish=wish, now=instant, actor=order.actor)
    row = Appointment(
        id=uuid.uuid4(),
        reference=new_reference(),
        modality=plan.modality,
        patient=order.patient,
        location_id=chosen.place,
        price=plan.price,
        currency=plan.currency,
        language=order.language,
        source=order.source,
        clearance=wish.clearance,
        bookable_from=wish.bookable_from,
        cleared_until=wish.cleared_until,
        practitioner_gender=wish.gender or "",
        interval_reason=order.interval_reason or None,
        hold_expires_at=instant + HOLD,
        state_since=instant,
        **times_of(plan, order.start),
        **resources_of(chosen),
    )
    row.save(force_insert=True)
    AppointmentArea.objects.bulk_create([AppointmentArea(appointment=row, area=area) for area in plan.areas])
    allocate(row, patient_resource)
    if order.caller:
        limits.remember(order.caller, row)
    register_first_link(row)
    record("appointment.hold", subject=row.ref, actor=order.actor, detail={"source": order.source})
    return row


def choose(
    *,
    plan: VisitPlan,
    start: datetime,
    wish: Wish,
    now: datetime,
    prefer: int | None = None,
    actor: Actor | None = None,
) -> Assignment:
    """The resources for a start, free once this returns: what lay in the way of it has another room or device.

    The caller holds the candidates' locks. Raises SlotTaken.
    """
    lifecycle.clear_lapsed(start, start + timedelta(seconds=need_of(plan).total * TICK), now=now, ignore=wish.ignore)
    book = current_book()
    day = day_of(start, book=book, location=wish.location)
    seen = picture(plan=plan, first=day, last=day, wish=wish, now=now, book=book)
    if reasons := reasons_at(seen, start):
        raise SlotTaken(reasons)
    chosen = seen.board.assign(seen.board.frame.tick(int(start.timestamp())), prefer=prefer)[0]
    make_way(chosen.swaps, actor=actor)
    return chosen


def lock_candidates(plan: VisitPlan, wish: Wish, patient_resource: int | None) -> None:
    """Every resource that could serve, in id order: whoever wants any of them stands in one line."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT r.id FROM bookings_resource r
             WHERE r.id = %(patient)s OR (r.active AND r.kind <> 'patient' AND CASE r.kind
              WHEN 'practitioner' THEN (%(practitioner)s::text IS NULL OR r.slug = %(practitioner)s)
                AND EXISTS (SELECT 1 FROM bookings_practitioner_skills s
                             WHERE s.practitioner_id = r.id AND s.modality_id = %(modality)s)
              WHEN 'room' THEN EXISTS (SELECT 1 FROM bookings_room_suits s
                                        WHERE s.room_id = r.id AND s.modality_id = %(modality)s)
              WHEN 'device' THEN %(device)s AND EXISTS (SELECT 1 FROM bookings_device_serves s
                                                         WHERE s.device_id = r.id AND s.modality_id = %(modality)s)
              ELSE false END)
            ORDER BY r.id FOR NO KEY UPDATE OF r
            """,
            {
                "patient": patient_resource,
                "practitioner": wish.practitioner,
                "modality": plan.modality.pk,
                "device": plan.modality.needs_device,
            },
        )
