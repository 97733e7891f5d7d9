"""Pages, the list to tick, and the form as it was asked."""

import json

import pytest

from clinic.errors import Invalid
from consultations.questionnaire import current
from consultations.questionnaire.asked import as_asked, as_found, as_listed
from consultations.questionnaire.asking import pages, questions_for
from consultations.questionnaire.checklist import answers_from, items, ticked_from
from consultations.questionnaire.validation import validate_answers
from consultations.screening import screen

from .decisions import ALL, AREA, GROUPS_OF, TODAY, fine_form

FACE = {"face": "face"}


def test_the_short_set_is_three_pages():
    found = pages(current(), modality="pen", areas=FACE, stage="short")
    assert {page.title: [question.id for question in page.questions] for page in found} == {
        "About you": ["adult", "pregnant", "breastfeeding"],
        "Your skin today": ["acne", "cold_sore", "skin_infection", "sun", "skin_condition"],
        "Medicines and history": [
            "isotretinoin",
            "blood_thinner",
            "scars",
            "immune",
            "cancer_treatment",
            "bleeding_disorder",
        ],
    }


@pytest.mark.parametrize("modality", ALL)
def test_every_question_is_on_one_page_of_six_at_most(modality):
    for group in GROUPS_OF[modality]:
        for stage in ("short", "rest", "full"):
            areas = {AREA[group]: group}
            found = pages(current(), modality=modality, areas=areas, stage=stage)
            asked = [question.id for page in found for question in page.questions]
            wanted = [one.id for one in questions_for(current(), modality=modality, areas=areas, stage=stage)]
            assert sorted(asked) == sorted(wanted)
            assert max(len(page.questions) for page in found) <= 6


def test_a_page_names_all_its_inputs_and_speaks_the_language():
    page = pages(current(), modality="pen", areas=FACE, stage="short", language="tr")[1]
    assert page.title == "Bugün cildiniz"
    assert page.fields == ("acne", "cold_sore", "skin_infection", "sun", "sun_on", "skin_condition")


def test_a_consultation_asks_for_the_age_alone():
    asked = {
        stage: [one.id for one in questions_for(current(), modality="consult", areas={}, stage=stage)]
        for stage in ("short", "rest", "full")
    }
    assert asked == {"short": ["adult"], "rest": ["date_of_birth"], "full": ["date_of_birth"]}


@pytest.mark.parametrize(("modality", "areas", "stage"), [("x", FACE, "full"), ("pen", {}, "full"), ("pen", FACE, "y")])
def test_nothing_is_asked_for_a_visit_nobody_offers(modality, areas, stage):
    with pytest.raises(ValueError):
        questions_for(current(), modality=modality, areas=areas, stage=stage)


def test_a_form_is_stored_as_it_was_asked():
    answers = fine_form("pen", "face") | {"filler": "yes", "filler_on": "2027-02-01", "other_allergies": "bees"}
    clean = validate_answers(current(), modality="pen", areas=FACE, answers=answers, today=TODAY)
    rows = as_asked(current(), modality="pen", areas=FACE, answers=clean.answers, language="es")
    assert json.loads(json.dumps(rows)) == rows
    told = {row["id"]: row for row in rows}
    assert told["filler"] == {
        "id": "filler",
        "text": "¿Le han puesto alguna vez relleno en esta zona?",
        "kind": "single",
        "answer": "yes",
        "label": "Sí",
        "follow_up": {
            "id": "filler_on",
            "text": "¿Cuándo fue la última vez?",
            "kind": "date",
            "answer": "2027-02-01",
        },
    }
    assert told["date_of_birth"]["label"] == "1990-05-05"
    assert told["other_allergies"]["label"] == "bees"
    assert told["toxin"]["follow_up"] is None
    assert [row["id"] for row in rows] == [
        one.id for one in questions_for(current(), modality="pen", areas=FACE, stage="full")
    ]
    with pytest.raises(KeyError):
        as_asked(current(), modality="pen", areas=FACE, answers={}, language="es")


def test_the_list_for_programs_puts_a_follow_up_behind_its_question():
    rows = as_listed(current(), modality="pen", areas=FACE, language="en")
    at = next(number for number, row in enumerate(rows) if row["id"] == "sun")
    assert rows[at]["options"][1] == {"value": "tan", "label": "A tan from the sun or a sunbed"}
    assert rows[at + 1] | {"text": "", "hint": ""} == {
        "id": "sun_on",
        "text": "",
        "hint": "",
        "kind": "date",
        "options": [],
        "when": {"question": "sun", "answers": ["tan", "burn"]},
        "required": True,
        "may_be_empty": False,
        "stage": "short",
        "page": "skin_today",
    }
    assert [row["id"] for row in rows if row["may_be_empty"]] == [
        "other_conditions",
        "other_medicines",
        "other_allergies",
    ]


def test_findings_are_told_in_words():
    answers = fine_form("pen", "face") | {"unwell": "yes", "smoking": "yes"}
    verdict = screen(current(), modality="pen", areas=FACE, answers=answers, today=TODAY)
    assert as_found(current(), verdict, language="en") == [
        {
            "rule": "unwell.yes",
            "question": "unwell",
            "outcome": "defer",
            "until": "2027-03-08",
            "reason": "The body needs to get well before skin can heal well.",
            "practitioner": "Fever or illness now.",
            "source": "CLINIC",
            "confidence": "low",
            "instruction": "",
        },
        {
            "rule": "smoking.yes",
            "question": "smoking",
            "outcome": "caution",
            "until": None,
            "reason": "Smoking slows the way skin heals.",
            "practitioner": "Smokes. Slower healing.",
            "source": "S4",
            "confidence": "medium",
            "instruction": "Smoking less before and after your visit helps skin heal.",
        },
    ]


@pytest.fixture
def skin():
    return pages(current(), modality="pen", areas=FACE, stage="short")[1]


def test_a_page_of_the_short_set_can_be_one_list(skin):
    listed = items(skin, "en")
    assert [item.value for item in listed][:4] == ["acne:few_spots", "acne:inflamed", "cold_sore:past", "cold_sore:now"]
    assert {item.value: item.follow_up for item in listed if item.follow_up} == {
        "sun:tan": "sun_on",
        "sun:burn": "sun_on",
    }
    assert listed[2].label == "I had cold sores before"


def test_ticks_stand_for_answers(skin):
    none = {"acne": "none", "cold_sore": "never", "skin_infection": "no", "sun": "none", "skin_condition": "none"}
    assert answers_from(skin, ["none"]) == none
    assert answers_from(skin, ["sun:tan", "acne:inflamed"]) == none | {"sun": "tan", "acne": "inflamed"}
    assert ticked_from(skin, none) == ["none"]
    assert ticked_from(skin, none | {"sun": "tan"}) == ["sun:tan"]
    assert ticked_from(skin, {"sun": "tan"}) == []


@pytest.mark.parametrize(
    "ticks", [[], ["none", "sun:tan"], ["cold_sore:past", "cold_sore:now"], ["sun:none"], ["pregnant:yes"], ["moon"]]
)
def test_ticks_that_say_nothing_clear_are_not_answers(skin, ticks):
    with pytest.raises(Invalid) as caught:
        answers_from(skin, ticks)
    assert set(caught.value.fields) == {"skin_today"}
