from decimal import Decimal

import pytest

from clinic.errors import DomainError
from treatments import selectors
from treatments.models import Modality

pytestmark = pytest.mark.usefixtures("offered")


def minutes(plan):
    return plan.numbing, plan.treatment, plan.turnaround


@pytest.mark.parametrize(
    ("modality", "areas", "expected"),
    [
        ("pen", ["nose"], (30, 30, 15)),
        ("pen", ["face"], (30, 45, 15)),
        ("rf", ["neck"], (45, 45, 15)),
        ("prp", ["face"], (30, 60, 15)),
        ("scalp", ["scalp"], (15, 30, 15)),
        ("peel", ["face"], (0, 30, 15)),
        ("laser", ["chin"], (20, 30, 15)),
        ("consult", ["face"], (0, 30, 5)),
    ],
)
def test_one_area(modality, areas, expected):
    assert minutes(selectors.visit_plan(modality=modality, areas=areas)) == expected


def test_several_areas_take_the_longest_plus_15_each_and_prices_add_up():
    plan = selectors.visit_plan(modality="pen", areas=["neck", "face", "chin"])
    assert (plan.treatment, plan.price, plan.currency) == (45 + 30, Decimal(6500 + 4500 + 3000), "TRY")
    assert [area.slug for area in plan.areas] == ["face", "chin", "neck"]
    assert (plan.patient_minutes, plan.room_minutes) == (105, 120)


def test_an_area_named_twice_counts_once():
    assert selectors.visit_plan(modality="pen", areas=["nose", "nose"]).price == 2800


def test_a_consultation_is_one_visit_however_many_areas():
    plan = selectors.visit_plan(modality="consult", areas=["face", "neck", "scar"])
    assert (plan.treatment, plan.price) == (30, 1500)


def test_odd_minutes_are_rounded_up_to_the_scheduler_s_five():
    Modality.objects.filter(slug="pen").update(numbing_minutes=33)
    assert selectors.visit_plan(modality="pen", areas=["nose"]).numbing == 35


@pytest.mark.parametrize(
    ("modality", "areas", "code", "status"),
    [
        ("tattoo", ["face"], "unknown_treatment", 404),
        ("pen", [], "no_area", 422),
        ("pen", ["eyelids"], "area_not_offered", 422),
        ("pen", ["face", "scalp"], "area_not_offered", 422),
        ("scalp", ["face"], "area_not_offered", 422),
    ],
)
def test_what_is_not_offered_is_refused_with_a_code(modality, areas, code, status):
    with pytest.raises(DomainError) as refused:
        selectors.visit_plan(modality=modality, areas=areas)
    assert (refused.value.code, refused.value.status) == (code, status)
    assert list(refused.value.fields) == ([] if status == 404 else ["areas"])


def test_a_withdrawn_treatment_can_be_read_but_not_planned():
    Modality.objects.filter(slug="pen").update(bookable=False)
    assert selectors.get_modality("pen").slug == "pen"
    with pytest.raises(DomainError) as refused:
        selectors.visit_plan(modality="pen", areas=["face"])
    assert refused.value.code == "unknown_treatment"


def test_query_counts_are_fixed(django_assert_num_queries):
    with django_assert_num_queries(2):
        selectors.visit_plan(modality="pen", areas=["face", "neck", "chin"])
    with django_assert_num_queries(2):
        assert [len(m.offers.all()) for m in selectors.list_modalities()] == [14, 14, 14, 14, 1, 14, 14, 14]
    with django_assert_num_queries(2):
        assert selectors.get_modality("pen").offers.all()[0].area.slug == "face"
