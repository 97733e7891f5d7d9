"""What a move does to the later sessions of the same course."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from bookings.models import Appointment
from bookings.planner import time_cost
from bookings.selectors.appointments import plan_of, with_resources
from bookings.selectors.courses import visits_of
from bookings.selectors.free_times import free_starts, wishes_of
from bookings.states import AHEAD
from treatments.courses import NEXT_DAY, Gap, Step, need_days

TOO_CLOSE, TOO_FAR = "too_close", "too_far"


@dataclass(frozen=True, slots=True)
class Broken:
    """A later session that no longer keeps the spacing, and where it could go: with its own practitioner where they are
    free (`practitioner` is a slug), on the nearest day, near its own time of day. None: nothing is free for it."""

    visit: Appointment
    why: str
    days: int
    start: datetime | None = None
    practitioner: str | None = None

    @property
    def hard(self) -> bool:
        """Too close is never allowed; too far is the clinic's to judge."""
        return self.why == TOO_CLOSE


def followers_of(appointment: Appointment) -> list[Appointment]:
    """The later sessions of its course that may still move, in order. Three queries; none without a course."""
    if appointment.course_id is None:
        return []
    later = [one for one in visits_of(appointment.course) if one.session > appointment.session]
    return with_resources([one for one in later if one.state in AHEAD])


def step_of(visit: Appointment) -> Step:
    """The session as the rules of spacing see it."""
    return Step(visit.modality.slug, frozenset(area.slug for area in visit.areas.all()))


def bounds_between(before: Appointment, after: Appointment) -> Gap:
    """Least and most days between two visits that follow each other in their course now.

    Never less than the clinical table, whatever a plan once allowed with a reason. Where sessions between them are gone,
    the skin's own need is the least, and all their gaps together are the most.
    """
    gaps = after.course.gaps_between(before.session, after.session)
    least = max(need_days(step_of(before), step_of(after)), gaps[0][0] if len(gaps) == 1 else NEXT_DAY)
    return least, max(least, sum(most for _least, most in gaps))


def later_sessions_broken(
    appointment: Appointment, new_start: datetime, *, staff: bool = True, now: datetime | None = None
) -> list[Broken]:
    """The later sessions whose spacing a move would break, in order, each with a new start.

    Each is judged against where the one before it would then be; the first that still keeps its distance ends it, as
    nothing after it changes.
    """
    followers = followers_of(appointment)
    if not followers:
        return []
    zone = ZoneInfo(appointment.location.timezone)
    before, along, found = new_start.astimezone(zone).date(), _along(appointment, followers), []
    last = appointment
    for visit in followers:
        shortest, longest = bounds_between(last, visit)
        gap, last = (visit.start.astimezone(zone).date() - before).days, visit
        if shortest <= gap <= longest:
            break
        window = before + timedelta(days=shortest), before + timedelta(days=longest)
        start, practitioner = _nearest(visit, window, zone, along, now or timezone.now(), staff=staff)
        found.append(Broken(visit, TOO_CLOSE if gap < shortest else TOO_FAR, gap, start, practitioner))
        if start is None:
            break
        before = start.astimezone(zone).date()
    return found


def _along(appointment: Appointment, followers: list[Appointment]) -> frozenset[UUID]:
    return frozenset([appointment.pk, *(one.pk for one in followers)])


def _nearest(
    visit: Appointment, window: tuple[date, date], zone: ZoneInfo, along: frozenset[UUID], now: datetime, *, staff: bool
) -> tuple[datetime | None, str | None]:
    """The free start nearest to where the visit was: other people, other times and other weekdays cost as in a plan."""
    own, was = visit.practitioner.slug, visit.start.astimezone(zone)
    wish = wishes_of(visit) | {"plan": plan_of(visit), "staff": staff, "without": along, "now": now}
    for practitioner in (own, None):
        starts = free_starts(first=window[0], last=window[1], practitioner=practitioner, **wish).starts
        ahead = [one for one in starts if one >= now]
        if ahead:
            return min(ahead, key=lambda one: (_shift(one, was), one)), practitioner
    return None, None


def _shift(start: datetime, was: datetime) -> int:
    """A day is a point, another weekday five, another time of day up to nine (see `bookings.planner`)."""
    minutes = (start.hour - was.hour) * 60 + start.minute - was.minute
    weekday = 5 * (start.weekday() != was.weekday())
    return abs((start.date() - was.date()).days) + weekday + time_cost(minutes)
