"""The engine against a naive oracle, on ordinary days, both changes of the clock and nights.

`--hypothesis-profile=deep` judges more than a million starts."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bookings.availability import DEVICE, PRACTITIONER, ROOM, Need, PlaceFacts, ResourceFacts, board
from bookings.ticks import Frame, day_bounds
from tests.bookings.oracle import possible_starts

ZONES = ["Europe/Berlin", "America/New_York", "Europe/Istanbul", "Australia/Lord_Howe", "Asia/Kathmandu"]
DAYS = [
    date(2027, 3, 28),  # Berlin springs forward
    date(2027, 10, 31),  # Berlin falls back
    date(2027, 3, 14),  # New York
    date(2027, 11, 7),
    date(2027, 4, 4),  # Lord Howe, by half an hour
    date(2028, 2, 29),
    date(2027, 5, 31),
]
minute_of_day = st.one_of(st.integers(0, 1439), st.sampled_from([0, 120, 150, 180, 540, 1080, 1320]))


@st.composite
def weekly(draw, day):
    rows = []
    for _ in range(draw(st.integers(0, 3))):
        weekday = (day + timedelta(days=draw(st.integers(-1, 1)))).weekday()
        opens = draw(minute_of_day)
        rows.append((weekday, opens, draw(minute_of_day), None, draw(st.sampled_from([None, day]))))
    return tuple(rows)


@st.composite
def intervals(draw, start, end, most=4):
    flat = []
    for _ in range(draw(st.integers(0, most))):
        begin = draw(st.integers(start - 7200, end))
        flat += [begin, begin + draw(st.integers(60, 4 * 3600))]
    return tuple(flat)


@st.composite
def visits(draw):
    zone, day = draw(st.sampled_from(ZONES)), draw(st.sampled_from(DAYS))
    start, end = day_bounds(zone, day)
    need = Need(draw(st.integers(0, 9)), draw(st.integers(1, 12)), draw(st.integers(0, 4)), draw(st.booleans()))
    resources = []
    for kind in (ROOM, PRACTITIONER, DEVICE):
        for _ in range(draw(st.integers(1, 2))):
            hours = draw(weekly(day)) if kind == PRACTITIONER and draw(st.booleans()) else None
            resources.append(
                ResourceFacts(
                    len(resources) + 1,
                    kind,
                    hours=hours,
                    absences=draw(intervals(start, end, 1)),
                    busy=draw(intervals(start, end)),
                )
            )
    every_day = tuple((weekday, 540, 1080, None, None) for weekday in range(7))
    place = PlaceFacts(
        1,
        zone,
        draw(st.one_of(st.just(every_day), weekly(day))),
        closures=draw(st.sampled_from([(), (), ((day + timedelta(days=1), day + timedelta(days=3)),)])),
        resources=tuple(resources),
        step=draw(st.sampled_from([5, 15, 30, 60])),
    )
    return need, place, draw(intervals(start, end, 1)), start, end


@given(visits())
@settings(deadline=None)
def test_it_offers_what_a_naive_count_by_minutes_offers(visit):
    need, place, patient_busy, start, end = visit
    frame = Frame.over(start, end + need.total * 300)
    built = board(frame=frame, need=need, places=[place], patient_busy=patient_busy)
    assert set(frame.instants(built.starts)) == possible_starts(need, [place], patient_busy, start, frame.end)


@given(visits())
@settings(deadline=None)
def test_a_start_has_resources_and_no_reason_and_any_other_tick_has_a_reason(visit):
    need, place, patient_busy, start, end = visit
    frame = Frame.over(start, end + need.total * 300)
    built = board(frame=frame, need=need, places=[place], patient_busy=patient_busy)
    for tick in range(0, frame.length, 3):
        if built.starts >> tick & 1:
            assert not built.reasons(tick)
            [given_] = built.assign(tick)
            used = [one for one in place.resources if one.id in (given_.room, given_.practitioner, given_.device)]
            alone = PlaceFacts(1, place.zone, place.hours, place.closures, tuple(used), place.step)
            again = board(frame=frame, need=need, places=[alone], patient_busy=patient_busy)
            assert again.starts >> tick & 1
        else:
            assert built.reasons(tick)
