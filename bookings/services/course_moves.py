"""A session moved together with the later ones of its course: all of them or none."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from bookings.models import Appointment
from bookings.selectors.appointments import plan_of
from bookings.selectors.course_moves import bounds_between, followers_of
from bookings.selectors.courses import Chosen
from bookings.services.choosing import lock_candidates_of
from bookings.services.locks import one_transaction
from bookings.services.moves import move
from bookings.services.taking import resource_of
from clinic.audit.services import record
from clinic.errors import DomainError
from clinic.people.access import Actor


@one_transaction
def move_with_followers(
    appointment: Appointment,
    *,
    start: datetime,
    practitioner: str | None = None,
    followers: Sequence[tuple[UUID, Chosen]],
    actor: Actor | None = None,
    staff: bool = False,
    now: datetime | None = None,
) -> Appointment:
    """Moves a session and the named later ones of its course in one transaction, or none of them.

    While they move, those still to come don't count as too close; once all are where they should be, every interval
    holds as ever. Refuses as `move` does, with the session in `extra`, and with `not_a_follower` or `session_too_soon`.
    """
    later = {one.pk: one for one in followers_of(appointment)}
    if any(pk not in later for pk, _chosen in followers):
        raise DomainError("not_a_follower", _("Only later visits of the same course can be moved along."), status=422)
    wanted = [(appointment, Chosen(start, practitioner)), *((later[pk], chosen) for pk, chosen in followers)]
    wanted.sort(key=lambda one: one[0].session)
    _refuse_too_soon(wanted, later.values())
    person = resource_of(appointment.patient) if appointment.patient_id else None
    lock_candidates_of([plan_of(visit) for visit, _chosen in wanted], person)
    moved, waiting = appointment, {visit.pk for visit, _chosen in wanted}
    for visit, chosen in wanted:
        waiting.discard(visit.pk)
        try:
            row = move(
                visit,
                start=chosen.start,
                practitioner=chosen.practitioner,
                actor=actor,
                staff=staff,
                now=now,
                without=frozenset(waiting),
            )
        except DomainError as refusal:
            refusal.extra["session"] = visit.session
            raise
        moved = row if visit.pk == appointment.pk else moved
    if followers:
        numbers = [visit.session for visit, _chosen in wanted]
        record("course.move", subject=appointment.course.ref, actor=actor, detail={"sessions": numbers})
    return moved


def _refuse_too_soon(wanted: list[tuple[Appointment, Chosen]], later: Iterable[Appointment]) -> None:
    """Judged over the course as it would then be. A plan may keep sessions further apart than every visit must be."""
    starts = {visit.pk: (visit, chosen.start) for visit, chosen in wanted}
    moving = frozenset(starts)
    starts |= {visit.pk: (visit, visit.start) for visit in later if visit.pk not in moving}
    for (before, first), (after, second) in pairwise(sorted(starts.values(), key=lambda one: one[0].session)):
        if after.pk not in moving:
            continue  # whoever leaves it where it is keeps only what every visit must keep
        zone = ZoneInfo(after.location.timezone)
        days = (second.astimezone(zone).date() - first.astimezone(zone).date()).days
        shortest, _longest = bounds_between(before, after)
        if days < shortest:
            sentence = _("Session %(session)s must be at least %(days)s days after the one before.")
            said = sentence % {"session": after.session, "days": shortest}
            raise DomainError("session_too_soon", said, status=422, field="start", extra={"session": after.session})
