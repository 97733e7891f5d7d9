"""Where things stand on the day's grid. Pure: instants in epoch seconds in, ticks and lanes out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bookings.ticks import TICK, Frame

HOUR = 3600 // TICK
PIECE = 6  # ticks of one free piece to click on: half an hour
LANES = 4
LONGEST = 288


class Span(NamedTuple):
    """Ticks from `first` up to, not including, `after`."""

    first: int
    after: int


class Place(NamedTuple):
    """A visit's place in a column; numbing and turnaround are its first and last ticks, 0 for none."""

    first: int
    after: int
    numbing: int
    turnaround: int
    lane: int
    lanes: int


@dataclass(frozen=True)
class Phases:
    """A visit as a column needs it, in epoch seconds."""

    start: int
    treatment_start: int
    treatment_end: int
    end: int


def window(open_spans: Iterable[tuple[int, int]], visits: Iterable[Phases], *, default: tuple[int, int]) -> Frame:
    """Whole hours around what is open and what is booked; `default` for a closed, empty day."""
    edges = [*open_spans, *((visit.start, visit.end) for visit in visits)] or [default]
    start = min(first for first, _ in edges) // 3600 * 3600
    end = -(-max(last for _, last in edges) // 3600) * 3600
    return Frame(start, min((end - start) // TICK, LONGEST))


def runs(bits: int, length: int) -> list[Span]:
    """Stretches of set bits below `length`, in order."""
    found, at = [], 0
    bits &= (1 << length) - 1
    while bits >> at:
        first = at + ((bits >> at) & -(bits >> at)).bit_length() - 1
        rest = ~(bits >> first)
        after = first + (rest & -rest).bit_length() - 1
        found.append(Span(first, after))
        at = after
    return found


def pieces(free: int, frame: Frame, *, step: int = 3) -> list[Span]:
    """Free stretches cut at the half hours, so that a click says a time on the booking grid of `step` ticks.

    Shorter than 15 minutes is no offer.
    """
    lead = frame.origin // TICK % PIECE
    found = []
    for first, after in runs(free, frame.length):
        first += -(first + frame.origin // TICK) % step
        while first < after:
            until = min(after, first + PIECE - (first + lead) % PIECE)
            if until - first >= 3:
                found.append(Span(first, until))
            first = until
    return found


def places(visits: Sequence[Phases], frame: Frame) -> list[Place]:
    """Side by side while patients overlap, in the order given (by start). Four lanes at most.

    Turnaround needs nobody's name read: a later visit may lie over it.
    """
    spans = [_span(visit.start, visit.end, frame) for visit in visits]
    lanes, counts = _lanes([_span(visit.start, visit.treatment_end, frame) for visit in visits])
    return [
        Place(
            span.first,
            span.after,
            min(max((visit.treatment_start - visit.start) // TICK, 0), 72),
            min(max((visit.end - visit.treatment_end) // TICK, 0), 72),
            lane + 1,
            count,
        )
        for visit, span, lane, count in zip(visits, spans, lanes, counts, strict=True)
    ]


def _span(start: int, end: int, frame: Frame) -> Span:
    first = max((start - frame.origin) // TICK, 0)
    after = min(-((frame.origin - end) // TICK), frame.length)
    return Span(min(first, frame.length - 1), max(after, first + 1))


def _lanes(spans: list[Span]) -> tuple[list[int], list[int]]:
    """The lane of each span and how many lanes its cluster of touching spans has."""
    lanes, counts = [], [1] * len(spans)
    ends: list[int] = []
    cluster: list[int] = []
    for number, span in enumerate(spans):
        if cluster and span.first >= max(ends):
            ends, cluster = [], []
        lane = next((n for n, end in enumerate(ends) if end <= span.first), len(ends))
        if lane >= LANES:
            lane = min(range(LANES), key=lambda n: ends[n])
        ends[lane : lane + 1] = [span.after]
        lanes.append(lane)
        cluster.append(number)
        for member in cluster:
            counts[member] = len(ends)
    return lanes, counts
