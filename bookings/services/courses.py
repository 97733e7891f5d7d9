"""A whole course booked: every session or none."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from bookings.clock import judged
from bookings.models import Appointment, Course
from bookings.selectors.courses import (
    Chosen,
    CourseProposals,
    checked_sessions,
    distinct,
    plan_series,
    spacing_of,
)
from bookings.selectors.desk import practitioners
from bookings.selectors.free_times import zone_of
from bookings.services.choosing import lock_candidates_of
from bookings.services.holds import hold_slot
from bookings.services.lifecycle import reserve
from bookings.services.locks import one_transaction
from bookings.services.taking import resource_of
from bookings.states import Source
from clinic.audit.services import record
from clinic.errors import DomainError, NotAllowed
from clinic.people.access import PRACTITIONER, Actor
from clinic.people.models import Patient
from treatments.courses import Gap, Step, need_days
from treatments.selectors import VisitPlan

ABOUT_A_TIME = frozenset({"slot_taken", "start_not_possible", "patient_busy", "interval"})


def book_course(
    *,
    plan: VisitPlan,
    patient: Patient,
    starts: Sequence[Chosen],
    location: str | None = None,
    actor: Actor | None = None,
    now: datetime | None = None,
) -> Course:
    """Reserves every session for the patient in one transaction, or none.

    `starts` in order of time. The first session asks for its health form as any booking does; the others ask near their
    own day. Refuses with `slot_taken` (409, field starts, the `session` and why, with fresh `proposals`), with
    `session_too_soon` (422) when two are nearer than the spacing allows, `no_course`, `sessions_out_of_range` or `busy`.
    NotAllowed for a practitioner who books into somebody else's diary.
    """
    checked_sessions(plan.modality, len(starts))
    spacing = spacing_of(plan.modality)
    return book_series(
        visits=[plan] * len(starts),
        gaps=[spacing] * (len(starts) - 1),
        patient=patient,
        starts=starts,
        location=location,
        staff=True,
        source=Source.PHONE,
        actor=actor,
        now=now,
    )


def book_series(
    *,
    visits: Sequence[VisitPlan],
    gaps: Sequence[Gap],
    patient: Patient,
    starts: Sequence[Chosen],
    location: str | None = None,
    near_reason: str = "",
    not_before: Mapping[str, date] | None = None,
    staff: bool = False,
    source: str = Source.PLAN,
    language: str | None = None,
    prices: Sequence[Decimal] | None = None,
    actor: Actor | None = None,
    now: datetime | None = None,
) -> Course:
    """The same for sessions that may differ: a visit for each, and least and most days of each gap.

    With `near_reason`, which a practitioner gave when they made the plan, its sessions may come nearer to *each other*
    than the table says, as near as `gaps` say; to any other visit they keep their distance. `not_before` names the first
    possible day of a treatment; `prices` are agreed ones, in place of the visits'. Clears nobody: every session asks for its
    own health form.
    """
    order = Order(
        tuple(visits),
        tuple(gaps),
        tuple(prices or (visit.price for visit in visits)),
        patient,
        location,
        near_reason,
        not_before or {},
        staff,
        source,
        language,
    )
    _refuse_other_diaries(starts, actor)
    _refuse_too_soon(order, starts)
    try:
        return _book(order, list(starts), actor, now)
    except SessionLost as lost:
        raise _refused(lost, order, starts, now) from lost.refusal


@dataclass(frozen=True, slots=True)
class Order:
    """Everything asked of a course but its times."""

    visits: tuple[VisitPlan, ...]
    gaps: tuple[Gap, ...]
    prices: tuple[Decimal, ...]
    patient: Patient
    location: str | None
    near_reason: str
    not_before: Mapping[str, date]
    staff: bool
    source: str
    language: str | None

    @property
    def steps(self) -> list[Step]:
        return [Step(one.modality.slug, frozenset(area.slug for area in one.areas)) for one in self.visits]


class SessionLost(Exception):
    """One session can't be had; inside a transaction that is about to be given up."""

    def __init__(self, session: int, refusal: DomainError) -> None:
        super().__init__()
        self.session, self.refusal = session, refusal


@one_transaction
def _book(order: Order, starts: list[Chosen], actor: Actor | None, now: datetime | None) -> Course:
    lock_candidates_of(distinct(order.visits), resource_of(order.patient))
    instant = judged(now)
    course = _course(order)
    booked: list[Appointment] = []
    for number, chosen in enumerate(starts, 1):
        try:
            booked.append(_session(order, course, booked, chosen, actor, instant))
        except DomainError as refusal:
            if refusal.code not in ABOUT_A_TIME:
                raise
            raise SessionLost(number, refusal) from refusal
    near = [row.session for row in booked if row.interval_reason]
    detail = {"sessions": len(starts)} | ({"near": near} if near else {})
    record("course.book", subject=course.ref, actor=actor, detail=detail)
    return course


def _course(order: Order) -> Course:
    slugs = [visit.modality.slug for visit in order.visits]
    usual = max(order.visits, key=lambda visit: slugs.count(visit.modality.slug))
    course = Course.objects.create(
        id=uuid.uuid4(),
        patient=order.patient,
        modality=usual.modality,
        sessions=len(order.visits),
        spacing_min=min((shortest for shortest, _longest in order.gaps), default=1),
        spacing_max=max((longest for _shortest, longest in order.gaps), default=1),
        gaps=[list(gap) for gap in order.gaps] if len(distinct(order.visits)) > 1 or len(set(order.gaps)) > 1 else [],
    )
    course.areas.set({area for visit in order.visits for area in visit.areas})
    return course


def _session(
    order: Order, course: Course, before: list[Appointment], chosen: Chosen, actor: Actor | None, now: datetime
) -> Appointment:
    number = len(before) + 1
    visit = replace(order.visits[number - 1], price=order.prices[number - 1])
    reason = order.near_reason if _comes_near(order, before, chosen) else ""
    held = hold_slot(
        plan=visit,
        start=chosen.start,
        practitioner=chosen.practitioner,
        location=order.location,
        patient=course.patient,
        source=order.source,
        language=order.language or course.patient.language,
        actor=actor,
        staff=order.staff,
        bookable_from=order.not_before.get(visit.modality.slug),
        without=frozenset(row.pk for row in before) if reason else frozenset(),
        course=True,
        now=now,
    )
    held.course, held.session, held.interval_reason = course, number, reason or None
    held.save(update_fields=["course", "session", "interval_reason"])
    return reserve(held, patient=course.patient, language=order.language, actor=actor, now=now)


def _comes_near(order: Order, before: list[Appointment], chosen: Chosen) -> bool:
    """Nearer to an earlier session of this course than the table says: allowed by the plan's reason and nothing else."""
    day, steps = _day(chosen.start, order.location), order.steps
    later = steps[len(before)]
    return any(
        (day - _day(row.start, order.location)).days < need_days(step, later)
        for row, step in zip(before, steps, strict=False)
    )


def _refuse_other_diaries(starts: Sequence[Chosen], actor: Actor | None) -> None:
    if actor is not None and actor.kind == PRACTITIONER:
        own = {one.slug for one in practitioners(actor=actor)}
        if any(one.practitioner not in own for one in starts):
            raise NotAllowed


def _refuse_too_soon(order: Order, starts: Sequence[Chosen]) -> None:
    """Two sessions in the wrong order, or nearer than the shortest spacing."""
    if len(starts) != len(order.visits):
        sentence = _("This course has %(count)s sessions. Choose a time for each.")
        raise DomainError("sessions_missing", sentence % {"count": len(order.visits)}, status=422, field="starts")
    days = [_day(one.start, order.location) for one in starts]
    for number, ((before, after), (shortest, _longest)) in enumerate(zip(pairwise(days), order.gaps, strict=True), 2):
        if (after - before).days < shortest:
            sentence = _("Session %(session)s must be at least %(days)s days after the one before.")
            raise DomainError(
                "session_too_soon",
                sentence % {"session": number, "days": shortest},
                status=422,
                field="starts",
                extra={"session": number},
            )


def _day(start: datetime, location: str | None) -> date:
    return start.astimezone(ZoneInfo(zone_of(location))).date()


def _refused(lost: SessionLost, order: Order, starts: Sequence[Chosen], now: datetime | None) -> DomainError:
    first = starts[0]
    local = first.start.astimezone(ZoneInfo(zone_of(order.location)))
    fresh = plan_series(
        visits=order.visits,
        gaps=order.gaps,
        not_before=order.not_before,
        earliest=local.date(),
        prefer=first.practitioner,
        weekday=local.weekday(),
        minute=local.hour * 60 + local.minute,
        location=order.location,
        patient_id=order.patient.pk,
        staff=order.staff,
        course=True,
        now=now,
    )
    sentence = _("Session %(session)s can't be booked at that time any more. Nothing was booked. Here are new plans.")
    extra = {
        "session": lost.session,
        "reasons": lost.refusal.extra.get("reasons", [{"code": lost.refusal.code, "sentence": str(lost.refusal)}]),
        "proposals": told(fresh),
    }
    return DomainError("slot_taken", sentence % {"session": lost.session}, field="starts", extra=extra)


def told(proposals: CourseProposals) -> list[dict[str, Any]]:
    """Plans as the API says them."""
    return [
        {
            "sessions": [
                {"start": one.start.isoformat(), "practitioner": one.practitioner, "practitioner_name": one.name}
                for one in plan.sessions
            ],
            "reasons": [{"code": one.code, "sentence": one.sentence} for one in plan.reasons],
        }
        for plan in proposals.plans
    ]
