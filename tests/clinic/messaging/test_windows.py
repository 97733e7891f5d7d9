import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.messaging.states import PROVIDER, RANK, State, merge
from clinic.messaging.windows import is_quiet, next_allowed, quiet_since, same_day, whatsapp_open

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ["Europe/Berlin", "Europe/Istanbul", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
MOMENTS = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2028, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=dt.UTC)
)


def at(*parts, zone=BERLIN):
    return dt.datetime(*parts, tzinfo=zone)


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        (at(2027, 5, 3, 20, 59), at(2027, 5, 3, 20, 59)),
        (at(2027, 5, 3, 21, 0), at(2027, 5, 4, 8, 0)),
        (at(2027, 5, 4, 3, 0), at(2027, 5, 4, 8, 0)),
        (at(2027, 5, 4, 8, 0), at(2027, 5, 4, 8, 0)),
        (at(2027, 3, 27, 22, 0), at(2027, 3, 28, 8, 0)),  # clocks go forward in between
        (at(2027, 10, 30, 22, 0), at(2027, 10, 31, 8, 0)),  # clocks go back in between
    ],
)
def test_quiet_hours_end_at_eight_on_the_readers_clock(moment, allowed):
    assert next_allowed(moment, "Europe/Berlin") == allowed


def test_the_night_of_the_change_is_an_hour_shorter_or_longer():
    for evening, hours in ((at(2027, 3, 27, 21, 0), 10), (at(2027, 10, 30, 21, 0), 12), (at(2027, 6, 1, 21, 0), 11)):
        wait = next_allowed(evening, "Europe/Berlin") - evening.astimezone(dt.UTC)
        assert wait == dt.timedelta(hours=hours)


@given(MOMENTS, st.sampled_from(ZONES))
def test_the_next_allowed_moment_is_never_quiet_never_earlier_and_stays(moment, zone):
    found = next_allowed(moment, zone)
    assert found >= moment
    assert found - moment <= dt.timedelta(hours=12)
    assert not is_quiet(found, zone)
    assert next_allowed(found, zone) == found


@given(MOMENTS, st.sampled_from(ZONES))
def test_the_night_that_holds_a_moment_began_within_twelve_hours_and_the_minute_before_is_not_quiet(moment, zone):
    if is_quiet(moment, zone):
        began = quiet_since(moment, zone)
        assert dt.timedelta(0) <= moment - began <= dt.timedelta(hours=12)
        assert is_quiet(began, zone) and not is_quiet(began - dt.timedelta(minutes=1), zone)


def test_the_whatsapp_window_and_the_same_day():
    now = at(2027, 5, 3, 12, 0)
    assert whatsapp_open(now - dt.timedelta(hours=23), now)
    assert not whatsapp_open(now - dt.timedelta(hours=24), now)
    assert not whatsapp_open(None, now)
    assert same_day(now, at(2027, 5, 3, 23, 30), "Europe/Berlin")
    assert not same_day(now, at(2027, 5, 3, 23, 30), "Asia/Kathmandu")


@given(st.lists(st.sampled_from(list(PROVIDER)), min_size=1))
def test_statuses_merge_to_the_same_end_in_any_order(words):
    def end(sequence):
        state = State.SENDING
        for word in sequence:
            state = merge(state, PROVIDER[word])
        return RANK[state]

    assert end(words) == end(sorted(words)) == end(words * 2) == max(RANK[PROVIDER[word]] for word in words)
