"""The engine by example; `test_availability_oracle` judges it at large."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bookings import bars
from bookings.availability import DEVICE, PRACTITIONER, ROOM, Need, PlaceFacts, ResourceFacts, board
from bookings.ticks import Frame, day_bounds, erode

ALL_DAY = tuple((weekday, 0, 0, None, None) for weekday in range(7))
NINE_TO_SIX = tuple((weekday, 540, 1080, None, None) for weekday in range(7))
HOUR = 3600


def place(zone="Europe/Berlin", hours=ALL_DAY, *, step=60, resources=None):
    if resources is None:
        resources = (ResourceFacts(1, ROOM), ResourceFacts(2, PRACTITIONER))
    return PlaceFacts(1, zone, hours, (), tuple(resources), step)


def starts(zone: str, day: date, facts: PlaceFacts, need: Need) -> list[str]:
    start, end = day_bounds(zone, day)
    frame = Frame.over(start, end + need.total * 300)
    built = board(frame=frame, need=need, places=[facts])
    local = [datetime.fromtimestamp(one, ZoneInfo(zone)) for one in frame.instants(built.starts)]
    return [one.strftime("%H:%M%z") for one in local if one.date() == day]


HALF_HOUR = Need(0, 6, 0, device=False)


@pytest.mark.parametrize(
    ("zone", "day", "count"),
    [
        ("Europe/Berlin", date(2027, 3, 27), 24),
        ("Europe/Berlin", date(2027, 3, 28), 23),
        ("Europe/Berlin", date(2027, 10, 31), 25),
        ("America/New_York", date(2027, 3, 14), 23),
        ("America/New_York", date(2027, 11, 7), 25),
        ("Europe/Istanbul", date(2027, 3, 28), 24),
        ("Europe/Istanbul", date(2028, 2, 29), 24),
    ],
)
def test_a_day_has_as_many_hourly_starts_as_hours(zone, day, count):
    assert len(starts(zone, day, place(zone), HALF_HOUR)) == count


def test_no_start_exists_in_the_hour_that_does_not():
    found = starts("Europe/Berlin", date(2027, 3, 28), place(), HALF_HOUR)
    assert found[1:4] == ["01:00+0100", "03:00+0200", "04:00+0200"]


def test_the_repeated_hour_is_there_twice_and_can_be_told_apart():
    found = starts("Europe/Berlin", date(2027, 10, 31), place(), HALF_HOUR)
    assert found[1:5] == ["01:00+0200", "02:00+0200", "02:00+0100", "03:00+0100"]


@pytest.mark.parametrize("day", [date(2027, 3, 27), date(2027, 3, 28), date(2027, 10, 31)])
def test_opening_hours_are_wall_clock_hours_whatever_the_clock_does_at_night(day):
    found = starts("Europe/Berlin", day, place(hours=NINE_TO_SIX), HALF_HOUR)
    assert [one[:5] for one in found] == [f"{hour:02}:00" for hour in range(9, 18)]


def test_hours_off_the_grid_are_rounded_inwards():
    hours = tuple((weekday, 9 * 60 + 2, 10 * 60 + 58, None, None) for weekday in range(7))
    found = starts("Europe/Berlin", date(2027, 5, 4), place(hours=hours, step=5), HALF_HOUR)
    assert (found[0][:5], found[-1][:5]) == ("09:05", "10:25")


def test_a_night_belongs_to_the_day_it_begins_on():
    friday_night = ((4, 22 * 60, 2 * 60, None, None),)
    facts = place(hours=friday_night)
    assert [one[:5] for one in starts("Europe/Berlin", date(2027, 5, 7), facts, HALF_HOUR)] == ["22:00", "23:00"]
    assert [one[:5] for one in starts("Europe/Berlin", date(2027, 5, 8), facts, HALF_HOUR)] == ["00:00", "01:00"]


def test_erosion_needs_every_tick_in_a_row():
    assert bin(erode(0b1110111, 3)) == "0b10001"
    assert erode(0b1111, 5) == 0


def day_frame() -> Frame:
    start, end = day_bounds("Europe/Berlin", date(2027, 5, 4))
    return Frame.over(start, end)


def at_hour(hour: float) -> int:
    return int(day_frame().origin + hour * HOUR)


def test_the_practitioner_is_needed_only_for_the_treatment():
    """Taken until 10:30: a visit with half an hour's numbing may begin at ten."""
    need = Need(6, 6, 3, device=False)
    busy = ResourceFacts(2, PRACTITIONER, busy=(at_hour(9), at_hour(10.5)))
    built = board(frame=day_frame(), need=need, places=[place(resources=[ResourceFacts(1, ROOM), busy], step=15)])
    assert built.starts >> day_frame().tick(at_hour(10)) & 1
    assert not built.starts >> day_frame().tick(at_hour(9.75)) & 1


def test_the_room_is_the_same_throughout():
    need = Need(6, 6, 0, device=False)
    rooms = [
        ResourceFacts(1, ROOM, busy=(at_hour(10.5), at_hour(11))),
        ResourceFacts(3, ROOM, busy=(at_hour(10), at_hour(10.5))),
    ]
    built = board(frame=day_frame(), need=need, places=[place(resources=[*rooms, ResourceFacts(2, PRACTITIONER)])])
    [finding] = built.reasons(day_frame().tick(at_hour(10)))
    assert finding.code == "room_taken"


def test_the_room_that_leaves_no_gap_is_given():
    need = Need(0, 6, 0, device=False)
    rooms = [
        ResourceFacts(1, ROOM),
        ResourceFacts(3, ROOM, busy=(at_hour(9), at_hour(10))),
        ResourceFacts(4, ROOM, busy=(at_hour(9), at_hour(10), at_hour(10.5), at_hour(12))),
    ]
    built = board(frame=day_frame(), need=need, places=[place(resources=[*rooms, ResourceFacts(2, PRACTITIONER)])])
    assert [one.room for one in built.assign(day_frame().tick(at_hour(10)))] == [4]


def test_among_equals_the_least_used_is_given_and_the_preferred_before_all():
    need = Need(0, 6, 0, device=False)
    people = [ResourceFacts(2, PRACTITIONER, busy=(at_hour(14), at_hour(15))), ResourceFacts(5, PRACTITIONER)]
    frame, tick = day_frame(), day_frame().tick(at_hour(10))
    built = board(frame=frame, need=need, places=[place(resources=[ResourceFacts(1, ROOM), *people])])
    assert built.assign(tick)[0].practitioner == 5
    assert built.assign(tick, prefer=2)[0].practitioner == 2


def test_a_kind_nobody_has_is_named():
    built = board(frame=day_frame(), need=Need(0, 6, 0, device=True), places=[place()])
    assert [one.code for one in built.reasons(day_frame().tick(at_hour(10)))] == [f"{DEVICE}_missing"]


def test_two_locations_do_not_lend_each_other_rooms():
    first = place(resources=[ResourceFacts(1, ROOM)])
    second = PlaceFacts(2, "Europe/Berlin", ALL_DAY, (), (ResourceFacts(2, PRACTITIONER),), 60)
    built = board(frame=day_frame(), need=HALF_HOUR, places=[first, second])
    assert not built.starts


@pytest.mark.parametrize(
    ("day", "forbidden"),
    [(1, False), (4, True), (5, True), (12, True), (18, True), (19, False)],
)
def test_an_interval_holds_in_both_directions(day, forbidden):
    """Two days before the fifth of May and fourteen after it: from the fourth to the eighteenth nothing."""
    neighbour = bars.Neighbour(date(2027, 5, 5), before=2, after=14)
    assert neighbour.forbids(date(2027, 5, day)) == forbidden
    start, end = day_bounds("Europe/Berlin", date(2027, 5, day))
    frame = Frame.over(start, end)
    bar = bars.interval(frame, "Europe/Berlin", neighbour)
    assert bar.forbidden == (frame.everything if forbidden else 0)


def test_notice_and_horizon_are_instants():
    frame = day_frame()
    soon = bars.before_instant(frame, "notice", at_hour(9) + 1)
    late = bars.after_instant(frame, "too_far", at_hour(9))
    assert soon.forbidden.bit_count() == 9 * 12 + 1
    assert late.forbidden.bit_count() == frame.length - 9 * 12 - 1
    far = datetime(2027, 5, 1, tzinfo=UTC) - timedelta(days=3)
    assert bars.before_instant(frame, "notice", int(far.timestamp())).forbidden == 0
