"""Freeing a room or a device by giving other visits a twin of theirs.

Twins serve the same treatments at the same place. Room for an interval is found by an ejection chain: whatever lies in
its way goes to a twin that is free then, or pushes on what lies there, each visit once at most. Fewest visits are
disturbed: chains of one are tried before chains of two. What has begun or begins soon stays where it is.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from bookings.facts import Swap
from bookings.ticks import TICK, Frame

MOST = 4  # visits given another room for one: beyond that the desk's day is no longer the one it knows


@dataclass(frozen=True, slots=True)
class Line:
    """One twin in a frame: when it is there and when it is taken, as timelines; and by what, in order of start."""

    id: int
    present: int
    busy: int
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, identifier: int, present: int, busy: int, intervals: tuple[int, ...]) -> "Line":
        """`intervals` flat in epoch seconds, in any order; intervals of one resource never overlap."""
        return cls(identifier, present, busy, tuple(sorted(intervals[::2])), tuple(sorted(intervals[1::2])))


Piece = tuple[int, int, int]  # an interval on a line: start, end, the line's id
Queue = tuple[Piece, ...]


def find(
    frame: Frame, lines: Sequence[Line], first: int, length: int, *, since: int
) -> tuple[int, tuple[Swap, ...]] | None:
    """The twin that can be made free for `[first, first + length)` ticks, and the swaps for it; None when none can.

    Only intervals that begin at `since` (epoch seconds) or later are swapped, `MOST` at most.
    """
    wanted = ((1 << length) - 1) << first
    chains = _Chains(frame, lines, since)
    able = [
        (line, blocking)
        for line in lines
        if not wanted & ~line.present and (blocking := chains.in_the_way(line, line.busy & wanted, frozenset()))
    ]
    for most in range(1, MOST + 1):
        for line, blocking in able:
            if len(blocking) <= most:
                busy = {one.id: one.busy for one in lines}
                busy[line.id] = busy[line.id] & ~chains.inside(blocking) | wanted
                found = chains.relocate(blocking, busy, frozenset(blocking), most - len(blocking))
                if found is not None:
                    return line.id, found
    return None


@dataclass(frozen=True, slots=True)
class _Chains:
    frame: Frame
    lines: Sequence[Line]
    since: int

    def relocate(
        self, queue: Queue, busy: dict[int, int], moved: frozenset[Piece], budget: int
    ) -> tuple[Swap, ...] | None:
        """Swaps that put every queued interval on another line, pushing on at most `budget` more."""
        if not queue:
            return ()
        (start, end, was), rest = queue[0], queue[1:]
        ticks = self.frame.taken(start, end)
        for line in self.lines:
            if line.id == was or ticks & ~line.present:
                continue
            clash = busy[line.id] & ticks
            pushed = self.in_the_way(line, clash, moved) if clash else ()
            if pushed is None or len(pushed) > budget:
                continue
            changed = busy | {line.id: busy[line.id] & ~self.inside(pushed) | ticks}
            more = self.relocate(rest + pushed, changed, moved.union(pushed), budget - len(pushed))
            if more is not None:
                return (Swap(start, end, was, line.id), *more)
        return None

    def in_the_way(self, line: Line, clash: int, moved: frozenset[Piece]) -> Queue | None:
        """A line's own intervals that touch these ticks; None where one must stay, or something else lies there."""
        if not clash:
            return None
        low = self.frame.origin + ((clash & -clash).bit_length() - 1) * TICK
        high = self.frame.origin + clash.bit_length() * TICK
        found, index = [], max(bisect_right(line.starts, low) - 1, 0)
        while index < len(line.starts) and line.starts[index] < high:
            start, end = line.starts[index], line.ends[index]
            index += 1
            piece, ticks = (start, end, line.id), self.frame.taken(start, end)
            if piece in moved or not ticks & clash:
                continue
            if start < self.since or start < self.frame.origin or end > self.frame.end:
                return None  # begun, about to begin, or reaching to where the frame does not see
            found.append(piece)
            clash &= ~ticks
        return None if clash else tuple(found)

    def inside(self, pieces: Queue) -> int:
        """What going away frees: ticks wholly within, since a neighbour off the grid may touch the outer ones."""
        bits = 0
        for start, end, _ in pieces:
            bits |= self.frame.within(start, end)
        return bits
