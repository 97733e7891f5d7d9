from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatments.courses import (
    FACE_PARTS,
    FAMILY,
    SPACING,
    Clash,
    Step,
    TooNear,
    Visit,
    Window,
    clashes,
    least_gaps,
    min_gap_days,
    need_days,
    needling_beside_prp,
    next_window,
    same_skin,
    too_near,
    usual_gaps,
)

ALL = sorted(FAMILY)
NEEDLING = ["pen", "roller", "rf", "prp", "scalp"]
TREATED = [slug for slug in ALL if slug != "consult"]
DAY = date(2027, 3, 1)

slugs = st.sampled_from(ALL)
treated = st.sampled_from(TREATED)
areas = st.sets(st.sampled_from(["face", "forehead", "eyes", "neck", "abdomen", "scar", "scalp"]), min_size=1)
days = st.dates(date(2026, 1, 1), date(2028, 12, 31))


def visit(modality, on, *where):
    return Visit(modality, on, frozenset(where or {"face"}))


@pytest.mark.parametrize(
    ("earlier", "later", "days"),
    [
        ("pen", "pen", 28),
        ("pen", "roller", 28),
        ("roller", "rf", 28),
        ("prp", "pen", 28),
        ("pen", "prp", 28),
        ("peel", "peel", 14),
        ("pen", "peel", 14),
        ("peel", "pen", 14),
        ("peel", "rf", 14),
        ("rf", "peel", 28),
        ("rf", "laser", 28),
        ("laser", "pen", 28),
        ("peel", "laser", 28),
        ("laser", "peel", 28),
        ("laser", "laser", 28),
        ("consult", "rf", 0),
        ("rf", "consult", 0),
        ("consult", "consult", 0),
    ],
)
def test_the_table(earlier, later, days):
    assert min_gap_days(earlier, later) == days


def test_a_treatment_without_a_family_is_an_error_not_a_zero():
    with pytest.raises(ValueError, match="cupping"):
        min_gap_days("cupping", "pen")


@given(slugs, slugs)
def test_gaps_are_the_same_both_ways_except_after_rf(a, b):
    if "rf" not in (a, b):
        assert min_gap_days(a, b) == min_gap_days(b, a)


@given(treated, treated)
def test_nothing_follows_rf_sooner_than_it_follows_anything_else(earlier, later):
    assert min_gap_days("rf", later) == 28
    assert min_gap_days("rf", later) >= min_gap_days(earlier, later)


@given(treated)
def test_the_same_treatment_waits_for_the_start_of_its_own_spacing(slug):
    assert min_gap_days(slug, slug) == SPACING[slug][0]


@given(st.sampled_from(NEEDLING))
def test_prp_is_never_a_second_visit_in_the_same_month(slug):
    assert min_gap_days("prp", slug) == min_gap_days(slug, "prp") == 28


@given(areas, areas)
def test_sharing_skin_has_no_direction(a, b):
    assert same_skin(a, b) == same_skin(b, a)


@given(areas)
def test_an_area_shares_skin_with_itself(a):
    assert same_skin(a, a)


def test_the_face_contains_its_parts_and_parts_do_not_contain_each_other():
    assert all(same_skin({"face"}, {part}) for part in FACE_PARTS)
    assert not same_skin({"forehead"}, {"chin"})
    assert not same_skin({"face"}, {"neck"})


def test_a_scar_may_lie_in_any_body_area():
    assert same_skin({"scar"}, {"abdomen"})
    assert not same_skin({"scar"}, {"face"})


@given(treated, treated, days, areas, st.integers(0, 60))
def test_a_clash_is_exactly_a_gap_that_is_too_short(earlier, later, on, where, distance):
    before = Visit(earlier, on, frozenset(where))
    found = clashes(later, on=on + timedelta(days=distance), areas=where, visits=[before])
    need = min_gap_days(earlier, later)
    if distance == 0:
        need = max(need, min_gap_days(later, earlier))
    assert found == ([Clash(before, need)] if distance < need else [])


def test_a_visit_that_is_already_booked_afterwards_counts_as_well():
    booked = visit("pen", DAY + timedelta(days=20))
    assert clashes("rf", on=DAY, areas={"face"}, visits=[booked]) == [Clash(booked, 28)]
    assert clashes("peel", on=DAY, areas={"face"}, visits=[booked]) == []


def test_other_skin_does_not_clash():
    assert clashes("pen", on=DAY, areas={"neck"}, visits=[visit("rf", DAY)]) == []


def test_next_window_is_the_spacing_after_the_last_session():
    assert next_window("pen", areas={"face"}, visits=[visit("pen", DAY)]) == Window(
        DAY + timedelta(days=28), DAY + timedelta(days=42)
    )


def test_next_window_opens_later_when_another_treatment_came_between():
    visits = [visit("pen", DAY), visit("laser", DAY + timedelta(days=28))]
    assert next_window("pen", areas={"face"}, visits=visits) == Window(DAY + timedelta(days=56), None)


def test_the_catalogue_may_ask_for_more_time_never_for_less():
    visits = [visit("pen", DAY)]
    assert next_window("pen", areas={"face"}, visits=visits, spacing=(35, 49)) == Window(
        DAY + timedelta(days=35), DAY + timedelta(days=49)
    )
    assert next_window("pen", areas={"face"}, visits=visits, spacing=(7, 21)).opens == DAY + timedelta(days=28)


def test_no_visit_on_this_skin_means_no_window():
    assert next_window("pen", areas={"neck"}, visits=[visit("pen", DAY)]) is None
    assert next_window("consult", areas={"face"}, visits=[visit("consult", DAY)]) is None


@given(treated, st.lists(st.builds(Visit, treated, days, areas.map(frozenset)), max_size=5), areas)
def test_the_day_a_window_opens_never_clashes_with_what_came_before(modality, visits, where):
    window = next_window(modality, areas=where, visits=visits)
    if window:
        past = [v for v in visits if v.on < window.opens]
        assert clashes(modality, on=window.opens, areas=where, visits=past) == []
        assert window.closes is None or window.closes >= window.opens


# series


def step(modality, *where):
    return Step(modality, frozenset(where or {"face"}))


steps = st.lists(st.builds(Step, treated, areas.map(frozenset)), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("series", "gaps"),
    [
        ("pen pen pen", [(28, 42), (28, 42)]),
        ("pen peel pen peel pen", [(14, 21), (14, 21), (14, 21), (14, 21)]),
        ("peel peel peel", [(14, 28), (14, 28)]),
        ("peel pen peel", [(14, 21), (14, 21)]),
        ("rf peel rf", [(28, 42), (14, 21)]),
        ("peel rf peel", [(14, 21), (28, 42)]),
        ("pen laser peel", [(28, 42), (28, 42)]),
        ("pen prp", [(28, 42)]),
    ],
)
def test_the_gaps_a_plan_begins_with(series, gaps):
    assert usual_gaps([step(one) for one in series.split()]) == gaps


def test_a_peel_elsewhere_takes_nothing_off_the_weeks_between_two_needlings():
    series = [step("pen"), step("peel", "neck"), step("pen")]
    assert least_gaps(series) == [1, 27]
    assert too_near(series, [(1, 5), (26, 40)]) == [TooNear(1, 3, 28, 27)]
    assert too_near(series, [(14, 21), (14, 21)]) == []


def test_neighbours_that_keep_their_distance_may_still_bring_others_too_near():
    series = [step("pen"), step("consult"), step("pen")]
    assert too_near(series, [(10, 20), (10, 20)]) == [TooNear(1, 3, 28, 20)]


def test_the_catalogues_longer_spacing_is_kept_in_a_series_too():
    spacing = SPACING | {"pen": (35, 49), "peel": (7, 21)}
    assert usual_gaps([step("pen"), step("pen")], spacing) == [(35, 49)]
    assert usual_gaps([step("peel"), step("peel")], spacing) == [(14, 21)]
    assert too_near([step("pen"), step("pen")], [(28, 42)], spacing) == [TooNear(1, 2, 35, 28)]


def test_plasma_is_given_with_needling_not_beside_it():
    assert needling_beside_prp([step("prp"), step("pen")])
    assert not needling_beside_prp([step("prp"), step("pen", "neck")])
    assert not needling_beside_prp([step("prp"), step("prp"), step("peel")])


def earliest(series):
    """The same by trying every day: each session on the first day that no earlier one forbids."""
    placed = []
    for one in series:
        day = placed[-1][1] + 1 if placed else 0
        while any(
            same_skin(one.areas, other.areas) and day - at < min_gap_days(other.modality, one.modality)
            for other, at in placed
        ):
            day += 1
        placed.append((one, day))
    days = [day for _one, day in placed]
    return [b - a for a, b in zip(days, days[1:], strict=False)]


@given(steps)
def test_the_least_gaps_are_the_earliest_days_there_are(series):
    assert least_gaps(series) == earliest(series)


@given(steps)
def test_a_plan_never_begins_with_gaps_that_bring_sessions_too_near(series):
    gaps = usual_gaps(series)
    assert len(gaps) == len(series) - 1
    assert all(1 <= least <= most for least, most in gaps)
    assert too_near(series, gaps) == []


@given(steps, st.data())
def test_what_passes_keeps_every_pair_of_days_apart(series, data):
    """Any days within gaps that nothing is said about clash with nothing in the clinical table."""
    gaps = [data.draw(st.integers(1, 40).map(lambda least: (least, least + 5))) for _ in series[1:]]
    days = [DAY]
    for least, most in gaps:
        days.append(days[-1] + timedelta(days=data.draw(st.integers(least, most))))
    visits = [Visit(one.modality, day, one.areas) for one, day in zip(series, days, strict=True)]
    if not too_near(series, gaps):
        for number, one in enumerate(visits):
            assert clashes(one.modality, on=one.on, areas=one.areas, visits=visits[:number]) == []


@given(steps, st.data())
def test_each_pair_that_is_too_near_is_named_once_with_what_it_needs(series, data):
    gaps = [data.draw(st.integers(1, 40).map(lambda least: (least, least))) for _ in series[1:]]
    for one in too_near(series, gaps):
        between = sum(gap[0] for gap in gaps[one.first - 1 : one.second - 1])
        assert one.have == between < one.need == need_days(series[one.first - 1], series[one.second - 1])
    wider = [(least + 28, most + 28) for least, most in gaps]
    assert too_near(series, wider) == [], "four weeks between neighbours are enough for everything"
