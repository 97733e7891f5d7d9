"""Time as bits: a stretch of time cut into 5-minute ticks, a timeline as one integer.

Bit i of a timeline speaks of `[origin + i·TICK, origin + (i+1)·TICK)`. Ticks are counted in UTC, so a local day of 23
or 25 hours is only a day with fewer or more bits. What is free is rounded inwards, what is taken outwards.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

TICK = 300  # seconds
DAY_MINUTES = 24 * 60

# weekday (Monday 0), opens and closes in minutes of the local day, first and last valid date or None.
# Closing at or before opening means on the next day.
WeeklyHours = tuple[int, int, int, date | None, date | None]


@dataclass(frozen=True, slots=True)
class Frame:
    """`origin` in epoch seconds, a multiple of TICK; `length` in ticks."""

    origin: int
    length: int

    @classmethod
    def over(cls, start: int, end: int) -> "Frame":
        """The smallest frame around two epoch seconds."""
        origin = start // TICK * TICK
        return cls(origin, -(-(end - origin) // TICK))

    @property
    def everything(self) -> int:
        return (1 << self.length) - 1

    @property
    def end(self) -> int:
        return self.origin + self.length * TICK

    def tick(self, instant: int) -> int | None:
        """The tick that begins at this epoch second; None when none in the frame does."""
        tick, rest = divmod(instant - self.origin, TICK)
        return tick if rest == 0 and 0 <= tick < self.length else None

    def taken(self, start: int, end: int) -> int:
        """Every tick that `[start, end)` touches."""
        return self._bits((start - self.origin) // TICK, -((self.origin - end) // TICK))

    def within(self, start: int, end: int) -> int:
        """Every tick that lies wholly in `[start, end)`."""
        return self._bits(-((self.origin - start) // TICK), (end - self.origin) // TICK)

    def union(self, spans: list[tuple[int, int]]) -> int:
        """The ticks wholly in the union of these spans; two that meet off the grid lose nothing between them."""
        bits, run = 0, None
        for start, end in sorted(spans):
            if run and start <= run[1]:
                run = (run[0], max(run[1], end))
                continue
            if run:
                bits |= self.within(*run)
            run = (start, end)
        return bits | self.within(*run) if run else bits

    def _bits(self, first: int, after: int) -> int:
        first, after = max(first, 0), min(after, self.length)
        return ((1 << (after - first)) - 1) << first if after > first else 0

    def instants(self, bits: int) -> list[int]:
        """The epoch seconds at which the set ticks begin, in order."""
        found = []
        while bits:
            lowest = bits & -bits
            found.append(self.origin + (lowest.bit_length() - 1) * TICK)
            bits ^= lowest
        return found


def erode(free: int, need: int) -> int:
    """Bits from which `need` ticks in a row are free. The run known so far doubles, so log n shift-ANDs."""
    known = 1
    while known < need:
        step = min(known, need - known)
        free &= free >> step
        known += step
    return free


def dilate(starts: int, need: int) -> int:
    """Every bit that a run of `need` ticks from one of these starts touches."""
    known = 1
    while known < need:
        step = min(known, need - known)
        starts |= starts << step
        known += step
    return starts


def busy_bits(frame: Frame, pairs: tuple[int, ...] | list[int]) -> int:
    """Every tick touched by the intervals `start, end, start, end, …` in epoch seconds."""
    origin, length, bits = frame.origin, frame.length, 0
    for start, end in zip(pairs[::2], pairs[1::2], strict=True):
        first = (start - origin) // TICK
        after = -((origin - end) // TICK)
        if first < 0:
            first = 0
        if after > length:
            after = length
        if after > first:
            bits |= ((1 << (after - first)) - 1) << first
    return bits


@lru_cache(maxsize=8192)
def _wall(zone: str, day: date, minute: int) -> tuple[int, int]:
    """First and last epoch second at which the wall clock reads this. In a gap, both are where the clock jumps."""
    reading = datetime.combine(day, time()) + timedelta(minutes=minute)
    local = reading.replace(tzinfo=ZoneInfo(zone))
    first, last = int(local.timestamp()), int(local.replace(fold=1).timestamp())
    if first <= last:
        return first, last
    low, high = (
        last,
        first,
    )  # the reading does not exist: fold 0 counts with the offset before, fold 1 with the one after
    before = datetime.fromtimestamp(low, ZoneInfo(zone)).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, ZoneInfo(zone)).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high, high


def opens_at(zone: str, day: date, minute: int) -> int:
    """Epoch second from which it is surely that late: the second of two equal readings in autumn."""
    return _wall(zone, day, minute)[1]


def closes_at(zone: str, day: date, minute: int) -> int:
    """Epoch second at which it is that late for the first time."""
    return _wall(zone, day, minute)[0]


def day_bounds(zone: str, day: date) -> tuple[int, int]:
    """A local day in epoch seconds, half open; 23, 24 or 25 hours long."""
    return closes_at(zone, day, 0), closes_at(zone, day + timedelta(days=1), 0)


def local_date(zone: str, instant: int) -> date:
    return datetime.fromtimestamp(instant, ZoneInfo(zone)).date()


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@lru_cache(maxsize=2048)
def hours_bits(frame: Frame, zone: str, rows: tuple[WeeklyHours, ...]) -> int:
    """Weekly hours as a timeline, converted day by day so that a change of the clock is no case."""
    spans = []
    first = local_date(zone, frame.origin) - timedelta(days=1)  # a night may reach in from the day before
    for day in days_between(first, local_date(zone, frame.end)):
        for weekday, opens, closes, valid_from, valid_to in rows:
            if weekday != day.weekday() or (valid_from and day < valid_from) or (valid_to and day > valid_to):
                continue
            until = closes if closes > opens else closes + DAY_MINUTES
            spans.append((opens_at(zone, day, opens), closes_at(zone, day, until)))
    return frame.union(spans)


def dates_bits(frame: Frame, zone: str, first: date | None, last: date | None) -> int:
    """The ticks of the local days from first to last, both included; None leaves that side open."""
    start = frame.origin if first is None else day_bounds(zone, first)[0]
    end = frame.end if last is None else day_bounds(zone, last)[1]
    return frame.taken(start, end)


@lru_cache(maxsize=512)
def grid_bits(frame: Frame, zone: str, step: int) -> int:
    """The ticks at which the local clock shows a multiple of `step` minutes (a divisor of the day)."""
    bits, period = 0, step * 60
    for start, end, offset in _stretches(frame, zone):
        phase = -(start + offset) % period
        if phase % TICK or (start - frame.origin) % TICK:
            continue  # an offset that isn't whole ticks (none since 1972) has no start on the grid
        begin, length = (start - frame.origin) // TICK, (end - start) // TICK
        bits |= _comb(phase // TICK, period // TICK, length) << begin
    return bits


def _stretches(frame: Frame, zone: str) -> list[tuple[int, int, int]]:
    """The frame cut where the zone's offset changes: start, end, offset in seconds."""
    info = ZoneInfo(zone)

    def offset(instant: int) -> int:
        return int(datetime.fromtimestamp(instant, info).utcoffset().total_seconds())

    cut, found = frame.origin, []
    for instant in [*range(frame.origin + 86400, frame.end, 86400), frame.end]:
        if offset(instant) == offset(cut):
            continue
        low, high = max(cut, instant - 86400), instant
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == offset(cut) else (low, middle)
        found.append((cut, high, offset(cut)))
        cut = high
    return [*found, (cut, frame.end, offset(cut))]


def _comb(phase: int, period: int, length: int) -> int:
    """Ones at phase, phase + period, … below length."""
    if phase >= length:
        return 0
    teeth = -(-(length - phase) // period)
    return ((1 << (period * teeth)) - 1) // ((1 << period) - 1) << phase
