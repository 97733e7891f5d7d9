"""Rooms and devices given to other visits: what the search finds."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bookings import swaps
from bookings.swaps import Line
from bookings.ticks import TICK, Frame, busy_bits

FRAME = Frame(0, 60)


def lines(*taken: list[tuple[int, int]], present: int = FRAME.everything) -> list[Line]:
    """Twins numbered from 1, each taken for these ticks."""
    flat = [tuple(edge * TICK for span in spans for edge in span) for spans in taken]
    return [Line.of(number, present, busy_bits(FRAME, one), one) for number, one in enumerate(flat, 1)]


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


def test_two_change_places():
    """The long visit can only leave when the short one that lies in its way goes where it came from."""
    twins = lines([(10, 20)], [(0, 10), (14, 16)], [(0, 9), (16, 30)])
    line, found = swaps.find(FRAME, twins, 0, 20, since=0)
    assert not [span for span in after(twins, (line, found))[line] if span[0] < 20 * TICK]
    assert len({swap.start for swap in found}) == len(found)


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
    if any(not line.busy >> first & ((1 << length) - 1) for line in twins):
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
    assert len({(swap.start, swap.was) for swap in found[1]}) == len(found[1]) <= swaps.MOST


@given(days())
@settings(deadline=None, max_examples=60)
def test_it_finds_a_way_wherever_one_lies_within_reach(day):
    """Against every way of putting at most two visits elsewhere."""
    twins, first, length, since = day
    if any(not line.busy >> first & ((1 << length) - 1) for line in twins):
        return
    if _any_way(twins, first, length, since * TICK, most=2):
        assert swaps.find(FRAME, twins, first, length, since=since * TICK) is not None


def _any_way(twins, first, length, since, *, most) -> bool:
    wanted = (first * TICK, (first + length) * TICK)
    has = {line.id: sorted(zip(line.starts, line.ends, strict=True)) for line in twins}
    present = {line.id: line.present for line in twins}

    def free(spans, span):
        return all(one[1] <= span[0] or span[1] <= one[0] for one in spans)

    def tries(state, left):
        if any(free(spans, wanted) and not busy_bits(FRAME, wanted) & ~present[key] for key, spans in state.items()):
            return True
        if not left:
            return False
        for was, spans in state.items():
            for span in spans:
                if span[0] < since or span in done:
                    continue
                for becomes in state:
                    if becomes == was or busy_bits(FRAME, span) & ~present[becomes]:
                        continue
                    if free(state[becomes], span):
                        done.add(span)
                        changed = state | {was: [x for x in spans if x != span], becomes: [*state[becomes], span]}
                        if tries(changed, left - 1):
                            return True
                        done.discard(span)
        return False

    done: set = set()
    return tries(has, most)
