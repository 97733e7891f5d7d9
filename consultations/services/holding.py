"""Keeping a time for somebody whose first answers allow it. Who they are is asked only afterwards."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.models import Appointment
from bookings.selectors import plan_of
from bookings.selectors.free_times import Wish, wishes_of, zone_of
from bookings.services.choosing import lock_candidates
from bookings.services.details import give_details
from bookings.services.holds import hold_slot, release_hold
from bookings.services.limits import Caller
from bookings.services.locks import one_transaction
from bookings.states import ANSWERS_COUNT, Clearance
from clinic.errors import DomainError
from clinic.people.access import Actor
from consultations.models import Draft, SharedAnswers
from consultations.screening import Outcome, Verdict
from consultations.services.forgetting import forget_answers
from consultations.services.intake import keep_answers
from consultations.services.sharing import Sharing, answers_of, share_answers
from treatments.selectors import VisitPlan


def clearance_of(verdict: Verdict) -> Clearance:
    """What the short set already says about which times can be had: a review leaves a practitioner time to read."""
    return Clearance.REVIEW if verdict.outcome is Outcome.REVIEW else Clearance.UNKNOWN


@one_transaction
def take_time(
    *,
    plan: VisitPlan,
    start: dt.datetime,
    verdict: Verdict,
    answers: Mapping[str, str],
    sharing: Sharing | None = None,
    practitioner: str | None = None,
    gender: str | None = None,
    location: str | None = None,
    language: str = "en",
    instead_of: Appointment | None = None,
    caller: Caller | None = None,
    actor: Actor | None = None,
    now: dt.datetime | None = None,
) -> Appointment:
    """Holds a start and puts the answers given so far with it, sealed: those that this visit asks for, and with
    ``sharing`` also those of the treatment that led to a consultation. ``instead_of`` is this person's earlier hold: it
    is given back in the same step, and stays theirs when the new time can't be had.

    Refuses as ``hold_slot`` does, and with ``not_now`` (409) after a decline.
    """
    if verdict.outcome is Outcome.DECLINE:
        raise DomainError("not_now", _("We can't offer this treatment online yet."))
    today = (now or timezone.now()).astimezone(ZoneInfo(zone_of(location))).date()
    if instead_of:
        lock_candidates(plan, Wish(practitioner=practitioner), None)
        release_hold(instead_of, actor=actor, now=now)
        forget_answers(instead_of)
    appointment = hold_slot(
        plan=plan,
        start=start,
        practitioner=practitioner,
        gender=gender,
        location=location,
        clearance=clearance_of(verdict),
        bookable_from=verdict.bookable_from,
        cleared_until=today + ANSWERS_COUNT,
        language=language,
        caller=caller,
        actor=actor,
        now=now,
    )
    areas = {area.slug: area.group for area in plan.areas}
    keep_answers(appointment, answers=answers_of(answers, modality=plan.modality.slug, areas=areas))
    if sharing:
        share_answers(appointment, sharing=sharing, answers=answers, today=today, language=language, now=now)
    return appointment


@one_transaction
def reserve_held(
    appointment: Appointment,
    *,
    start: dt.datetime | None = None,
    actor: Actor | None = None,
    now: dt.datetime | None = None,
    **person: Any,
) -> Appointment:
    """The held time for this person, or with ``start`` another one as ``move_hold`` takes it; both or nothing, so that a
    refusal leaves them what they had. ``person`` as for ``give_details``."""
    held = move_hold(appointment, start=start, actor=actor, now=now) if start else appointment
    return give_details(held, actor=actor, now=now, **person)


# What `hold_slot` takes of the wishes that stay with an appointment; nobody has agreed to anything before a hold.
HOLDS = frozenset({"location", "bookable_from", "cleared_until", "clearance", "gender"})


@one_transaction
def move_hold(
    appointment: Appointment, *, start: dt.datetime, actor: Actor | None = None, now: dt.datetime | None = None
) -> Appointment:
    """Another time for a hold that ran out and whose time somebody else has: a new hold with the same answers."""
    draft = Draft.objects.filter(appointment=appointment).first()
    plan = plan_of(appointment)
    lock_candidates(plan, Wish(), None)
    release_hold(appointment, actor=actor, now=now)
    wishes = {name: wish for name, wish in wishes_of(appointment).items() if name in HOLDS}
    held = hold_slot(
        plan=plan,
        start=start,
        **wishes,
        language=appointment.language,
        actor=actor,
        now=now,
    )
    if draft:
        keep_answers(held, answers=draft.answers)
        draft.delete()
    for shared in SharedAnswers.objects.filter(appointment=appointment):
        shared.appointment = held
        shared.save(update_fields=["appointment"])
    return held
