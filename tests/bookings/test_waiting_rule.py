"""Which times are what somebody asked for."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.waiting import (
    AFTERNOON,
    EVENING,
    MORNING,
    PARTS,
    PAUSED_AFTER,
    Wanted,
    days_to_look_at,
    is_paused,
    may_write_now,
    misses,
    part_of_day,
    suits,
)

# A first draw on a busy machine is slow; nothing here is.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ISTANBUL = ZoneInfo("Europe/Istanbul")
days = st.dates(date(2027, 1, 1), date(2027, 12, 31))
moments = st.datetimes(datetime(2027, 1, 1), datetime(2027, 12, 31)).map(lambda one: one.replace(tzinfo=ISTANBUL))
parts = st.frozensets(st.sampled_from(PARTS), min_size=1)
weekdays = st.frozensets(st.integers(0, 6))


@st.composite
def wishes(draw):
    first = draw(days)
    last = first + timedelta(days=draw(st.integers(0, 90)))
    again = draw(st.frozensets(st.tuples(days, st.sampled_from(PARTS)), max_size=4))
    return Wanted(first, last, draw(parts), draw(weekdays), again)


def reference(wanted, local):
    """The rule a second time, as a receptionist would say it."""
    if local.date() < wanted.first or local.date() > wanted.last:
        return False
    if wanted.weekdays and local.weekday() not in wanted.weekdays:
        return False
    clock = local.time()
    name = "morning" if clock < clock.replace(12, 0, 0, 0) else "evening"
    if name == "evening" and clock.hour < 17:
        name = "afternoon"
    return name in wanted.parts and (local.date(), name) not in wanted.not_again


@patient
@given(wishes(), moments)
def test_a_start_suits_as_the_receptionist_says(wanted, local):
    assert suits(wanted, local) == reference(wanted, local)
    assert suits(wanted, local) == (not misses(wanted, local))


@patient
@given(wishes(), moments, parts, weekdays)
def test_asking_for_more_never_loses_a_time(wanted, local, more, other):
    wider = replace(
        wanted,
        first=wanted.first - timedelta(days=1),
        last=wanted.last + timedelta(days=1),
        parts=wanted.parts | more,
        weekdays=wanted.weekdays | other if wanted.weekdays else frozenset(),
        not_again=frozenset(),
    )
    assert not suits(wanted, local) or suits(wider, local)


@patient
@given(wishes(), moments)
def test_what_was_offered_does_not_come_again(wanted, local):
    once = replace(wanted, not_again=wanted.not_again | {(local.date(), part_of_day(local))})
    assert not suits(once, local)
    for hours in range(24):
        other = local.replace(hour=hours)
        if part_of_day(other) != part_of_day(local):
            assert suits(once, other) == suits(wanted, other)


@patient
@given(moments)
def test_every_moment_has_one_part(local):
    assert part_of_day(local) in PARTS


def test_the_edges_of_the_parts():
    def at(hour, minute=0):
        return part_of_day(datetime(2027, 3, 2, hour, minute, tzinfo=ISTANBUL))

    assert [at(0), at(11, 59), at(12), at(16, 59), at(17), at(23, 59)] == [MORNING] * 2 + [AFTERNOON] * 2 + [
        EVENING
    ] * 2


@patient
@given(wishes(), days, st.integers(0, 365))
def test_only_days_that_can_be_booked_are_looked_at(wanted, today, ahead):
    horizon = today + timedelta(days=ahead)
    found = days_to_look_at(wanted, today=today, horizon=horizon)
    both = {wanted.first + timedelta(days=n) for n in range((wanted.last - wanted.first).days + 1)}
    both = {day for day in both if today <= day <= horizon}
    assert found == ((min(both), max(both)) if both else None)


def test_nobody_is_written_to_in_their_night_or_ours():
    noon = datetime(2027, 3, 2, 12, tzinfo=UTC)
    assert may_write_now(noon, "Europe/Istanbul", "")
    assert may_write_now(noon, "Europe/Istanbul", "Europe/Istanbul")
    assert not may_write_now(noon, "Europe/Istanbul", "Pacific/Auckland")
    edges = {"20:59": True, "21:00": False, "07:59": False, "08:00": True}
    for clock, allowed in edges.items():
        moment = datetime.fromisoformat(f"2027-03-02 {clock}").replace(tzinfo=ISTANBUL)
        assert may_write_now(moment, "Europe/Istanbul") is allowed


def test_three_silences_pause():
    assert [is_paused(n) for n in range(5)] == [False] * PAUSED_AFTER + [True] * 2
