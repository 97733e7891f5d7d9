"""The cheapest plan of every rhythm at once.

Rhythms are lanes: for each weekday a block, in it a lane for each practitioner and slot. `price(day)` says what a session
on that day costs in every rhythm, with the start that suits it best. Sessions are then placed one after the other in
slack coordinates: session k with slack t lies t days after the sum of the shortest gaps before it, and the one before has
a slack between t − width and t, where width is the gap's longest − shortest. So each gap may have its own.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bookings.planning import costs
from bookings.planning.costs import Course, Failure, Plan, Rhythm, Session, apart, time_cost
from bookings.planning.days import LocalDays, day_at
from bookings.planning.lanes import Lanes, lane

PLANES = 6  # bits of the price of one start: at most 12 + 9 twice


@dataclass(frozen=True)
class Reach:
    """Which days can be reached at all: how many sessions must be late, and the least slack of the last one."""

    late: int
    slack: int
    failure: Failure | None
    possible: bool = True

    @classmethod
    def of(cls, days: LocalDays, course: Course) -> "Reach":
        free = [sum(1 << index for index, is_open in enumerate(open_) if is_open) for open_ in days.open]
        free += [0] * (max(course.kinds, default=0) + 1 - len(free))  # kinds that nobody gives
        first = free[course.kind_of(0)]
        rows, failure = [first], None  # slacks reached so far, by number of late sessions
        if not first:
            return cls(0, 0, Failure(1, course.earliest, course.latest), possible=False)
        for session in range(1, course.sessions):
            shortest, longest = course.gaps[session - 1]
            width, kind = longest - shortest, course.kind_of(session)
            here = free[kind] >> course.offsets[session]
            following = [0] * (len(rows) + 1)
            for late, row in enumerate(rows):
                for gap in range(width + 1):
                    following[late] |= row << gap & here
                if row:
                    lowest = (row & -row).bit_length() - 1
                    following[late + 1] |= here >> (lowest + width + 1) << (lowest + width + 1)
            if failure is None and not following[0]:
                before, since = rows[0], course.offsets[session - 1]
                first_day = since + (before & -before).bit_length() - 1 + shortest
                last_day = since + before.bit_length() - 1 + longest
                failure = Failure(session + 1, day_at(days, first_day), day_at(days, last_day))
            if not any(following):
                return cls(0, 0, failure, possible=False)
            rows = following
        late = next(late for late, row in enumerate(rows) if row)
        return cls(late, (rows[late] & -rows[late]).bit_length() - 1, failure)


class Rhythms:
    """Every rhythm's cheapest plan, for a slack of at most so many days."""

    def __init__(self, days: LocalDays, course: Course, *, late: bool) -> None:
        self.days, self.course, self.late = days, course, late
        self.offsets = course.offsets
        self.widths = [longest - shortest for shortest, longest in course.gaps]  # of the gap after each session
        opened = [day for open_ in days.open for day, is_open in zip(days.dates, open_, strict=True) if is_open]
        self.weekdays = sorted({day.weekday() for day in opened})
        self.block = Lanes(len(days.people) * days.slots)
        self.lanes = Lanes(self.block.count * len(self.weekdays))
        self._prices: dict[tuple[int, int], int] = {}
        self._by_text: dict[str, int] = {}
        self._fields()
        self.rows: list[list[int | None]] = []
        self._read: dict[tuple[int, int], array] = {}
        self._nearest: dict[int, list[int]] = {}

    @property
    def most_slack(self) -> int:
        return len(self.days) - 1 - self.offsets[-1]

    def solve(self, slack: int) -> list[int]:
        """The price of every rhythm's cheapest plan within this slack. Some plan there must be."""
        self.rows, self._read, before = [], {}, None
        for session in range(self.course.sessions):
            row: list[int | None] = []
            kind, is_open = self.course.kind_of(session), self.days.open[self.course.kind_of(session)]
            for t in range(slack + 1):
                index = self.offsets[session] + t
                usable = index < len(self.days) and is_open[index]
                if before is not None:
                    usable = usable and before[t] is not None
                row.append((self.price(index, kind) + (before[t] if before else 0)) if usable else None)
            self.rows.append(row)
            before = self._windows(row, self.widths[session]) if session < len(self.widths) else None
        total = None
        for t, found in enumerate(self.rows[-1]):
            if found is not None:
                total = self._smaller(total, found + self.lanes.same(t * costs.LATER))
        return self.lanes.listed(total).tolist() if total is not None else []

    def rhythm(self, index: int) -> Rhythm:
        weekday, rest = divmod(index, self.block.count)
        who, slot = divmod(self.block.count - 1 - rest, self.days.slots)
        return Rhythm(self.weekdays[weekday], self.days.minute_of(slot), self.days.people[who])

    def plan(self, index: int) -> Plan:
        """The cheapest plan of one rhythm, from the rows of the last `solve`. Of equal ones the one that is on early."""
        rhythm, last = self.rhythm(index), self.course.sessions - 1
        cost, t = min((price + t * costs.LATER, t) for t, price in self._column(last, index))
        sessions = [self._session(last, t, rhythm)]
        for number in range(last, 0, -1):
            here = self.price(self.offsets[number] + t, self.course.kind_of(number))
            left = self._at(number, t)[index] - lane(here, index)
            t = next(at for at, price in self._before(number, t, index) if price == left)
            sessions.append(self._session(number - 1, t, rhythm))
        return Plan(tuple(reversed(sessions)), rhythm, cost)

    def price(self, index: int, kind: int = 0) -> int:
        """What a session of this kind on this day costs in every rhythm."""
        if (index, kind) not in self._prices:
            text = self.days.free(index, kind)
            if text not in self._by_text:
                self._by_text[text] = self.block.repeated(self._of_starts(text), len(self.weekdays))
            self._prices[index, kind] = self._by_text[text] + self._of_weekday[day_at(self.days, index).weekday()]
        return self._prices[index, kind]

    def _at(self, number: int, t: int) -> array:
        if (number, t) not in self._read:
            self._read[number, t] = self.lanes.listed(self.rows[number][t])
        return self._read[number, t]

    def _column(self, number: int, index: int, first: int = 0, after: int | None = None) -> Iterator[tuple[int, int]]:
        for t, row in enumerate(self.rows[number][first:after], first):
            if row is not None:
                yield t, self._at(number, t)[index]

    def _before(self, number: int, t: int, index: int) -> Iterator[tuple[int, int]]:
        nearest = max(t - self.widths[number - 1], 0)
        if self.late:
            far = self._column(number - 1, index, 0, nearest)
            yield from ((at, price + costs.TOO_LATE) for at, price in far)
        yield from self._column(number - 1, index, nearest, t + 1)

    def _windows(self, row: list[int | None], width: int) -> list[int | None]:
        """For each t the smallest of row[t − width … t]; with `late` also of those before, at their price.

        Blocks of the window's length: what is smallest to the end of one block and from the start of the next.
        """
        size, smaller = width + 1, self._smaller
        to_end: list[int | None] = list(row)
        for t in range(len(row) - 2, -1, -1):
            if (t + 1) % size:
                to_end[t] = smaller(row[t], to_end[t + 1])
        found, from_start, ever = [], None, None
        for t, here in enumerate(row):
            from_start = here if t % size == 0 else smaller(from_start, here)
            first = t - width
            best = smaller(to_end[first], from_start) if first > 0 and first % size else from_start
            if self.late and first > 0:
                ever = smaller(ever, row[first - 1])
                if ever is not None:
                    best = smaller(best, ever + self.lanes.same(costs.TOO_LATE))
            found.append(best)
        return found

    def _smaller(self, a: int | None, b: int | None) -> int | None:
        if a is None or b is None:
            return b if a is None else a
        return self.lanes.smaller(a, b)

    def _session(self, number: int, t: int, rhythm: Rhythm) -> Session:
        """The start of this day that suits a rhythm best: the cheapest, then the nearest to its time, then the earliest."""
        index, kind = self.offsets[number] + t, self.course.kind_of(number)
        text, day, slots = self.days.free(index, kind), day_at(self.days, index), self.days.slots
        options = []
        for who, person in enumerate(self.days.people):
            free = text[who * slots : (who + 1) * slots]
            if (place := next((n for n, slot in enumerate(self._in_order(rhythm)) if free[slot] == "1"), None)) is None:
                continue
            minute = self.days.minute_of(self._in_order(rhythm)[place])
            session = Session(0, person, day, minute)
            options.append((apart(session, rhythm) + apart(session, self.course.wish), place, who, session))
        _, _, who, session = min(options)
        tick = self.days.tick(index, session.minute, self.days.starts[kind][who])
        return replace(session, start=self.days.instant(tick))

    def _in_order(self, rhythm: Rhythm) -> list[int]:
        """Slots, those first that suit the rhythm's time and the wished one best."""
        at = rhythm.minute
        if at not in self._nearest:
            wished = at if self.course.wish.minute is None else self.course.wish.minute
            minutes = {slot: self.days.minute_of(slot) for slot in range(self.days.slots)}
            self._nearest[at] = sorted(
                minutes,
                key=lambda slot: (
                    time_cost(minutes[slot] - at) + time_cost(minutes[slot] - wished) * (wished != at),
                    abs(minutes[slot] - at),
                ),
            )
        return self._nearest[at]

    # What the starts of a day cost, in the lanes of one block. Masks have the bits of `LocalDays.free`, first one highest.

    def _fields(self) -> None:
        slots, people, wish = self.days.slots, self.days.people, self.course.wish
        self._every = (1 << self.block.count) - 1
        self._one = (1 << slots) - 1
        self._each = sum(1 << (slots * who) for who in range(len(people)))  # the lowest bit of every field
        self._wished = sum(
            self._one << (slots * (len(people) - 1 - who)) for who, one in enumerate(people) if one == wish.practitioner
        )
        self._times: list[tuple[int, int]] = [(0, self._every)]
        if wish.minute is not None:
            by_cost: dict[int, int] = {}
            for slot in range(slots):
                cost = time_cost(self.days.minute_of(slot) - wish.minute)
                by_cost[cost] = by_cost.get(cost, 0) | self._each << (slots - 1 - slot)
            self._times = sorted(by_cost.items())
        self._of_weekday = {
            day: sum(
                self.block.same(
                    (day != other) * costs.OTHER_WEEKDAY + (wish.weekday not in (None, day)) * costs.OTHER_WEEKDAY
                )
                << (16 * self.block.count * at)
                for at, other in enumerate(self.weekdays)
            )
            for day in self.weekdays
        }
        self._edges: dict[int, tuple[int, int]] = {}

    def _of_starts(self, text: str) -> int:
        left, planes = self._every, [0] * PLANES
        for cost, mask in sorted(self._levels(int(text, 2)).items()):
            if new := mask & left:
                left ^= new
                for bit in range(PLANES):
                    if cost >> bit & 1:
                        planes[bit] |= new
            if not left:
                break
        return sum(self.block.spread(plane) << bit for bit, plane in enumerate(planes) if plane)

    def _levels(self, free: int) -> dict[int, int]:
        """Prices and the lanes that can have a start at them."""
        bases: dict[int, int] = {}
        for base, mask in self._sources(free):
            for cost, times in self._times:
                if near := mask & times:
                    bases[base + cost] = bases.get(base + cost, 0) | near
        found: dict[int, int] = {}
        reached, enough = 0, None
        for base, mask in sorted(bases.items()):
            if enough is not None and base >= enough:
                break
            for more, wide in self._wider(mask):
                found[base + more] = found.get(base + more, 0) | wide
            reached |= wide
            if enough is None and reached == self._every:
                enough = base + more  # every lane has a start by now
        return found

    def _sources(self, free: int) -> list[tuple[int, int]]:
        """The starts a lane may take, and what they cost for the person: its own practitioner's, then anybody's."""
        wished, other = self._wished, costs.OTHER_PRACTITIONER
        everybody = self._for_all(free)
        if self.course.wish.practitioner is None:
            return [(0, free), (other, everybody)]
        mine = free & wished
        return [(0, mine), (other, (free & ~wished) | self._for_all(mine)), (2 * other, everybody)]

    def _for_all(self, mask: int) -> int:
        """Every field has what any field has."""
        any_of = 0
        while mask:
            any_of |= mask & self._one
            mask >>= self.days.slots
        return any_of * self._each

    def _wider(self, mask: int) -> Iterator[tuple[int, int]]:
        """The times around those of the mask, ring by ring, with what they cost."""
        at = 0
        for minutes, cost in [*costs.OTHER_TIME, (self.days.slots * self.days.step, costs.FAR_TIME)]:
            while at < minutes // self.days.step:
                by = min(at + 1, minutes // self.days.step - at)  # what reaches an edge is not wider than that
                not_first, not_last = self._inner(by)
                mask |= (mask & not_first) << by | (mask & not_last) >> by
                at += by
            yield cost, mask

    def _inner(self, by: int) -> tuple[int, int]:
        """What may be shifted up, and down, by so many slots without leaving its field."""
        if by not in self._edges:
            kept = max(self.days.slots - by, 0)
            low = ((1 << kept) - 1) * self._each
            self._edges[by] = (low, low << min(by, self.days.slots))
        return self._edges[by]
