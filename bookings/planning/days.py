"""Starting ticks as local days and slots of the local clock.

A slot is a multiple of the step; only those between the first and the last at which anything ever begins are kept. On a
day on which the clock changes a slot may be missing or come twice; the first that is free counts.
"""

from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from zoneinfo import ZoneInfo

from bookings.planning.costs import Person
from bookings.ticks import DAY_MINUTES, TICK, Frame, day_bounds, days_between

DAY_TICKS = DAY_MINUTES * 60 // TICK


class LocalDays:
    """The days from first to last by index. `people` come most free first, then by id; `starts` has theirs by kind."""

    def __init__(self, *, frame: Frame, zone: str, step: int, people: list[Person], first: date, last: date) -> None:
        self.frame, self.info, self.step = frame, ZoneInfo(zone), step
        self.first, self.dates = first, days_between(first, last)
        self.kinds = max((one.kind for one in people), default=0) + 1
        able: dict[int, list[int]] = {}
        for one in people:
            able.setdefault(one.id, [0] * self.kinds)[one.kind] |= one.starts
        order = {one: sum(bits.bit_count() for bits in kinds) for one, kinds in able.items() if any(kinds)}
        self.people = sorted(order, key=lambda one: (-order[one], one))
        self.starts = [[able[one][kind] for one in self.people] for kind in range(self.kinds)]
        edges = [day_bounds(zone, day)[0] for day in self.dates] + [day_bounds(zone, last)[1]] if self.dates else []
        self._spans = [((a - frame.origin) // TICK, (b - a) // TICK) for a, b in zip(edges, edges[1:], strict=False)]
        self._bytes: dict[tuple[int, int, int], bytes] = {}
        self._texts: dict[tuple[int, int], str] = {}
        self._unions = [reduce(or_, bits, 0) for bits in self.starts]
        self._union = reduce(or_, self._unions, 0)
        self._clocks = {i: self._clock(i) for i, span in enumerate(self._spans) if not self._usual(span)}
        self.open = [[self._has_start(kind, i) for i in range(len(self.dates))] for kind in range(self.kinds)]
        self.low, self.slots = self._range()

    def __len__(self) -> int:
        return len(self.dates)

    def free(self, index: int, kind: int = 0) -> str:
        """A day as one "1" or "0" for each slot of each practitioner, in order."""
        if (index, kind) not in self._texts:
            made = self._of_clock if index in self._clocks else self._of_ticks
            self._texts[index, kind] = made(index, kind)
        return self._texts[index, kind]

    def _of_ticks(self, index: int, kind: int) -> str:
        tick, jump = self._spans[index][0], self.step * 60 // TICK
        begin, length = tick >> 3, DAY_TICKS // 8
        parts = [self._shifted(kind, who, tick & 7)[begin : begin + length] for who in range(len(self.people))]
        whole = format(int.from_bytes(b"".join(parts), "little"), f"0{DAY_TICKS * len(parts)}b")[::-1][::jump]
        first, a_day = self.low // self.step, DAY_TICKS // jump
        return "".join([whole[at + first : at + first + self.slots] for at in range(0, len(whole), a_day)])

    def _of_clock(self, index: int, kind: int) -> str:
        minutes = [self.minute_of(slot) for slot in range(self.slots)]
        return "".join(
            str(int(self.tick(index, at, starts) is not None)) for starts in self.starts[kind] for at in minutes
        )

    def minute_of(self, slot: int) -> int:
        return self.low + slot * self.step

    def tick(self, index: int, minute: int, starts: int | None = None) -> int | None:
        """The tick at which the local clock shows this minute of the day; with somebody's starts, one of them."""
        if index in self._clocks:
            ticks = self._clocks[index].get(minute, [])
            return next((one for one in ticks if starts is None or starts >> one & 1), None)
        found = self._spans[index][0] + minute * 60 // TICK
        return found if starts is None or starts >> found & 1 else None

    def instant(self, tick: int) -> int:
        return self.frame.origin + tick * TICK

    def _usual(self, span: tuple[int, int]) -> bool:
        tick, length = span
        return length == DAY_TICKS and tick >= 0 and tick + length <= self.frame.length

    def _clock(self, index: int) -> dict[int, list[int]]:
        """Minute of the day → the ticks at which something begins, for a day of another length or cut by the frame."""
        found: dict[int, list[int]] = {}
        begin, length = self._spans[index]
        for tick in range(max(begin, 0), min(begin + length, self.frame.length)):
            if self._union >> tick & 1:
                local = datetime.fromtimestamp(self.instant(tick), self.info)
                found.setdefault(local.hour * 60 + local.minute, []).append(tick)
        return found

    def _has_start(self, kind: int, index: int) -> bool:
        if index in self._clocks:
            return any(self._unions[kind] >> tick & 1 for ticks in self._clocks[index].values() for tick in ticks)
        return bool(self._cut(kind, *self._spans[index]))

    def _range(self) -> tuple[int, int]:
        """The first slot's minute, and how many there are."""
        seen, minutes = 0, []
        for index, span in enumerate(self._spans):
            if index in self._clocks:
                minutes += self._clocks[index]
            else:
                for kind in range(self.kinds):
                    seen |= self._cut(kind, *span) if self.open[kind][index] else 0
        if seen:
            minutes += [((seen & -seen).bit_length() - 1) * TICK // 60, (seen.bit_length() - 1) * TICK // 60]
        if not minutes:
            return 0, 0
        return min(minutes), (max(minutes) - min(minutes)) // self.step + 1

    def _cut(self, kind: int, tick: int, length: int) -> int:
        """So many bits of everybody's starts from a tick on."""
        begin = tick >> 3
        return int.from_bytes(self._shifted(kind, -1, tick & 7)[begin : begin + (length + 7 >> 3)], "little")

    def _shifted(self, kind: int, who: int, by: int) -> bytes:
        """Somebody's starts (-1: all together) as bytes to slice, so that a year is not copied for each of its days."""
        if (kind, who, by) not in self._bytes:
            starts = self._unions[kind] if who < 0 else self.starts[kind][who]
            self._bytes[kind, who, by] = (starts >> by).to_bytes(self.frame.length // 8 + 1, "little")
        return self._bytes[kind, who, by]


def day_at(days: LocalDays, index: int) -> date:
    return days.first + timedelta(days=index)
