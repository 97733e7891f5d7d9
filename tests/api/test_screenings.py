import pytest
from django.apps import apps

from tests.api.conftest import form

LANGUAGES = ("en", "tr", "es", "ar")
pytestmark = pytest.mark.django_db


def screen(api, *, treatment="pen", areas=("face",), **other):
    answers = form(api, treatment, areas, **other)["answers"]
    return api("post", "/screenings/", {"treatment": treatment, "areas": list(areas), "answers": answers})


def rows():
    return {model._meta.label: model.objects.count() for model in apps.get_models()}


@pytest.mark.parametrize(
    ("other", "outcome"),
    [
        ({}, "ok"),
        ({"blood_thinner": "yes", "blood_thinner_name": "Apixaban"}, "review"),
        ({"isotretinoin": "taking"}, "decline"),
        ({"isotretinoin": "stopped", "isotretinoin_stopped_on": "2027-02-01"}, "defer"),
    ],
)
def test_a_verdict_with_its_reasons(clinic, api, other, outcome):
    verdict = screen(api, **other).body
    assert verdict["outcome"] == outcome
    assert bool(verdict["bookable_from"]) == (outcome == "defer")
    assert bool(verdict["findings"]) == (outcome != "ok")
    assert all(one["reason"] and one["source"] for one in verdict["findings"])


def test_nothing_is_stored(clinic, api):
    before = rows()
    assert screen(api, blood_thinner="yes", blood_thinner_name="Apixaban").status == 200
    assert screen(api, isotretinoin="taking").status == 200
    assert rows() == before


def test_reasons_are_told_in_the_language_asked_for(clinic, api):
    answers = form(api, isotretinoin="taking")["answers"]
    body = {"treatment": "pen", "areas": ["face"], "answers": answers}
    told = [api("post", "/screenings/", body, **{"accept-language": code}).body["findings"] for code in LANGUAGES]
    assert len({findings[0]["reason"] for findings in told}) == len(LANGUAGES)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"scars": None}, "scars"),
        ({"scars": "perhaps"}, "scars"),
        ({"scars": ["yes"]}, "scars"),
        ({"scars": 1}, "scars"),
        ({"shoe_size": "40"}, "shoe_size"),
        ({"date_of_birth": "2027-03-02"}, "date_of_birth"),
        ({"date_of_birth": 19900501}, "date_of_birth"),
        ({"date_of_birth": "1990-02-30"}, "date_of_birth"),
    ],
)
def test_an_answer_that_cannot_be_weighed_is_told_at_its_field(clinic, api, change, field):
    answers = form(api)["answers"] | change
    answer = api("post", "/screenings/", {"treatment": "pen", "areas": ["face"], "answers": answers})
    assert (answer.status, answer.fields) == (422, [field])


def test_missing_answers_are_all_told(clinic, api):
    answer = api("post", "/screenings/", {"treatment": "pen", "areas": ["face"], "answers": {}})
    assert (answer.status, answer.code) == (422, "invalid")
    assert {"scars", "date_of_birth"} <= set(answer.fields)


@pytest.mark.parametrize("answers", [[], "none", None, 7])
def test_answers_that_are_no_answers(clinic, api, answers):
    answer = api("post", "/screenings/", {"treatment": "pen", "areas": ["face"], "answers": answers})
    assert (answer.status, answer.fields) == (400, ["answers"])
