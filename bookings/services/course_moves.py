"""A session moved together with the later ones of its course: all of them or none."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from bookings.models import Appointment
from bookings.selectors.appointments import plan_of
from bookings.selectors.course_moves import followers_of
from bookings.selectors.courses import Chosen
from bookings.selectors.free_times import Wish
from bookings.services.choosing import lock_candidates
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
    _refuse_too_soon(wanted)
    person = resource_of(appointment.patient) if appointment.patient_id else None
    lock_candidates(plan_of(appointment), Wish(), person)
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


def _refuse_too_soon(wanted: list[tuple[Appointment, Chosen]]) -> None:
    """The catalogue's spacing may be longer than the interval that every visit keeps."""
    for (before, first), (after, second) in pairwise(wanted):
        zone = ZoneInfo(after.location.timezone)
        days = (second.start.astimezone(zone).date() - first.start.astimezone(zone).date()).days
        shortest = after.course.spacing_min * (after.session - before.session)
        if days < shortest:
            sentence = _("Session %(session)s must be at least %(days)s days after the one before.")
            said = sentence % {"session": after.session, "days": shortest}
            raise DomainError("session_too_soon", said, status=422, field="start", extra={"session": after.session})
