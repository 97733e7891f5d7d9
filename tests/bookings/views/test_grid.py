"""Where things stand on the day's grid."""

from bookings.ticks import Frame
from bookings.views.grid import Phases, Place, pieces, places, runs, window

HOUR = 3600


def visit(start, end, *, numbing=0, turnaround=0):
    return Phases(start, start + numbing, end - turnaround, end)


def test_window_is_whole_hours_around_opening_and_visits():
    frame = window([(9 * HOUR, 18 * HOUR)], [visit(8 * HOUR + 1800, 9 * HOUR)], default=(0, HOUR))
    assert (frame.origin, frame.length) == (8 * HOUR, 120)


def test_window_of_a_closed_empty_day_is_the_default():
    assert window([], [], default=(9 * HOUR, 18 * HOUR)) == Frame(9 * HOUR, 108)


def test_runs_are_the_stretches_of_set_bits():
    assert runs(0b110111, 6) == [(0, 3), (4, 6)]
    assert runs(0, 6) == []


def test_free_time_is_cut_at_the_half_hours():
    frame = Frame(9 * HOUR, 24)
    free = ((1 << 20) - 1) << 3
    assert pieces(free & frame.everything, frame) == [(3, 6), (6, 12), (12, 18), (18, 23)]


def test_free_time_off_the_booking_grid_begins_at_its_next_start():
    frame = Frame(9 * HOUR, 12)
    assert pieces(frame.everything & ~1, frame) == [(3, 6), (6, 12)]


def test_less_than_a_quarter_of_an_hour_is_no_offer():
    assert pieces(0b11, Frame(9 * HOUR, 24)) == []


def test_visits_one_after_the_other_take_the_whole_width():
    frame = Frame(9 * HOUR, 36)
    found = places([visit(9 * HOUR, 10 * HOUR), visit(10 * HOUR, 11 * HOUR)], frame)
    assert found == [Place(0, 12, 0, 0, 1, 1), Place(12, 24, 0, 0, 1, 1)]


def test_patients_here_at_once_stand_side_by_side():
    frame = Frame(9 * HOUR, 36)
    first, second, third = places(
        [visit(9 * HOUR, 10 * HOUR), visit(9 * HOUR + 1800, 11 * HOUR, numbing=1800), visit(11 * HOUR, 12 * HOUR)],
        frame,
    )
    assert (first.lane, first.lanes) == (1, 2)
    assert (second.lane, second.lanes, second.numbing) == (2, 2, 6)
    assert (third.lane, third.lanes) == (1, 1)


def test_a_turnaround_needs_no_lane_of_its_own():
    frame = Frame(9 * HOUR, 36)
    found = places([visit(9 * HOUR, 10 * HOUR + 900, turnaround=900), visit(10 * HOUR, 11 * HOUR)], frame)
    assert [(one.lane, one.lanes) for one in found] == [(1, 1), (1, 1)]
    assert found[0].turnaround == 3


def test_a_visit_longer_than_the_day_is_cut_at_its_edges():
    (found,) = places([visit(8 * HOUR, 20 * HOUR)], Frame(9 * HOUR, 108))
    assert (found.first, found.after) == (0, 108)


def test_more_than_four_at_once_share_the_lanes():
    found = places([visit(9 * HOUR, 10 * HOUR)] * 6, Frame(9 * HOUR, 12))
    assert max(one.lane for one in found) == 4
    assert {one.lanes for one in found} == {4}
