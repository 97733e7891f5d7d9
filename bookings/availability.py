"""When a visit can begin, and why it can't: the one place that decides it.

Pure: plain facts in, starting ticks, reasons and resources out. A start is possible when, at one location, for every
kind of resource at least one of that kind is free for the phases that need it:

    AND over kinds ( OR over resources ( AND over phases ( erode(free, need) >> offset )))

and no bar (notice, interval, …) forbids it. A room or device that lacks only because other visits lie awkwardly is made
free by swapping theirs (see `swaps`). `starts`, `reasons` and `assign` read the same masks, so what is offered, what is
refused and what is booked can't differ. See `ticks` for how time becomes bits.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from bookings import swaps
from bookings.facts import (
    DEVICE,
    PATIENT,
    PRACTITIONER,
    ROOM,
    Assignment,
    Bar,
    Finding,
    Need,
    PlaceFacts,
    ResourceFacts,
    Swap,
)
from bookings.findings import reasons_at
from bookings.ticks import Frame, busy_bits, dates_bits, dilate, erode, grid_bits, hours_bits

__all__ = [
    "DEVICE",
    "PATIENT",
    "PRACTITIONER",
    "ROOM",
    "Assignment",
    "Bar",
    "Board",
    "Diary",
    "Finding",
    "Need",
    "Place",
    "PlaceFacts",
    "ResourceFacts",
    "Swap",
    "board",
]
SWAPPED = (ROOM, DEVICE)  # never the practitioner: people are told with whom they are


@dataclass(frozen=True)
class Diary:
    """One resource's timelines in a frame."""

    facts: ResourceFacts
    hours: int
    away: int
    busy: int
    starts: int

    @property
    def present(self) -> int:
        return self.hours & ~self.away

    @property
    def free(self) -> int:
        return self.hours & ~self.away & ~self.busy


@dataclass(frozen=True)
class Place:
    facts: PlaceFacts
    frame: Frame
    need: Need
    open: int
    holiday: int
    grid: int
    kinds: dict[str, tuple[Diary, ...]]
    swap_from: int | None  # epoch seconds; what begins earlier stays where it is

    @cached_property
    def of_kind(self) -> dict[str, int]:
        """Per kind, the starts for which one of them is free."""
        found = {}
        for kind, diaries in self.kinds.items():
            found[kind] = 0
            for diary in diaries:
                found[kind] |= diary.starts
        return found

    @cached_property
    def allowed(self) -> int:
        """Ticks on its grid that none of its own rules forbids."""
        allowed = self.grid
        for bar in self.facts.bars:
            allowed &= ~bar.forbidden
        return allowed

    @cached_property
    def starts(self) -> int:
        possible = self.allowed
        for some in self.of_kind.values():
            possible &= some
        return possible

    def swappable(self, wanted: int) -> int:
        """Of the `wanted` starts, those that become possible by swapping rooms or devices between other visits."""
        if self.swap_from is None:
            return 0
        wanted &= self.allowed & ~self.starts & self.of_kind[PRACTITIONER]
        for kind, some in self.of_kind.items():
            if wanted and kind in SWAPPED:
                wanted &= some | self._somewhere(kind)
        for kind, some in self.of_kind.items():
            if kind in SWAPPED and wanted & ~some:
                wanted &= some | self._softly(kind, wanted & ~some)
        return wanted

    def _somewhere(self, kind: str) -> int:
        """Starts at which in every tick some twin is free, if not the same one: more than swapping can reach."""
        found = 0
        for twins in self._twins[kind]:
            free = 0
            for line in twins:
                free |= line.free
            found |= self.need.starts_of(kind, free)
        return found

    def _softly(self, kind: str, wanted: int) -> int:
        """Starts at which some twin could be made free. Exact for the `wanted` ones."""
        [(offset, length)] = self.need.phases_of(kind)
        region, found = dilate(wanted, length) << offset, 0
        for twins in self._twins[kind]:
            for bits in swaps.soft(self.frame, twins, region, since=self.swap_from):
                found |= erode(bits, length) >> offset
        return found

    def swap(self, kind: str, tick: int) -> tuple[int, tuple[Swap, ...]] | None:
        """The resource of a kind that can be made free for a start, and the swaps that do it."""
        if kind not in SWAPPED or self.swap_from is None:
            return None
        [(offset, length)] = self.need.phases_of(kind)
        ways = [
            swaps.find(self.frame, twins, tick + offset, length, since=self.swap_from) for twins in self._twins[kind]
        ]
        return min((way for way in ways if way), key=lambda way: len(way[1]), default=None)

    @cached_property
    def _twins(self) -> dict[str, list[list[swaps.Line]]]:
        found: dict[str, dict[Hashable, list[swaps.Line]]] = {kind: {} for kind in SWAPPED}
        for kind in SWAPPED:
            for diary in self.kinds.get(kind, ()):
                if diary.facts.twin is not None:
                    line = swaps.Line.of(diary.facts.id, diary.present, diary.free, diary.facts.busy)
                    found[kind].setdefault(diary.facts.twin, []).append(line)
        return {kind: [twins for twins in by_twin.values() if len(twins) > 1] for kind, by_twin in found.items()}


@dataclass(frozen=True)
class Board:
    """Everything about one visit in one frame."""

    frame: Frame
    need: Need
    places: tuple[Place, ...]
    bars: tuple[Bar, ...] = field(default=())

    @cached_property
    def allowed(self) -> int:
        """Starts that no bar forbids."""
        allowed = self.frame.everything
        for bar in self.bars:
            allowed &= ~bar.forbidden
        return allowed

    @cached_property
    def starts(self) -> int:
        possible = 0
        for place in self.places:
            possible |= place.starts
        possible &= self.allowed
        for place in self.places:
            possible |= place.swappable(self.allowed & ~possible)
        return possible

    def can_begin(self, tick: int) -> bool:
        """Whether resources can be had at one tick, whatever the bars say."""
        bit = 1 << tick
        return any(place.starts & bit for place in self.places) or any(place.swappable(bit) for place in self.places)

    def reasons(self, tick: int | None) -> list[Finding]:
        """Why the visit can't begin at this tick; nothing when it can. None is an instant between two ticks."""
        if tick is None or not self.places:
            return [Finding("off_grid" if tick is None else "nobody_offers")]
        found = [Finding(bar.code, bar.detail) for bar in self.bars if bar.forbidden >> tick & 1]
        if self.can_begin(tick):
            return found
        at_places = [reasons_at(place, tick) for place in self.places]
        return found + min(at_places, key=len)

    def assign(self, tick: int, *, prefer: int | None = None) -> list[Assignment]:
        """Resources for a start, best first: no swap before a swap, then least idle fragmentation, then least used.
        `prefer` goes before."""
        options = []
        for place in self.places:
            if not (place.starts >> tick & 1 or place.swappable(1 << tick)):
                continue
            cost, chosen, moved = [0, 0, 0], {}, ()
            for kind, diaries in place.kinds.items():
                scored = [(self._cost(kind, diary, tick), diary) for diary in diaries if diary.starts >> tick & 1]
                if not scored:
                    chosen[kind], more = place.swap(kind, tick)
                    moved += more
                    continue
                best, diary = min(scored, key=lambda one: (one[1].facts.id != prefer, one[0]))
                chosen[kind] = diary.facts.id
                cost = [sum(pair) for pair in zip(cost, best, strict=False)]
            options.append((len(moved), cost, place.facts.id, chosen, moved))
        return [
            Assignment(place, chosen.get(ROOM), chosen[PRACTITIONER], chosen.get(DEVICE), moved)
            for _, _, place, chosen, moved in sorted(options, key=lambda one: one[:3])
        ]

    def _cost(self, kind: str, diary: Diary, tick: int) -> tuple[int, int, int, int]:
        """Idle pieces left around the time in its free run (0 fits exactly), ticks in pieces too short for such a
        visit, ticks already used, id."""
        pieces = stranded = 0
        for offset, length in self.need.phases_of(kind):
            before, after = _run_around(diary.free, tick + offset, length, self.frame.length)
            pieces += (before > 0) + (after > 0)
            stranded += sum(gap for gap in (before, after) if gap < length)
        return (pieces, stranded, diary.busy.bit_count(), diary.facts.id)


def board(
    *,
    frame: Frame,
    need: Need,
    places: Iterable[PlaceFacts],
    patient_busy: tuple[int, ...] = (),
    bars: Iterable[Bar] = (),
    swap_from: int | None = None,
) -> Board:
    """Timelines of the facts. `bars` forbid starts for reasons that no resource knows (see `bars`).

    Visits that begin at `swap_from` (epoch seconds) or later may be swapped to another room or device; None: none may.
    """
    built = tuple(_place(frame, need, facts, swap_from) for facts in places)
    bars = [bar for bar in bars if bar.forbidden]
    if patient_busy:
        can = need.starts_of(PATIENT, frame.everything & ~busy_bits(frame, patient_busy))
        bars.append(Bar("patient_busy", frame.everything & ~can))
    return Board(frame, need, built, tuple(bars))


def _place(frame: Frame, need: Need, facts: PlaceFacts, swap_from: int | None) -> Place:
    opened = hours_bits(frame, facts.zone, facts.hours) if need.room else frame.everything
    holiday = 0
    for first, last in facts.closures:
        holiday |= dates_bits(frame, facts.zone, first, last)
    at_hand = opened & ~holiday
    kinds: dict[str, list[Diary]] = {kind: [] for kind in need.kinds}
    for resource in facts.resources:
        if resource.kind not in kinds:
            continue
        hours = at_hand if resource.hours is None else at_hand & hours_bits(frame, facts.zone, resource.hours)
        away, busy = busy_bits(frame, resource.absences), busy_bits(frame, resource.busy)
        starts = need.starts_of(resource.kind, hours & ~away & ~busy)
        kinds[resource.kind].append(Diary(resource, hours, away, busy, starts))
    grid = grid_bits(frame, facts.zone, facts.step)
    by_kind = {kind: tuple(diaries) for kind, diaries in kinds.items()}
    return Place(facts, frame, need, opened, holiday, grid, by_kind, swap_from)


def _run_around(free: int, first: int, length: int, end: int) -> tuple[int, int]:
    """Free ticks directly before and after `[first, first + length)`."""
    taken = ~free
    below = taken & ((1 << first) - 1)
    above = (taken & ((1 << end) - 1)) >> (first + length)
    before = first - below.bit_length()
    after = (above & -above).bit_length() - 1 if above else end - first - length
    return before, after
