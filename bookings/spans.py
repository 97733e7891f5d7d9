"""What takes one resource's time, as a process keeps it: sorted, so that a day is a slice."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

VISIT_MAX = 24 * 3600  # no visit is longer, so an index on where allocations begin can bound a scan


@dataclass(frozen=True, slots=True)
class Spans:
    """What takes one resource's time, in epoch seconds: kept for good, in order of start, and held until an instant in
    microseconds."""

    kept: tuple[int, ...] = ()
    starts: tuple[int, ...] = ()
    held: tuple[tuple[int, int, int], ...] = ()

    @classmethod
    def unpacked(cls, kept: str | None, held: str | None) -> "Spans":
        """As PostgreSQL packed them, in any order. Intervals of one never overlap, so ends sort as starts do."""
        numbers = list(map(int, kept.split())) if kept else []
        starts, ends = sorted(numbers[::2]), sorted(numbers[1::2])
        numbers[::2], numbers[1::2] = starts, ends
        flat = list(map(int, held.split())) if held else []
        return cls(tuple(numbers), tuple(starts), tuple(sorted(zip(flat[::3], flat[1::3], flat[2::3], strict=True))))

    def spliced(self, low: int, high: int, news: "Spans") -> "Spans":
        """The same with everything that touches [low, high) replaced."""
        first = max(bisect_right(self.starts, low) - 1, 0)
        if first < len(self.starts) and self.kept[2 * first + 1] <= low:
            first += 1
        after = max(bisect_left(self.starts, high), first)
        others = [one for one in self.held if one[1] <= low or one[0] >= high]
        return Spans(
            self.kept[: 2 * first] + news.kept + self.kept[2 * after :],
            self.starts[:first] + news.starts + self.starts[after:],
            tuple(sorted([*others, *news.held])),
        )

    def within(
        self, start: int, end: int, *, now: float, but: frozenset[tuple[int, int]] | None = None
    ) -> tuple[int, ...]:
        """What lies in [start, end) and counts at `now`, flat; `but` leaves intervals out."""
        first = max(bisect_right(self.starts, start) - 1, 0)
        found = self.kept[2 * first : 2 * bisect_left(self.starts, end)]
        if self.held:
            instant = round(now * 1_000_000)
            found += tuple(edge for one in self.held_within(start, end) if one[2] > instant for edge in one[:2])
        if but:
            pairs = zip(found[::2], found[1::2], strict=True)
            found = tuple(edge for pair in pairs if pair not in but for edge in pair)
        return found

    def held_within(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """Held intervals that touch [start, end), those that are over included."""
        first, last = bisect_left(self.held, (start - VISIT_MAX,)), bisect_left(self.held, (end,))
        return [one for one in self.held[first:last] if one[1] > start]


NOTHING = Spans()
