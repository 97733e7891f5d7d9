"""Starts forbidden for reasons that no room, device or practitioner knows: notice, dates, intervals."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from bookings.availability import Bar
from bookings.ticks import TICK, Frame, dates_bits, hours_bits, local_date


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another treatment of the same patient on one of the same areas, on this local day.

    `after` days must pass from it to the new visit, `before` from the new visit to it.
    """

    day: date
    before: int
    after: int

    @property
    def window(self) -> tuple[date, date] | None:
        """The first and last day forbidden; None when nothing needs to lie between."""
        if not self.before and not self.after:
            return None
        return self.day - timedelta(days=max(self.before - 1, 0)), self.day + timedelta(days=max(self.after - 1, 0))

    def forbids(self, day: date) -> bool:
        return self.window is not None and self.window[0] <= day <= self.window[1]


def before_instant(frame: Frame, code: str, instant: int, detail: str = "") -> Bar:
    """No start before this epoch second."""
    first = min(max(-((frame.origin - instant) // TICK), 0), frame.length)
    return Bar(code, (1 << first) - 1, detail)


def after_instant(frame: Frame, code: str, instant: int, detail: str = "") -> Bar:
    """No start after this epoch second."""
    after = min(max((instant - frame.origin) // TICK + 1, 0), frame.length)
    return Bar(code, frame.everything >> after << after, detail)


def before_date(frame: Frame, code: str, zone: str, day: date) -> Bar:
    """No start before this local day."""
    return Bar(code, dates_bits(frame, zone, None, day - timedelta(days=1)), day.isoformat())


def after_date(frame: Frame, code: str, zone: str, day: date) -> Bar:
    """No start after this local day."""
    return Bar(code, dates_bits(frame, zone, day + timedelta(days=1), None), day.isoformat())


def interval(frame: Frame, zone: str, neighbour: Neighbour) -> Bar:
    """No start too soon after another treatment on the area, nor too soon before one; days are whole local days."""
    if neighbour.window is None:
        return Bar("interval", 0)
    first, last = neighbour.window
    if last < local_date(zone, frame.origin) or first > local_date(zone, frame.end):
        return Bar("interval", 0)
    return Bar("interval", dates_bits(frame, zone, first, last), neighbour.day.isoformat())


def hours_only(frame: Frame, zone: str, weekdays: Collection[int], parts: Collection[tuple[int, int]]) -> int:
    """The starts on these weekdays (none: any) within these minutes of the local day, half open (none: any)."""
    days, minutes = sorted(weekdays) or range(7), sorted(parts) or [(0, 1440)]
    return hours_bits(
        frame, zone, tuple((day, first, last % 1440, None, None) for day in days for first, last in minutes)
    )
