"""A whole course booked: every session or none."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from bookings.clock import judged
from bookings.models import Appointment, Course
from bookings.selectors.courses import Chosen, CourseProposals, checked_sessions, plan_course, spacing_of
from bookings.selectors.desk import practitioners
from bookings.selectors.free_times import Wish, zone_of
from bookings.services.choosing import lock_candidates
from bookings.services.holds import hold_slot
from bookings.services.lifecycle import reserve
from bookings.services.locks import one_transaction
from bookings.services.taking import resource_of
from bookings.states import Source
from clinic.audit.services import record
from clinic.errors import DomainError, NotAllowed
from clinic.people.access import PRACTITIONER, Actor
from clinic.people.models import Patient
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
    _refuse_other_diaries(starts, actor)
    checked_sessions(plan.modality, len(starts))
    _refuse_too_soon(plan, starts, location)
    try:
        return _book(plan, patient, list(starts), location, actor, now)
    except SessionLost as lost:
        raise _refused(lost, plan, patient, starts, location, now) from lost.refusal


class SessionLost(Exception):
    """One session can't be had; inside a transaction that is about to be given up."""

    def __init__(self, session: int, refusal: DomainError) -> None:
        super().__init__()
        self.session, self.refusal = session, refusal


@one_transaction
def _book(
    plan: VisitPlan,
    patient: Patient,
    starts: list[Chosen],
    location: str | None,
    actor: Actor | None,
    now: datetime | None,
) -> Course:
    lock_candidates(plan, Wish(location=location), resource_of(patient))
    instant = judged(now)
    shortest, longest = spacing_of(plan.modality)
    course = Course.objects.create(
        id=uuid.uuid4(),
        patient=patient,
        modality=plan.modality,
        sessions=len(starts),
        spacing_min=shortest,
        spacing_max=longest,
    )
    course.areas.set(plan.areas)
    record("course.book", subject=course.ref, actor=actor, detail={"sessions": len(starts)})
    for number, chosen in enumerate(starts, 1):
        try:
            _session(course, number, chosen, plan, location, actor, instant)
        except DomainError as refusal:
            if refusal.code not in ABOUT_A_TIME:
                raise
            raise SessionLost(number, refusal) from refusal
    return course


def _session(
    course: Course,
    number: int,
    chosen: Chosen,
    plan: VisitPlan,
    location: str | None,
    actor: Actor | None,
    now: datetime,
) -> Appointment:
    held = hold_slot(
        plan=plan,
        start=chosen.start,
        practitioner=chosen.practitioner,
        location=location,
        patient=course.patient,
        source=Source.PHONE,
        language=course.patient.language,
        actor=actor,
        staff=True,
        now=now,
    )
    held.course, held.session = course, number
    held.save(update_fields=["course", "session"])
    return reserve(held, patient=course.patient, actor=actor, now=now)


def _refuse_other_diaries(starts: Sequence[Chosen], actor: Actor | None) -> None:
    if actor is not None and actor.kind == PRACTITIONER:
        own = {one.slug for one in practitioners(actor=actor)}
        if any(one.practitioner not in own for one in starts):
            raise NotAllowed


def _refuse_too_soon(plan: VisitPlan, starts: Sequence[Chosen], location: str | None) -> None:
    """Two sessions in the wrong order, or nearer than the shortest spacing."""
    days = [_day(one.start, location) for one in starts]
    shortest = spacing_of(plan.modality)[0]
    for number, (before, after) in enumerate(zip(days, days[1:], strict=False), 2):
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


def _refused(
    lost: SessionLost,
    plan: VisitPlan,
    patient: Patient,
    starts: Sequence[Chosen],
    location: str | None,
    now: datetime | None,
) -> DomainError:
    first = starts[0]
    local = first.start.astimezone(ZoneInfo(zone_of(location)))
    fresh = plan_course(
        plan=plan,
        sessions=len(starts),
        earliest=local.date(),
        prefer=first.practitioner,
        weekday=local.weekday(),
        minute=local.hour * 60 + local.minute,
        location=location,
        patient_id=patient.pk,
        staff=True,
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
