"""Starting ticks as local days and slots of the local clock.

A slot is a multiple of the step; only those between the first and the last at which anything ever begins are kept. On a
day on which the clock changes a slot may be missing or come twice; the first that is free counts.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bookings.planning.costs import Person
from bookings.ticks import DAY_MINUTES, TICK, Frame, day_bounds, days_between

DAY_TICKS = DAY_MINUTES * 60 // TICK


class LocalDays:
    """The days from first to last by index. `people` come most free first, then by id."""

    def __init__(self, *, frame: Frame, zone: str, step: int, people: list[Person], first: date, last: date) -> None:
        self.frame, self.info, self.step = frame, ZoneInfo(zone), step
        self.first, self.dates = first, days_between(first, last)
        able = [one for one in people if one.starts]
        self.people = sorted(able, key=lambda one: (-one.starts.bit_count(), one.id))
        edges = [day_bounds(zone, day)[0] for day in self.dates] + [day_bounds(zone, last)[1]] if self.dates else []
        self._spans = [((a - frame.origin) // TICK, (b - a) // TICK) for a, b in zip(edges, edges[1:], strict=False)]
        self._bytes: dict[tuple[int, int], bytes] = {}
        self._texts: dict[int, str] = {}
        self._union = 0
        for one in self.people:
            self._union |= one.starts
        self._clocks = {i: self._clock(i) for i, span in enumerate(self._spans) if not self._usual(span)}
        self.open = [self._has_start(i) for i in range(len(self.dates))]
        self.low, self.slots = self._range()

    def __len__(self) -> int:
        return len(self.dates)

    def free(self, index: int) -> str:
        """A day as one "1" or "0" for each slot of each practitioner, in order."""
        if index not in self._texts:
            self._texts[index] = self._of_clock(index) if index in self._clocks else self._of_ticks(index)
        return self._texts[index]

    def _of_ticks(self, index: int) -> str:
        tick, jump = self._spans[index][0], self.step * 60 // TICK
        begin, length = tick >> 3, DAY_TICKS // 8
        parts = [self._shifted(who, tick & 7)[begin : begin + length] for who in range(len(self.people))]
        whole = format(int.from_bytes(b"".join(parts), "little"), f"0{DAY_TICKS * len(parts)}b")[::-1][::jump]
        first, a_day = self.low // self.step, DAY_TICKS // jump
        return "".join([whole[at + first : at + first + self.slots] for at in range(0, len(whole), a_day)])

    def _of_clock(self, index: int) -> str:
        minutes = [self.minute_of(slot) for slot in range(self.slots)]
        return "".join(str(int(self.tick(index, at, one) is not None)) for one in self.people for at in minutes)

    def minute_of(self, slot: int) -> int:
        return self.low + slot * self.step

    def tick(self, index: int, minute: int, person: Person | None = None) -> int | None:
        """The tick at which the local clock shows this minute of the day; with a person, one at which they can begin."""
        if index in self._clocks:
            ticks = self._clocks[index].get(minute, [])
            return next((one for one in ticks if person is None or person.starts >> one & 1), None)
        found = self._spans[index][0] + minute * 60 // TICK
        return found if person is None or person.starts >> found & 1 else None

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

    def _has_start(self, index: int) -> bool:
        return bool(self._clocks[index] if index in self._clocks else self._cut(*self._spans[index]))

    def _range(self) -> tuple[int, int]:
        """The first slot's minute, and how many there are."""
        seen, minutes = 0, []
        for index, is_open in enumerate(self.open):
            if index in self._clocks:
                minutes += self._clocks[index]
            elif is_open:
                seen |= self._cut(*self._spans[index])
        if seen:
            minutes += [((seen & -seen).bit_length() - 1) * TICK // 60, (seen.bit_length() - 1) * TICK // 60]
        if not minutes:
            return 0, 0
        return min(minutes), (max(minutes) - min(minutes)) // self.step + 1

    def _cut(self, tick: int, length: int) -> int:
        """So many bits of the union from a tick on."""
        begin = tick >> 3
        return int.from_bytes(self._shifted(-1, tick & 7)[begin : begin + (length + 7 >> 3)], "little")

    def _shifted(self, who: int, by: int) -> bytes:
        """Somebody's starts (-1: all together) as bytes to slice, so that a year is not copied for each of its days."""
        if (who, by) not in self._bytes:
            starts = self._union if who < 0 else self.people[who].starts
            self._bytes[who, by] = (starts >> by).to_bytes(self.frame.length // 8 + 1, "little")
        return self._bytes[who, by]


def day_at(days: LocalDays, index: int) -> date:
    return days.first + timedelta(days=index)
