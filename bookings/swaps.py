"""Freeing a room or a device by giving other visits a twin of theirs.

Twins serve the same treatments at the same place. A visit that lies in the way of another goes straight to a twin that is
free for it; visits of one resource never overlap, so wherever each can go, all can. That makes it a timeline like any
other: a resource is *soft* in a tick when it is free then, or taken by a visit that could go. What has begun or begins soon
stays where it is, and so does what reaches beyond the frame.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bookings.facts import Swap
from bookings.ticks import TICK, Frame


@dataclass(frozen=True, slots=True)
class Line:
    """One twin in a frame: when it is there and when it is free, as timelines; and by what it is taken, by start."""

    id: int
    present: int
    free: int
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, identifier: int, present: int, free: int, intervals: tuple[int, ...]) -> "Line":
        """`intervals` flat in epoch seconds, in any order; intervals of one resource never overlap."""
        return cls(identifier, present, free, tuple(sorted(intervals[::2])), tuple(sorted(intervals[1::2])))

    def touching(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Its intervals that touch [start, end)."""
        index = max(bisect_right(self.starts, start) - 1, 0)
        while index < len(self.starts) and self.starts[index] < end:
            if self.ends[index] > start:
                yield self.starts[index], self.ends[index]
            index += 1


def soft(frame: Frame, lines: Sequence[Line], region: int, *, since: int) -> list[int]:
    """For each twin, the ticks of `region` in which it is free or could be made so.

    Only intervals that begin at `since` (epoch seconds) or later are swapped.
    """
    found = []
    for line in lines:
        bits, rest = line.free & region, region & line.present & ~line.free
        while rest:
            first = (rest & -rest).bit_length() - 1
            at = frame.origin + first * TICK
            gone = 1 << first
            for start, end in line.touching(at, at + TICK):
                ticks = frame.taken(start, end)
                gone |= ticks
                if _goes_to(frame, lines, line, start, end, since) is not None:
                    bits |= ticks
                else:
                    bits &= ~ticks
                    break
            rest &= ~gone
        found.append(bits & line.present)
    return found


def find(
    frame: Frame, lines: Sequence[Line], first: int, length: int, *, since: int
) -> tuple[int, tuple[Swap, ...]] | None:
    """The twin that can be made free for `[first, first + length)` ticks, and the swaps for it; None when none can.

    The one for which fewest visits are swapped; of those the first.
    """
    wanted = ((1 << length) - 1) << first
    start = frame.origin + first * TICK
    best: tuple[int, tuple[Swap, ...]] | None = None
    for line in lines:
        if wanted & ~line.present:
            continue
        swaps = []
        for begins, ends in line.touching(start, start + length * TICK):
            becomes = _goes_to(frame, lines, line, begins, ends, since)
            if becomes is None:
                break
            swaps.append(Swap(begins, ends, line.id, becomes))
        else:
            if best is None or len(swaps) < len(best[1]):
                best = (line.id, tuple(swaps))
    return best


def _goes_to(frame: Frame, lines: Sequence[Line], of: Line, start: int, end: int, since: int) -> int | None:
    """The first twin that is free for another's interval; None where there is none, or it has to stay."""
    if start < since or start < frame.origin or end > frame.end:
        return None
    first = (start - frame.origin) // TICK
    mask = (1 << (-((frame.origin - end) // TICK) - first)) - 1
    return next((line.id for line in lines if line is not of and line.free >> first & mask == mask), None)
