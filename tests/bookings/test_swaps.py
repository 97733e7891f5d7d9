"""Rooms and devices given to other visits: what the search finds."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bookings import swaps
from bookings.swaps import Line
from bookings.ticks import TICK, Frame, busy_bits, erode

FRAME = Frame(0, 60)


def lines(*taken: list[tuple[int, int]], present: int = FRAME.everything) -> list[Line]:
    """Twins numbered from 1, each taken for these ticks."""
    flat = [tuple(edge * TICK for span in spans for edge in span) for spans in taken]
    return [Line.of(number, present, present & ~busy_bits(FRAME, one), one) for number, one in enumerate(flat, 1)]


def after(twins: list[Line], found) -> dict[int, set[tuple[int, int]]]:
    """What each twin holds once the swaps are done."""
    has = {line.id: set(zip(line.starts, line.ends, strict=True)) for line in twins}
    for swap in found[1]:
        has[swap.was].remove((swap.start, swap.end))
    for swap in found[1]:
        has[swap.becomes].add((swap.start, swap.end))
    return has


def test_one_visit_goes_next_door():
    twins = lines([(6, 12)], [(0, 6)])
    line, found = swaps.find(FRAME, twins, 0, 12, since=0)
    assert [(swap.was, swap.becomes) for swap in found] in ([(1, 2)], [(2, 1)])
    assert not after(twins, (line, found))[line]


def test_what_has_begun_stays():
    assert swaps.find(FRAME, lines([(6, 12)], [(0, 6)]), 0, 12, since=13 * TICK) is None
    line, found = swaps.find(FRAME, lines([(6, 12)], [(0, 6)]), 0, 12, since=6 * TICK)
    assert (line, [swap.was for swap in found]) == (1, [1])


def test_a_visit_that_reaches_beyond_what_is_seen_stays():
    twins = lines([(6, 12)], [(0, 6)])
    assert swaps.find(FRAME, twins, 0, 11, since=6 * TICK) is not None
    assert swaps.find(Frame(0, 11), twins, 0, 11, since=6 * TICK) is None


def test_two_in_the_way_go_to_two_others():
    twins = lines([(4, 8), (10, 14)], [(0, 9), (20, 25)], [(2, 3), (9, 30)])
    line, found = swaps.find(FRAME, twins, 2, 14, since=0)
    assert (line, sorted((swap.start // TICK, swap.becomes) for swap in found)) == (1, [(4, 3), (10, 2)])


def test_nobody_is_pushed_on():
    """A visit in the way goes where it is free at once, or the time is not offered."""
    assert swaps.find(FRAME, lines([(4, 12)], [(0, 6), (10, 12)], [(6, 30)]), 0, 14, since=0) is None


def test_no_more_are_disturbed_than_need_be():
    twins = lines([(2, 4), (6, 8)], [(4, 6)], [(20, 30)])
    _, found = swaps.find(FRAME, twins, 2, 6, since=0)
    assert found == () or len(found) == 1


@st.composite
def days(draw):
    """Two to four twins, each with intervals that do not overlap; a wanted interval; when swapping may begin."""
    twins = []
    for _ in range(draw(st.integers(2, 4))):
        edges = sorted(draw(st.lists(st.integers(0, 59), max_size=8, unique=True)))
        twins.append([(first, last) for first, last in zip(edges[::2], edges[1::2], strict=False)])
    first = draw(st.integers(0, 50))
    away = draw(st.sampled_from([FRAME.everything, FRAME.everything & ~(0b111 << 20)]))
    return lines(*twins, present=away), first, draw(st.integers(1, 59 - first)), draw(st.sampled_from([0, 0, 15]))


@given(days())
@settings(deadline=None)
def test_swaps_leave_no_overlap_and_move_nobody_in_time(day):
    twins, first, length, since = day
    if any(not busy_bits(FRAME, flat(line)) >> first & ((1 << length) - 1) for line in twins):
        return  # nothing to swap for
    found = swaps.find(FRAME, twins, first, length, since=since * TICK)
    if found is None:
        return
    has = after(twins, found)
    has[found[0]].add((first * TICK, (first + length) * TICK))
    before = sorted(span for line in twins for span in zip(line.starts, line.ends, strict=True))
    assert sorted(span for spans in has.values() for span in spans) == sorted(
        [*before, (first * TICK, (first + length) * TICK)]
    )
    for line in twins:
        spans = sorted(has[line.id])
        assert all(one[1] <= other[0] for one, other in zip(spans, spans[1:], strict=False))
        changed = has[line.id] - set(zip(line.starts, line.ends, strict=True))
        assert all(busy_bits(FRAME, span) & ~line.present == 0 for span in changed)
    assert all(swap.start >= since * TICK for swap in found[1])
    assert len({(swap.start, swap.was) for swap in found[1]}) == len(found[1])


@given(days())
@settings(deadline=None)
def test_what_is_soft_is_what_can_be_found(day):
    """The timelines that offer and the search that gives agree at every tick."""
    twins, first, length, since = day
    bits = swaps.soft(FRAME, twins, FRAME.everything, since=since * TICK)
    starts = 0
    for one in bits:
        starts |= erode(one, length)
    for tick in range(FRAME.length - length + 1):
        assert bool(starts >> tick & 1) == (swaps.find(FRAME, twins, tick, length, since=since * TICK) is not None)


@given(days())
@settings(deadline=None, max_examples=60)
def test_it_finds_a_way_wherever_each_can_go_at_once(day):
    twins, first, length, since = day
    wanted = (first * TICK, (first + length) * TICK)

    def free(line, span, present):
        own = zip(line.starts, line.ends, strict=True)
        return not busy_bits(FRAME, span) & ~present and all(one[1] <= span[0] or span[1] <= one[0] for one in own)

    def can_go(line, span):
        return span[0] >= since * TICK and any(free(one, span, one.present) for one in twins if one is not line)

    possible = any(
        not busy_bits(FRAME, wanted) & ~line.present
        and all(
            can_go(line, span)
            for span in zip(line.starts, line.ends, strict=True)
            if span[1] > wanted[0] and wanted[1] > span[0]
        )
        for line in twins
    )
    assert possible == (swaps.find(FRAME, twins, first, length, since=since * TICK) is not None)


def flat(line: Line) -> tuple[int, ...]:
    return tuple(edge for span in zip(line.starts, line.ends, strict=True) for edge in span)
