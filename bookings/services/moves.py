"""Another time for an appointment: the new one taken and the old one freed in one transaction, or nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from django.db import IntegrityError

from bookings import messages
from bookings.links import register_manage_link
from bookings.models import Appointment
from bookings.selectors.appointments import plan_of
from bookings.selectors.free_times import Wish, wishes_of
from bookings.services import lifecycle
from bookings.services.choosing import SlotTaken, choose, is_overlap, lock_candidates, refuse_coming_near, refused
from bookings.services.locks import one_transaction_locking_first
from bookings.services.taking import allocations_of, form_due, later_form_due, resource_of, resources_of, times_of
from bookings.states import State
from clinic.audit.services import record
from clinic.errors import DomainError
from clinic.people.access import Actor
from clinic.rows import insert_together
from treatments.selectors import VisitPlan

# Floors above may go on with a visit that has another time now. Filled in their AppConfig.ready().
on_moved: list[Callable[[Appointment, Actor | None, datetime], object]] = []

# What screening, a practitioner or a consent may have changed since the page was drawn.
ANSWERED = frozenset({"clearance", "bookable_from", "cleared_until", "reflection_ends"})


def move(
    appointment: Appointment,
    *,
    start: datetime,
    practitioner: str | None = None,
    location: str | None = None,
    version: int | None = None,
    interval_reason: str = "",
    actor: Actor | None = None,
    staff: bool = False,
    now: datetime | None = None,
    without: frozenset[UUID] = frozenset(),
    video: bool | None = None,
) -> Appointment:
    """Moves to another start, with the same practitioner where they are free unless one is named. Raises the version.

    Refuses as `hold_slot` does, with `wrong_state` once the visit has begun or ended, and with `version_stale` when
    `version` is given and no longer the current one. `interval_reason` as for `hold_slot`,
    `without` as in `Wish`. `video` changes to a visit by video or back; left out, it stays as it is.
    """
    refuse_coming_near(interval_reason, actor)
    start = start.astimezone(UTC)
    wish = replace(Wish(**wishes_of(appointment)), practitioner=practitioner, staff=staff, near=bool(interval_reason))
    wish = replace(wish, without=without)
    if location:
        wish = replace(wish, location=location)
    try:
        return _move(appointment, start, wish, version, interval_reason, video, actor, now)
    except SlotTaken as refusal:
        raise refused(refusal, plan=plan_for_move(appointment, video), start=start, wish=wish, now=now) from refusal
    except IntegrityError as problem:
        if not is_overlap(problem):
            raise
        plan = plan_for_move(appointment, video)
        raise refused(SlotTaken([]), plan=plan, start=start, wish=wish, now=now) from problem


def plan_for_move(appointment: Appointment, video: bool | None) -> VisitPlan:
    """The visit as it was booked, by video or in the clinic as asked. DomainError `no_video`."""
    plan = plan_of(appointment)
    return plan if video is None else plan.held(video=video)


@one_transaction_locking_first
def _move(
    appointment: Appointment,
    start: datetime,
    wish: Wish,
    version: int | None,
    interval_reason: str,
    video: bool | None,
    actor: Actor | None,
    now: datetime | None,
) -> Appointment:
    person = resource_of(appointment.patient) if appointment.patient_id else None
    plan = plan_for_move(appointment, video)
    locked = lock_candidates(plan, wish, person)
    row = lifecycle.locked(appointment)
    instant = now or locked.now
    if row.state == State.LAPSED or (row.state == State.HELD and instant >= row.hold_expires_at):
        raise lifecycle.hold_expired()
    if not row.is_ahead or (row.patient_id != appointment.patient_id):
        raise lifecycle.wrong_state(row)
    if version is not None and version != row.version:
        raise DomainError("version_stale", lifecycle.changed_meanwhile())
    same_person = wish.practitioner is None or wish.practitioner == row.practitioner.slug
    if start == row.start and same_person and plan.video == row.by_video:
        return row
    wish = replace(wish, **{name: value for name, value in wishes_of(row).items() if name in ANSWERED})
    before = row.start
    chosen = choose(locked, start=start, wish=wish, now=instant, prefer=row.practitioner_id, actor=actor)
    changes = times_of(plan, start) | resources_of(chosen) | {"location_id": chosen.place, "version": row.version + 1}
    changes |= {"moved_at": instant, "confirmed_by_patient_at": None, "interval_reason": interval_reason or None}
    if row.state == State.RESERVED:
        later = row.is_later_session
        due = later_form_due(start, now=instant) if later else min(row.form_due_at, form_due(start, now=instant))
        changes["form_due_at"] = due
    if row.state == State.PENDING_REVIEW:
        changes["review_due_at"] = lifecycle.review_due(row, start=start, now=instant)
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=[name.removesuffix("_id") for name in changes])
    row.allocations.all().delete()
    insert_together(allocations_of(row, person))
    register_manage_link(row)
    record(
        "appointment.move", subject=row.ref, actor=actor, detail={"from": before.isoformat(), "to": start.isoformat()}
    )
    messages.reconcile(row, now=instant)
    for go_on in on_moved:
        go_on(row, actor, instant)
    row.refresh_from_db(fields=["state", "state_since", "form_due_at", "hold_expires_at"])
    return row
