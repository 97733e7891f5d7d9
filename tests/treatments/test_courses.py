from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatments.courses import (
    FACE_PARTS,
    FAMILY,
    SPACING,
    Clash,
    Visit,
    Window,
    clashes,
    min_gap_days,
    next_window,
    same_skin,
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
