"""The engine against a naive oracle, on ordinary days, both changes of the clock and nights.

`pytest tests/bookings/test_availability_oracle.py --hypothesis-profile=deep -s` judges more than a million starts and says
how many.
"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookings import bars
from bookings.availability import PlaceFacts, board
from bookings.book import Rules
from bookings.facts import DEVICE, PATIENT, PRACTITIONER, ROOM, Need
from bookings.selectors.free_times import Wish, _bars
from bookings.states import Clearance
from bookings.ticks import Frame, grid_bits
from tests.bookings.clinics import needs, rules, visits
from tests.bookings.oracle import (
    Phases,
    Rule,
    _covered,
    _free,
    _ticks_of,
    _within,
    clock_of,
    kinds_of,
    possible_starts,
)

JUDGED = Counter()
USUAL = settings().max_examples
MANY, FEW = (settings(deadline=None, max_examples=USUAL // part) for part in (2, 4))


@pytest.fixture(scope="module", autouse=True)
def _told():
    """Says how many start decisions were judged: those at times of day at which a visit could begin at all."""
    yield
    print("\n" + "\n".join(f"{count:,} start decisions judged: {what}" for what, count in JUDGED.items()))


def framed(need, start: int, end: int) -> Frame:
    return Frame.over(start, end + need.total * 300)


def on_the_grid(frame: Frame, places: list[PlaceFacts]) -> int:
    """Each location's starting times in the frame, one decision each."""
    return sum(grid_bits(frame, place.zone, place.step).bit_count() for place in places)


@given(visits(), st.lists(needs, min_size=5, max_size=5))
@settings(MANY)
def test_it_offers_what_a_naive_count_by_minutes_offers(visit, more):
    """Six visits of different lengths in the same diaries."""
    need, places, patient_busy, start, end = visit
    frame = framed(max(need, *more, key=lambda one: one.total), start, end)
    for one in (need, *more):
        built = board(frame=frame, need=one, places=places, patient_busy=patient_busy)
        assert set(frame.instants(built.starts)) == possible_starts(one, places, patient_busy, start, frame.end)
        JUDGED["what is free"] += on_the_grid(frame, places)


@given(visits())
@settings(FEW)
def test_by_video_every_start_of_the_clinic_can_be_had_and_perhaps_more(visit):
    """It needs less of everything: no room, no device, no turnaround."""
    need, places, patient_busy, start, end = visit
    frame = framed(need, start, end)
    here, there = replace(need, room=True), replace(need, room=False, device=False, turnaround=0)
    starts = [board(frame=frame, need=one, places=places, patient_busy=patient_busy).starts for one in (here, there)]
    assert starts[0] & ~starts[1] == 0


@given(visits(), st.data())
@settings(MANY)
def test_what_is_forbidden_is_what_each_rule_forbids_at_every_start(visit, data):
    """Notice, horizon, review lead, the day from which and until which, intervals to either side."""
    need, places, _, start, end = visit
    zone, frame = places[0].zone, framed(need, start, end)
    day = datetime.fromtimestamp((start + end) // 2, ZoneInfo(zone)).date()
    free = board(frame=frame, need=need, places=places).starts
    for rule in data.draw(st.lists(rules(zone, day), min_size=5, max_size=5)):
        built = board(frame=frame, need=need, places=places, bars=bars_of(rule, frame))
        told = {one for one in frame.instants(free) if rule.allows(one)}
        assert set(frame.instants(built.starts)) == told
        JUDGED["what is forbidden"] += on_the_grid(frame, places)


def bars_of(rule: Rule, frame: Frame) -> list:
    """As a look at free times composes them; a rule that nobody set is one that forbids nothing."""
    anything = 100_000
    place = Rules(
        id=1,
        slug="",
        zone=rule.zone,
        notice_minutes=rule.notice_minutes if rule.notice_minutes is not None else -anything,
        horizon_days=rule.horizon_days if rule.horizon_days is not None else 1000,
        review_lead_hours=rule.review_lead_hours or 0,
        step=5,
        hours=(),
        closures=(),
    )
    waits = rule.review_lead_hours is not None
    wish = Wish(
        bookable_from=rule.bookable_from,
        cleared_until=rule.cleared_until,
        reflection_ends=rule.reflection_ends,
        clearance=Clearance.REVIEW if waits else Clearance.UNKNOWN,
    )
    found = _bars(frame, wish, datetime.fromtimestamp(rule.now, UTC), place, rule.zone, rule.think)
    if rule.notice_minutes is None:
        found = [one for one in found if one.code != "past"]
    if rule.other:
        found.append(bars.interval(frame, rule.zone, bars.Neighbour(rule.other, rule.before, rule.after)))
    return found


@given(visits())
@settings(FEW)
def test_a_start_has_resources_and_no_reason_and_any_other_tick_has_a_reason(visit):
    need, places, patient_busy, start, end = visit
    frame = framed(need, start, end)
    built = board(frame=frame, need=need, places=places, patient_busy=patient_busy)
    for tick in range(0, frame.length, 3):
        if not built.starts >> tick & 1:
            assert built.reasons(tick)
            continue
        assert not built.reasons(tick)
        for given_ in built.assign(tick):
            [place] = [one for one in places if one.id == given_.place]
            used = [one for one in place.resources if one.id in (given_.room, given_.practitioner, given_.device)]
            alone = PlaceFacts(1, place.zone, place.hours, place.closures, tuple(used), place.step)
            again = board(frame=frame, need=need, places=[alone], patient_busy=patient_busy)
            assert again.starts >> tick & 1


@given(visits())
@settings(FEW)
def test_every_reason_given_is_true_by_the_minutes(visit):
    """Each finding, at one location at least, is what somebody with a watch and the diaries would say."""
    need, places, patient_busy, start, end = visit
    frame = framed(need, start, end)
    built = board(frame=frame, need=need, places=places, patient_busy=patient_busy)
    for tick in range(0, frame.length - need.total, 7):
        minute = frame.origin // 60 + 5 * tick
        codes = {one.code for one in built.reasons(tick)}
        if "patient_busy" in codes:
            codes.remove("patient_busy")
            assert Phases(need, minute).patient & _ticks_of(_covered(patient_busy))
        facts = [truths(need, place, minute, range(frame.origin // 60, frame.end // 60)) for place in places]
        assert not codes or any(codes <= one for one in facts), (codes, facts)
        if not codes:
            assert any(not one for one in facts)
        JUDGED["reasons"] += 1


def truths(need, place: PlaceFacts, minute: int, inside: range) -> set[str]:
    """Every code that holds for a start at a location, whether or not it is the first to name."""
    clock, phases = clock_of(place.zone, inside[0] // 1440), Phases(need, minute)
    found = set()
    wall = clock.wall[minute]
    if (wall.hour * 60 + wall.minute) % place.step:
        found.add("off_grid")
    opened = _within(clock, place.hours, inside)
    spent = phases.room if need.room else phases.practitioner
    if need.room and not phases.room <= _whole(opened):
        found.add("closed")
    if any(first <= clock.wall[one].date() <= last for first, last in place.closures for one in spent):
        found.add("holiday")
    for kind in kinds_of(need):
        them, wanted = [one for one in place.resources if one.kind == kind], phases.of(kind)
        if any(wanted <= _free(clock, place, one, inside, need.room) for one in them):
            continue
        works = [one for one in them if wanted <= _free(clock, place, _only_hours(one), inside, need.room)]
        there = [one for one in works if not wanted & _ticks_of(_covered(one.absences))]
        found.add(f"{kind}_{'taken' if there else 'away' if works else 'off' if them else 'missing'}")
        if kind == PRACTITIONER and them and not works:
            found |= (
                {"practitioner_break"}
                if any(_has_break(clock, place, one, wanted, inside, need.room) for one in them)
                else set()
            )
    return found


def _whole(minutes: set[int]) -> set[int]:
    return {one for one in minutes if all(one - one % 5 + n in minutes for n in range(5))}


def _only_hours(one):
    return type(one)(one.id, one.kind, one.name, one.hours)


def _has_break(clock, place, one, wanted: set[int], inside: range, in_the_house: bool) -> bool:
    """At work on the day of the first minute that is missing, both before it and after."""
    at_work = _free(clock, place, _only_hours(one), inside, in_the_house)
    first = min(wanted - at_work)
    same_day = {each for each in at_work if clock.wall[each].date() == clock.wall[first].date()}
    return any(each < first for each in same_day) and any(each > first for each in same_day)


# What takes each reason away, in the facts of a location.
CURES = {
    "off_grid": lambda place, need: change(place, step=5),
    "closed": lambda place, need: change(place, hours=tuple((day, 0, 0, None, None) for day in range(7))),
    "holiday": lambda place, need: change(place, closures=()),
    **{
        f"{kind}_taken": lambda place, need, kind=kind: each(place, kind, busy=())
        for kind in (ROOM, PRACTITIONER, DEVICE)
    },
    **{
        f"{kind}_away": lambda place, need, kind=kind: each(place, kind, absences=())
        for kind in (ROOM, PRACTITIONER, DEVICE)
    },
    **{
        f"{kind}_off": lambda place, need, kind=kind: each(place, kind, hours=None)
        for kind in (ROOM, PRACTITIONER, DEVICE)
    },
    "practitioner_break": lambda place, need: each(place, PRACTITIONER, hours=None),
}


def change(place: PlaceFacts, **changes) -> PlaceFacts:
    named = {name: getattr(place, name) for name in ("id", "zone", "hours", "closures", "resources", "step")}
    return PlaceFacts(**named | changes)


def each(place: PlaceFacts, kind: str, **changes) -> PlaceFacts:
    names = ("id", "kind", "name", "hours", "absences", "busy")
    them = [
        type(one)(**{name: getattr(one, name) for name in names} | (changes if one.kind == kind else {}))
        for one in place.resources
    ]
    return change(place, resources=tuple(them))


@given(visits(), st.integers(0, 500))
@settings(FEW)
def test_taking_a_reasons_cause_away_takes_it_away_and_in_the_end_the_visit_can_begin(visit, number):
    need, places, patient_busy, start, end = visit
    if any(
        not any(one.kind == kind for one in place.resources)
        for place in places
        for kind in (ROOM, PRACTITIONER, DEVICE)
    ):
        return
    frame = framed(need, start, end)
    tick, place = number % (frame.length - need.total + 1), places[0]
    for _turn in range(12):
        found = board(frame=frame, need=need, places=[place], patient_busy=patient_busy).reasons(tick)
        if not found:
            break
        code = found[0].code
        if code == "patient_busy":
            patient_busy = ()
        else:
            place = CURES[code](place, need)
        left = board(frame=frame, need=need, places=[place], patient_busy=patient_busy).reasons(tick)
        assert code not in {one.code for one in left}
    assert board(frame=frame, need=need, places=[place], patient_busy=patient_busy).starts >> tick & 1


def test_the_kinds_of_the_engine_are_those_of_the_oracle():
    assert {ROOM, PRACTITIONER, DEVICE, PATIENT} == set(vars(Phases(Need(1, 1, 1), 0)))
