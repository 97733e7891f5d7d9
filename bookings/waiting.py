"""Which times somebody on the waiting list would like, and when one may be offered. Pure.

The engine says whether a visit can begin; this says whether it is what the person asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from clinic.messaging.windows import is_quiet
from clinic.messaging.wording.timings import QUIET_DEFAULT

MORNING, AFTERNOON, EVENING = "morning", "afternoon", "evening"
PARTS = (MORNING, AFTERNOON, EVENING)
NOON_HOUR, EVENING_HOUR = 12, 17

OFFER_LASTS = timedelta(minutes=30)
PAUSED_AFTER = 3  # offers in a row without an answer
LONGEST_DAYS = 180


@dataclass(frozen=True, slots=True)
class Wanted:
    """Local days from first to last, both included; parts of the day; weekdays, Monday 0, none meaning any.

    `not_again` are the half-days, as day and part, of which a time was offered already and not taken.
    """

    first: date
    last: date
    parts: frozenset[str]
    weekdays: frozenset[int] = frozenset()
    not_again: frozenset[tuple[date, str]] = field(default_factory=frozenset)


def part_of_day(local: datetime) -> str:
    """By the hour at which a visit begins: before 12, before 17, later."""
    return MORNING if local.hour < NOON_HOUR else AFTERNOON if local.hour < EVENING_HOUR else EVENING


def misses(wanted: Wanted, local: datetime) -> list[str]:
    """In what a start differs from the wish: `days`, `weekday`, `part`, `again`. Empty when it suits."""
    day, part = local.date(), part_of_day(local)
    wrong = {
        "days": not wanted.first <= day <= wanted.last,
        "weekday": bool(wanted.weekdays) and day.weekday() not in wanted.weekdays,
        "part": part not in wanted.parts,
        "again": (day, part) in wanted.not_again,
    }
    return [name for name, is_wrong in wrong.items() if is_wrong]


def suits(wanted: Wanted, local: datetime) -> bool:
    return not misses(wanted, local)


def days_to_look_at(wanted: Wanted, *, today: date, horizon: date) -> tuple[date, date] | None:
    """The wished days that can still be booked; None when there are none (any more)."""
    first, last = max(wanted.first, today), min(wanted.last, horizon)
    return (first, last) if first <= last else None


def may_write_now(moment: datetime, *zones: str, quiet: Mapping[str, time] = QUIET_DEFAULT) -> bool:
    """An offer rings somebody's phone: not in the night, neither the clinic's nor theirs."""
    return not any(is_quiet(moment, zone, **quiet) for zone in zones if zone)


def is_paused(unanswered: int) -> bool:
    """Nobody has answered for a while: a person should call before another time is kept."""
    return unanswered >= PAUSED_AFTER
