"""When a visit can begin, and why it can't: the one place that decides it.

Pure: plain facts in, starting ticks, reasons and resources out. A start is possible when, at one location, for every
kind of resource at least one of that kind is free for the phases that need it:

    AND over kinds ( OR over resources ( AND over phases ( erode(free, need) >> offset )))

and no bar (notice, interval, …) forbids it. `starts`, `reasons` and `assign` read the same masks, so what is offered,
what is refused and what is booked can't differ. See `ticks` for how time becomes bits.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from bookings.ticks import TICK, Frame, WeeklyHours, busy_bits, dates_bits, erode, grid_bits, hours_bits

PRACTITIONER, ROOM, DEVICE, PATIENT = "practitioner", "room", "device", "patient"


@dataclass(frozen=True, slots=True)
class Need:
    """What a visit takes, in ticks. Numbing and turnaround need the room; treatment also practitioner and device."""

    numbing: int
    treatment: int
    turnaround: int
    device: bool = True

    @classmethod
    def of_minutes(cls, numbing: int, treatment: int, turnaround: int, *, device: bool = True) -> "Need":
        per_tick = TICK // 60
        return cls(*(-(-minutes // per_tick) for minutes in (numbing, treatment, turnaround)), device)

    @property
    def total(self) -> int:
        return self.numbing + self.treatment + self.turnaround

    def starts_of(self, kind: str, free: int) -> int:
        """Starting ticks of the visit at which a resource of this kind, free like this, is free when it is needed."""
        if kind == ROOM:
            return erode(free, self.total)
        if kind == PATIENT:
            return erode(free, self.numbing + self.treatment)
        return erode(free, self.treatment) >> self.numbing


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """One resource as loaded. Times in epoch seconds, flat: start, end, start, end, …"""

    id: int
    kind: str
    name: str = ""
    hours: tuple[WeeklyHours, ...] | None = None  # None: whenever its location is open
    absences: tuple[int, ...] = ()
    busy: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """One location as loaded, with the resources that suit the visit."""

    id: int
    zone: str
    hours: tuple[WeeklyHours, ...]
    closures: tuple[tuple[date, date], ...] = ()
    resources: tuple[ResourceFacts, ...] = ()
    step: int = 15  # minutes of the local clock


@dataclass(frozen=True, slots=True)
class Bar:
    """Starting ticks forbidden for one reason. `detail` is what its sentence tells (a date, a number of days)."""

    code: str
    forbidden: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a tick is no start: a code of `reasons`, and what or who it is about."""

    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Assignment:
    place: int
    room: int
    practitioner: int
    device: int | None


@dataclass(frozen=True)
class Diary:
    """One resource's timelines in a frame."""

    facts: ResourceFacts
    hours: int
    away: int
    busy: int
    starts: int

    @property
    def free(self) -> int:
        return self.hours & ~self.away & ~self.busy


@dataclass(frozen=True)
class Place:
    facts: PlaceFacts
    open: int
    holiday: int
    grid: int
    kinds: dict[str, tuple[Diary, ...]]

    @cached_property
    def starts(self) -> int:
        possible = self.grid
        for diaries in self.kinds.values():
            some = 0
            for diary in diaries:
                some |= diary.starts
            possible &= some
        return possible


@dataclass(frozen=True)
class Board:
    """Everything about one visit in one frame."""

    frame: Frame
    need: Need
    places: tuple[Place, ...]
    bars: tuple[Bar, ...] = field(default=())

    @cached_property
    def starts(self) -> int:
        possible = 0
        for place in self.places:
            possible |= place.starts
        for bar in self.bars:
            possible &= ~bar.forbidden
        return possible

    def reasons(self, tick: int | None) -> list[Finding]:
        """Why the visit can't begin at this tick; nothing when it can. None is an instant between two ticks."""
        if tick is None or not self.places:
            return [Finding("off_grid" if tick is None else "nobody_offers")]
        found = [Finding(bar.code, bar.detail) for bar in self.bars if bar.forbidden >> tick & 1]
        if any(place.starts >> tick & 1 for place in self.places):
            return found
        at_places = [_reasons_at(place, self.need, tick) for place in self.places]
        return found + min(at_places, key=len)

    def assign(self, tick: int, *, prefer: int | None = None) -> list[Assignment]:
        """Resources for a start, best first: least idle fragmentation, then least used. `prefer` goes before."""
        options = []
        for place in self.places:
            if not place.starts >> tick & 1:
                continue
            cost, chosen = [0, 0, 0], {}
            for kind, diaries in place.kinds.items():
                scored = [(self._cost(kind, diary, tick), diary) for diary in diaries if diary.starts >> tick & 1]
                best, diary = min(scored, key=lambda one: (one[1].facts.id != prefer, one[0]))
                chosen[kind] = diary.facts.id
                cost = [sum(pair) for pair in zip(cost, best, strict=False)]
            options.append((cost, place.facts.id, chosen))
        return [
            Assignment(place, chosen[ROOM], chosen[PRACTITIONER], chosen.get(DEVICE))
            for _, place, chosen in sorted(options, key=lambda one: (one[0], one[1]))
        ]

    def _cost(self, kind: str, diary: Diary, tick: int) -> tuple[int, int, int, int]:
        """Idle pieces left around the time in its free run (0 fits exactly), ticks in pieces too short for such a
        visit, ticks already used, id."""
        first = tick if kind == ROOM else tick + self.need.numbing
        length = self.need.total if kind == ROOM else self.need.treatment
        before, after = _run_around(diary.free, first, length, self.frame.length)
        stranded = sum(gap for gap in (before, after) if gap < length)
        return ((before > 0) + (after > 0), stranded, diary.busy.bit_count(), diary.facts.id)


def board(
    *,
    frame: Frame,
    need: Need,
    places: Iterable[PlaceFacts],
    patient_busy: tuple[int, ...] = (),
    bars: Iterable[Bar] = (),
) -> Board:
    """Timelines of the facts. `bars` forbid starts for reasons that no resource knows (see `bars`)."""
    built = tuple(_place(frame, need, facts) for facts in places)
    bars = [bar for bar in bars if bar.forbidden]
    if patient_busy:
        can = need.starts_of(PATIENT, frame.everything & ~busy_bits(frame, patient_busy))
        bars.append(Bar("patient_busy", frame.everything & ~can))
    return Board(frame, need, built, tuple(bars))


def _place(frame: Frame, need: Need, facts: PlaceFacts) -> Place:
    opened = hours_bits(frame, facts.zone, facts.hours)
    holiday = 0
    for first, last in facts.closures:
        holiday |= dates_bits(frame, facts.zone, first, last)
    at_hand = opened & ~holiday
    kinds: dict[str, list[Diary]] = {ROOM: [], PRACTITIONER: []} | ({DEVICE: []} if need.device else {})
    for resource in facts.resources:
        if resource.kind not in kinds:
            continue
        hours = at_hand if resource.hours is None else at_hand & hours_bits(frame, facts.zone, resource.hours)
        away, busy = busy_bits(frame, resource.absences), busy_bits(frame, resource.busy)
        starts = need.starts_of(resource.kind, hours & ~away & ~busy)
        kinds[resource.kind].append(Diary(resource, hours, away, busy, starts))
    grid = grid_bits(frame, facts.zone, facts.step)
    return Place(facts, opened, holiday, grid, {kind: tuple(diaries) for kind, diaries in kinds.items()})


def _reasons_at(place: Place, need: Need, tick: int) -> list[Finding]:
    if not place.grid >> tick & 1:
        return [Finding("off_grid", str(place.facts.step))]
    if not erode(place.open, need.total) >> tick & 1:
        return [Finding("closed")]
    if not erode(place.open & ~place.holiday, need.total) >> tick & 1:
        return [Finding("holiday")]
    return [
        finding
        for kind, diaries in place.kinds.items()
        if not any(diary.starts >> tick & 1 for diary in diaries)
        for finding in [_reason_of(kind, diaries, need, tick)]
    ]


def _reason_of(kind: str, diaries: tuple[Diary, ...], need: Need, tick: int) -> Finding:
    """The most hopeful reason of a kind: taken before absent before not working before none there is."""
    if not diaries:
        return Finding(f"{kind}_missing")
    name = diaries[0].facts.name if len(diaries) == 1 else ""
    if any(need.starts_of(kind, diary.hours & ~diary.away) >> tick & 1 for diary in diaries):
        return Finding(f"{kind}_taken", name)
    if any(need.starts_of(kind, diary.hours) >> tick & 1 for diary in diaries):
        return Finding(f"{kind}_away", name)
    return Finding(f"{kind}_off", name)


def _run_around(free: int, first: int, length: int, end: int) -> tuple[int, int]:
    """Free ticks directly before and after `[first, first + length)`."""
    taken = ~free
    below = taken & ((1 << first) - 1)
    above = (taken & ((1 << end) - 1)) >> (first + length)
    before = first - below.bit_length()
    after = (above & -above).bit_length() - 1 if above else end - first - length
    return before, after
