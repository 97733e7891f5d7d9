"""How much of a stretch of time the clinic was open: the clock by which unread alerts go to the next practitioner. Pure."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

Hours = Mapping[int, Sequence[tuple[dt.time, dt.time]]]
"""Weekday (Monday is 0) → opening and closing times on the local clock; a closing at or before its opening is the next day's."""


def open_time(
    start: dt.datetime, end: dt.datetime, *, hours: Hours, is_closed: Callable[[dt.date], bool], zone: str
) -> dt.timedelta:
    """How long the clinic was open from ``start`` to ``end``. Elapsed time, so the nights of a clock change count right."""
    here, total = ZoneInfo(zone), dt.timedelta()
    day = start.astimezone(here).date() - dt.timedelta(days=1)
    while day <= end.astimezone(here).date():
        for opens, closes in () if is_closed(day) else hours.get(day.weekday(), ()):
            last = day + dt.timedelta(days=1) if closes <= opens else day
            begins = max(start, dt.datetime.combine(day, opens, here).astimezone(dt.UTC))
            ends = min(end, dt.datetime.combine(last, closes, here).astimezone(dt.UTC))
            total += max(ends - begins, dt.timedelta())
        day += dt.timedelta(days=1)
    return total
