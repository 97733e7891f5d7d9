"""What the planner does with holidays, absences, wishes and other treatments; the exact prices are the oracle's."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bookings import bars
from bookings.availability import DEVICE, PRACTITIONER, ROOM, Need, PlaceFacts, ResourceFacts, board
from bookings.planner import Course, Rhythm, differs, people_of, propose, why_with
from bookings.planning.lanes import Lanes, lane
from bookings.ticks import Frame, day_bounds

AYSE, DENIZ, ROOM_1, PEN = 1, 2, 3, 4
MONDAY = date(2027, 9, 6)
DAYS = 243
NEED = Need.of_minutes(30, 45, 15)


def clinic(*, zone="Europe/Istanbul", first=MONDAY, closures=(), absences=None, hours=(10, 11), people=(AYSE, DENIZ)):
    """Monday to Friday, each practitioner treats from 10:30 (so visits begin at ten) unless `hours` say more."""
    start, end = day_bounds(zone, first)[0], day_bounds(zone, first + timedelta(days=DAYS))[1]
    week = tuple((day, 0, 1440, None, None) for day in range(7))
    works = tuple((day, hours[0] * 60 + 30, hours[1] * 60 + 15, None, None) for day in range(5))
    gone = absences or {}
    staff = [ResourceFacts(one, PRACTITIONER, f"P{one}", works, gone.get(one, ())) for one in people]
    things = [ResourceFacts(ROOM_1, ROOM, "Room"), ResourceFacts(PEN, DEVICE, "Pen")]
    return Frame.over(start, end + 7200), PlaceFacts(1, zone, week, closures, (*staff, *things), 15)


def proposals(frame, place, *, bars=(), first=MONDAY, sessions=6, spacing=(28, 42), wish=None, **options):
    built = board(frame=frame, need=NEED, places=[place], bars=bars)
    course = Course(sessions, spacing, first, first + timedelta(days=DAYS), wish or Rhythm())
    people = people_of(built)
    return propose(frame=frame, zone=place.zone, step=15, people=people, course=course, why=why_with(built), **options)


def away(first: date, last: date, zone="Europe/Istanbul"):
    return day_bounds(zone, first)[0], day_bounds(zone, last)[1]


def days_of(plan):
    return [session.day for session in plan.sessions]


def notes_of(plan, code):
    return [(note.session, note.days) for note in plan.notes if note.code == code]


def test_an_empty_clinic_gives_the_same_weekday_and_time_every_four_weeks():
    best = proposals(*clinic()).plans[0]
    assert days_of(best) == [MONDAY + timedelta(days=28 * n) for n in range(6)]
    assert {one.minute for one in best.sessions} == {600} and len({one.practitioner for one in best.sessions}) == 1
    assert best.cost == 0
    assert [note.code for note in best.notes[:2]] == ["same_weekday_and_time", "same_practitioner"]


def test_a_holiday_moves_one_session_and_says_which_day_it_was():
    holiday = MONDAY + timedelta(days=84)
    frame, place = clinic(closures=((holiday, holiday),))
    best = proposals(frame, place, wish=Rhythm(weekday=0, minute=600)).plans[0]
    [note] = [note for note in best.notes if note.code == "another_day"]
    assert (note.session, note.day, note.causes[0].code) == (4, holiday, "holiday")
    assert holiday not in days_of(best)


def test_a_late_absence_changes_an_early_choice():
    """Both are free at first; Ayşe, who comes first otherwise, is away for the last two sessions."""
    free = proposals(*clinic(), wish=Rhythm(weekday=0)).plans[0]
    assert {one.practitioner for one in free.sessions} == {AYSE}
    gone = {AYSE: away(MONDAY + timedelta(days=100), MONDAY + timedelta(days=DAYS))}
    best = proposals(*clinic(absences=gone), wish=Rhythm(weekday=0)).plans[0]
    assert {one.practitioner for one in best.sessions} == {DENIZ}
    assert days_of(best) == days_of(free)


def test_a_short_absence_of_the_one_asked_for_is_filled_by_somebody_else_with_the_reason():
    third = MONDAY + timedelta(days=56)
    gone = {AYSE: away(third - timedelta(days=3), third + timedelta(days=25))}
    best = proposals(*clinic(absences=gone), wish=Rhythm(practitioner=AYSE)).plans[0]
    [note] = [note for note in best.notes if note.code == "other_practitioner"]
    assert (note.session, note.practitioner, note.causes[0].code) == (3, DENIZ, "practitioner_away")
    assert [one.practitioner for one in best.sessions] == [AYSE, AYSE, DENIZ, AYSE, AYSE, AYSE]


@pytest.mark.parametrize(
    ("zone", "first"), [("Europe/Berlin", date(2027, 9, 6)), ("America/New_York", date(2027, 2, 1))]
)
def test_the_wall_clock_keeps_its_hour_over_a_change_of_the_clock(zone, first):
    frame, place = clinic(zone=zone, first=first)
    best = proposals(frame, place, first=first).plans[0]
    local = [datetime.fromtimestamp(one.start, UTC).astimezone(ZoneInfo(zone)) for one in best.sessions]
    assert {(one.hour, one.minute) for one in local} == {(10, 0)}
    assert [one.date() for one in local] == days_of(best)
    assert len({one.utcoffset() for one in local}) == 2, "the course lies on both sides of the change"


def test_intervals_to_other_treatments_hold_for_every_session():
    """A laser visit of the same skin in the fourth month: 28 days on either side stay free, whatever it costs."""
    frame, place = clinic()
    other = MONDAY + timedelta(days=100)
    bar = bars.interval(frame, place.zone, bars.Neighbour(other, before=28, after=28))
    found = proposals(frame, place, bars=[bar])
    for plan in found.plans:
        assert all(abs((day - other).days) >= 28 for day in days_of(plan))
    beyond = [note for note in found.plans[0].notes if note.code == "beyond"]
    assert beyond and beyond[0].causes[0].code == "interval"


def test_notice_and_first_possible_day_hold_for_the_first_session():
    frame, place = clinic()
    bar = bars.before_date(frame, "bookable_from", place.zone, MONDAY + timedelta(days=10))
    best = proposals(frame, place, bars=[bar]).plans[0]
    assert days_of(best)[0] == MONDAY + timedelta(days=10)


def test_when_nothing_lies_within_the_spacing_the_session_is_named_and_the_best_effort_says_so():
    shut = (MONDAY + timedelta(days=75), MONDAY + timedelta(days=160))
    found = proposals(*clinic(closures=(shut,)), sessions=4)
    assert found.failure.session == 4
    assert shut[0] <= found.failure.first <= found.failure.last
    [(session, days)] = notes_of(found.plans[0], "beyond")
    gap = (days_of(found.plans[0])[session - 1] - days_of(found.plans[0])[session - 2]).days
    assert gap == 42 + days


def test_without_any_day_there_is_no_plan_and_the_first_session_fails():
    found = proposals(*clinic(people=()))
    assert found.plans == () and found.failure.session == 1


def test_the_rest_of_the_calendar_too_short_for_the_course():
    found = proposals(*clinic(closures=((MONDAY + timedelta(days=40), MONDAY + timedelta(days=DAYS)),)), sessions=3)
    assert found.plans == () and found.failure.session == 3


def test_three_plans_differ_in_more_than_a_quarter_of_an_hour():
    plans = proposals(*clinic(hours=(9, 17))).plans
    assert len(plans) == 3
    assert all(differs(a, b) for a in plans for b in plans if a is not b)
    assert len({plan.rhythm.weekday for plan in plans}) == 3
    assert [plan.cost for plan in plans] == sorted(plan.cost for plan in plans)


def test_what_was_asked_for_is_kept_where_it_can_be():
    plans = proposals(*clinic(hours=(9, 17)), wish=Rhythm(3, 15 * 60, DENIZ)).plans
    asked = plans[0]
    assert {(one.day.weekday(), one.minute, one.practitioner) for one in asked.sessions} == {(3, 900, DENIZ)}
    assert all(plan.cost > asked.cost for plan in plans[1:])


@pytest.mark.parametrize("asked", [(0, (28, 42)), (13, (28, 42)), (3, (0, 3)), (3, (5, 4))])
def test_a_course_that_makes_no_sense_is_refused(asked):
    with pytest.raises(ValueError, match="no course"):
        Course(asked[0], asked[1], MONDAY, MONDAY)


def test_lanes_compare_and_add_each_for_itself():
    lanes = Lanes(4)
    a, b = (sum(one << 16 * n for n, one in enumerate(ones)) for ones in ((1, 32767, 5, 0), (2, 3, 5, 32767)))
    assert lanes.listed(lanes.smaller(a, b)).tolist() == [1, 3, 5, 0]
    assert lanes.listed(lanes.spread(0b1001)).tolist() == [1, 0, 0, 1]
    assert lanes.listed(a + lanes.same(0)).tolist() == [lane(a, n) for n in range(4)]
    assert Lanes(8).listed(lanes.repeated(a, 2)).tolist() == [1, 32767, 5, 0] * 2
