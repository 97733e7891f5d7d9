"""Clinics, visits and rules of every awkward kind, for Hypothesis."""

from datetime import date, timedelta

from hypothesis import strategies as st

from bookings.availability import DEVICE, PRACTITIONER, ROOM, Need, PlaceFacts, ResourceFacts
from bookings.ticks import day_bounds
from tests.bookings.oracle import Rule

ZONES = ["Europe/Berlin", "America/New_York", "Europe/Istanbul", "Australia/Lord_Howe", "Asia/Kathmandu"]
NIGHTS = [  # on which clocks change, and days that are awkward otherwise
    ("Europe/Berlin", date(2027, 3, 28)),
    ("Europe/Berlin", date(2027, 10, 31)),
    ("America/New_York", date(2027, 3, 14)),
    ("America/New_York", date(2027, 11, 7)),
    ("Australia/Lord_Howe", date(2027, 4, 4)),  # by half an hour
    ("Australia/Lord_Howe", date(2027, 10, 3)),
    ("Europe/Istanbul", date(2028, 2, 29)),
    ("Asia/Kathmandu", date(2027, 5, 31)),
]
EVERY_DAY = tuple((weekday, 540, 1080, None, None) for weekday in range(7))
ALWAYS = tuple((weekday, 0, 0, None, None) for weekday in range(7))
minute_of_day = st.one_of(st.integers(0, 1439), st.sampled_from([0, 120, 150, 180, 540, 1080, 1320]))
EDGES = [sign * days for days in (0, 1, 2, 13, 14, 15, 27, 28, 29) for sign in (1, -1)]
needs = st.builds(
    Need,
    st.integers(0, 9),
    st.integers(1, 12),
    st.integers(0, 4),
    st.booleans(),
    talk=st.sampled_from([0, 0, 1, 6]),
    room=st.sampled_from([True, True, True, False]),
)


@st.composite
def weekly(draw, day):
    rows = []
    for _ in range(draw(st.sampled_from([0, 1, 1, 2, 3]))):
        weekday = (day + timedelta(days=draw(st.integers(-1, 1)))).weekday()
        opens = draw(minute_of_day)
        valid_from = draw(st.sampled_from([None, None, day, day + timedelta(days=1)]))
        rows.append((weekday, opens, draw(minute_of_day), valid_from, draw(st.sampled_from([None, day]))))
    return tuple(rows)


@st.composite
def intervals(draw, start, end, most=3):
    flat = []
    for _ in range(draw(st.integers(0, most))):
        begin = draw(st.integers(start - 7200, end))
        flat += [begin, begin + draw(st.integers(60, 4 * 3600))]
    return tuple(flat)


@st.composite
def resources(draw, day, start, end, first=1):
    """One to three of each kind, with hours of their own or not."""
    found = []
    for kind, likely in ((ROOM, 0.2), (PRACTITIONER, 0.5), (DEVICE, 0.2)):
        for _ in range(draw(st.integers(1, 3))):
            hours = draw(weekly(day)) if draw(st.floats(0, 1)) < likely else None
            absences, busy = draw(intervals(start, end, 1)), draw(intervals(start, end))
            found.append(ResourceFacts(first + len(found), kind, "", hours, absences, busy))
    return tuple(found)


@st.composite
def places(draw, number, zone, day, start, end, shared):
    """A location; `shared` are resources that work at every one."""
    own = draw(resources(day, start, end, 100 * number))
    if shared and draw(st.booleans()):
        own = tuple(one for one in own if one.kind != PRACTITIONER)
    near = day + timedelta(days=draw(st.integers(-1, 1)))
    return PlaceFacts(
        number,
        zone,
        draw(st.one_of(st.just(EVERY_DAY), st.just(ALWAYS), st.just(ALWAYS), weekly(day))),
        closures=draw(st.sampled_from([(), (), (), ((near, near),), ((near, near + timedelta(days=3)),)])),
        resources=own + shared,
        step=draw(st.sampled_from([5, 5, 5, 10, 15, 30, 60])),
    )


@st.composite
def visits(draw):
    """What a visit needs, one to three locations, when the patient is busy, and the day's first and last second."""
    zone, day = draw(st.sampled_from(NIGHTS))
    start, end = day_bounds(zone, day)
    shared = draw(resources(day, start, end, 1)) if draw(st.booleans()) else ()
    shared = tuple(one for one in shared if one.kind == PRACTITIONER)
    zones = [zone] + [draw(st.sampled_from(ZONES)) for _ in range(draw(st.sampled_from([0, 0, 1, 2])))]
    there = [draw(places(number, one, day, start, end, shared)) for number, one in enumerate(zones, 1)]
    return draw(needs), there, draw(intervals(start, end, 1)), start, end


@st.composite
def rules(draw, zone, day):
    """Each rule in about half of the examples, with its edge in or near the day."""
    start, end = day_bounds(zone, day)
    near = st.integers(-2, 2).map(lambda days: day + timedelta(days=days))
    maybe = lambda some: st.one_of(st.none(), some)  # noqa: E731
    now = draw(st.integers(start - 3 * 86400, end))
    return Rule(
        zone,
        now,
        notice_minutes=draw(maybe(st.integers(0, 3 * 1440))),
        horizon_days=draw(maybe(st.integers(0, 4))),
        review_lead_hours=draw(maybe(st.integers(0, 72))),
        bookable_from=draw(maybe(near)),
        cleared_until=draw(maybe(near)),
        think=draw(st.sampled_from([0, 0, 0, 1, 3])),
        reflection_ends=draw(maybe(near)),
        other=draw(maybe(st.sampled_from(EDGES).map(lambda days: day + timedelta(days=days)))),
        before=draw(st.sampled_from([0, 1, 2, 14, 28])),
        after=draw(st.sampled_from([0, 1, 2, 14, 28])),
    )
