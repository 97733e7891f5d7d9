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


def later_sessions_broken(
    appointment: Appointment, new_start: datetime, *, now: datetime | None = None
) -> list[Broken]:
    """The later sessions whose spacing a move would break, in order, each with a new start.

    Each is judged against where the one before it would then be; the first that still keeps its distance ends it, as
    nothing after it changes.
    """
    followers = followers_of(appointment)
    if not followers:
        return []
    zone = ZoneInfo(appointment.location.timezone)
    shortest, longest = appointment.course.spacing
    before, along, found = new_start.astimezone(zone).date(), _along(appointment, followers), []
    for visit in followers:
        gap = (visit.start.astimezone(zone).date() - before).days
        if shortest <= gap <= longest:
            break
        window = before + timedelta(days=shortest), before + timedelta(days=longest)
        start, practitioner = _nearest(visit, window, zone, along, now or timezone.now())
        found.append(Broken(visit, TOO_CLOSE if gap < shortest else TOO_FAR, gap, start, practitioner))
        if start is None:
            break
        before = start.astimezone(zone).date()
    return found


def _along(appointment: Appointment, followers: list[Appointment]) -> frozenset[UUID]:
    return frozenset([appointment.pk, *(one.pk for one in followers)])


def _nearest(
    visit: Appointment, window: tuple[date, date], zone: ZoneInfo, along: frozenset[UUID], now: datetime
) -> tuple[datetime | None, str | None]:
    """The free start nearest to where the visit was: other people, other times and other weekdays cost as in a plan."""
    own, was = visit.practitioner.slug, visit.start.astimezone(zone)
    wish = wishes_of(visit) | {"plan": plan_of(visit), "staff": True, "without": along, "now": now}
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
