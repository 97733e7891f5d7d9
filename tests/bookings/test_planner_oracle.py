"""The planner against an oracle that tries everything, on small calendars, both changes of the clock among them."""

from datetime import date, timedelta
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from bookings.planner import Course, Person, Rhythm, differs, propose
from bookings.planning.costs import TOO_LATE, cost_of
from bookings.ticks import TICK, Frame, day_bounds, grid_bits
from tests.bookings.course_oracle import cheapest, day_sequences, sessions_of

BEGINS = [
    ("Europe/Istanbul", date(2027, 5, 3)),
    ("Europe/Berlin", date(2027, 3, 22)),  # forward on the 28th
    ("America/New_York", date(2027, 11, 1)),  # back on the 7th
    ("Australia/Lord_Howe", date(2027, 3, 30)),  # half an hour back on 4 April
]


@st.composite
def calendars(draw):
    """At most three sessions within 16 days, with two people, at a few times of the day; often in the night, too. In half
    of them the sessions are of two kinds, each with starts of its own, and every gap has its own bounds."""
    zone, first = draw(st.sampled_from(BEGINS))
    length, step = draw(st.integers(1, 16)), draw(st.sampled_from([30, 60]))
    last = first + timedelta(days=length - 1)
    start, end = day_bounds(zone, first)[0], day_bounds(zone, last)[1]
    frame = Frame.over(start - draw(st.sampled_from([0, 86400])), end + draw(st.sampled_from([0, 7200])))
    grid = frame.instants(grid_bits(frame, zone, step))
    people, mixed = [], draw(st.booleans())
    for identifier, kind in [(7, 0), (3, 0), (7, 1), (3, 1)] if mixed else [(7, 0), (3, 0)]:
        hours = draw(st.lists(st.sampled_from([0, 1, 2, 3, 9, 10, 12, 16]), max_size=3, unique=True))
        usual = [one for one in grid if (one - start) // 3600 % 24 in hours]
        gone = set(draw(st.lists(st.sampled_from(usual), max_size=len(usual)))) if usual else set()
        more = draw(st.lists(st.sampled_from(grid), max_size=3))
        starts = 0
        for instant in [*(one for one in usual if one not in gone), *more]:
            starts |= 1 << (instant - frame.origin) // TICK
        people.append(Person(identifier, starts, kind))
    sessions = draw(st.integers(1, 3))
    gap = st.integers(1, 5).flatmap(lambda least: st.tuples(st.just(least), st.integers(least, least + 3)))
    spacing = draw(st.tuples(*[gap] * (sessions - 1)) if mixed else gap)
    kinds = draw(st.tuples(*[st.integers(0, 1)] * sessions)) if mixed else ()
    wish = Rhythm(
        draw(st.sampled_from([None, 0, 2])),
        draw(st.sampled_from([None, 600, 135])),
        draw(st.sampled_from([None, 3, 9])),
    )
    course = Course(sessions, spacing, first, last, wish, kinds)
    return frame, zone, step, people, course


@given(calendars())
@settings(deadline=None)
def test_the_first_plan_costs_what_trying_everything_finds(calendar):
    frame, zone, step, people, course = calendar
    found = propose(frame=frame, zone=zone, step=step, people=people, course=course)
    best = cheapest(frame, zone, step, people, course)
    assert (found.plans[0].cost if found.plans else None) == best


@given(calendars())
@settings(deadline=None)
def test_every_plan_keeps_its_promises(calendar):
    frame, zone, step, people, course = calendar
    found = propose(frame=frame, zone=zone, step=step, people=people, course=course)
    by_session = sessions_of(frame, zone, people, course)
    within = day_sequences([set(one) for one in by_session], course, bounded=True)
    for plan in found.plans:
        assert len(plan.sessions) == course.sessions
        for one, by_day in zip(plan.sessions, by_session, strict=True):
            assert one in by_day[(one.day - course.earliest).days], "only free starts, each with its local day and time"
        assert plan.cost == cost_of(plan.sessions, plan.rhythm, course)
        assert plan.sessions[0].day >= course.earliest
        gaps = [(b.day - a.day).days for a, b in zip(plan.sessions, plan.sessions[1:], strict=False)]
        bounds = list(zip(gaps, course.gaps, strict=True))
        assert all(gap >= shortest for gap, (shortest, _longest) in bounds), "never too soon"
        late = {number for number, (gap, (_shortest, longest)) in enumerate(bounds, 2) if gap > longest}
        assert late == {note.session for note in plan.notes if note.code == "beyond"}, "too late only where it is said"
        assert bool(late) == (plan.cost >= TOO_LATE)
        assert not (late and within), "within the spacing when any plan is"
    assert all(differs(one, other) for one, other in combinations(found.plans, 2))
    assert (found.failure is None) == bool(within)


@given(calendars())
@settings(deadline=None)
def test_the_same_question_has_the_same_answer_whoever_comes_first(calendar):
    frame, zone, step, people, course = calendar
    asked = {"frame": frame, "zone": zone, "step": step, "course": course}
    assert propose(people=people, **asked) == propose(people=people[::-1], **asked)


@given(calendars())
@settings(deadline=None)
def test_a_failure_names_the_first_session_that_has_no_day(calendar):
    frame, zone, step, people, course = calendar
    failure = propose(frame=frame, zone=zone, step=step, people=people, course=course).failure
    if failure is None:
        return
    days = [set(one) for one in sessions_of(frame, zone, people, course)]
    counts = range(1, course.sessions + 1)
    shorter = [Course(n, course.gaps[: n - 1], course.earliest, course.latest, kinds=course.kinds[:n]) for n in counts]
    reachable = [bool(day_sequences(days[:n], one, bounded=True)) for n, one in zip(counts, shorter, strict=True)]
    assert reachable.index(False) + 1 == failure.session
