"""Answers are checked field by field, in sentences, before anything is weighed."""

from datetime import date, datetime

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.errors import Invalid
from consultations.questionnaire import current
from consultations.questionnaire import validation as sentences
from consultations.questionnaire.validation import validate_answers
from consultations.screening import screen

from .decisions import ALL, AREA, BORN, GROUPS_OF, TODAY, days, fine_form

FACE = {"face": "face"}


def check(answers, *, modality="pen", areas=FACE, **more):
    return validate_answers(current(), modality=modality, areas=areas, answers=answers, today=TODAY, **more)


def wrong_with(changes, **more):
    with pytest.raises(Invalid) as caught:
        check(fine_form("pen", "face") | changes, **more)
    with translation.override("en"):
        return {name: [str(sentence) for sentence in found] for name, found in caught.value.fields.items()}


@pytest.mark.parametrize("modality", ALL)
def test_a_whole_form_passes(modality):
    for group in GROUPS_OF[modality]:
        answers = fine_form(modality, group)
        clean = check(answers, modality=modality, areas={AREA[group]: group})
        assert (clean.answers, clean.date_of_birth) == (answers, BORN)


def test_dates_are_read_from_text_and_texts_are_trimmed():
    answers = fine_form("pen", "face") | {
        "date_of_birth": "1990-05-05",
        "sun": "burn",
        "sun_on": " 2027-02-28 ",
        "other_conditions": "  one\r\ntwo ",
    }
    clean = check(answers)
    assert clean.answers["sun_on"] == date(2027, 2, 28)
    assert clean.answers["date_of_birth"] == BORN
    assert clean.answers["other_conditions"] == "one\ntwo"
    assert clean.as_json()["sun_on"] == "2027-02-28"


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"pregnant": None}, "pregnant", sentences.CHOOSE),
        ({"pregnant": ""}, "pregnant", sentences.CHOOSE),
        ({"pregnant": "maybe"}, "pregnant", sentences.NOT_AN_OPTION),
        ({"pregnant": "No"}, "pregnant", sentences.NOT_AN_OPTION),
        ({"pregnant": False}, "pregnant", sentences.NOT_AN_OPTION),
        ({"pregnant": ["no"]}, "pregnant", sentences.NOT_AN_OPTION),
        ({"shoe_size": "42"}, "shoe_size", sentences.UNKNOWN_QUESTION),
        ({"sun": "burn"}, "sun_on", sentences.ENTER_DATE),
        ({"sun": "burn", "sun_on": " "}, "sun_on", sentences.ENTER_DATE),
        ({"sun": "burn", "sun_on": "2027-03-02"}, "sun_on", sentences.IN_FUTURE),
        ({"sun": "burn", "sun_on": "1990-05-04"}, "sun_on", sentences.BEFORE_BIRTH),
        ({"sun": "burn", "sun_on": "2027-02-30"}, "sun_on", sentences.REAL_DATE),
        ({"sun": "burn", "sun_on": "20270201"}, "sun_on", sentences.REAL_DATE),
        ({"sun": "burn", "sun_on": "2027-W05-1"}, "sun_on", sentences.REAL_DATE),
        ({"sun": "burn", "sun_on": "٢٠٢٧-٠٢-٠١"}, "sun_on", sentences.REAL_DATE),
        ({"sun": "burn", "sun_on": 20270201}, "sun_on", sentences.REAL_DATE),
        ({"sun": "burn", "sun_on": datetime(2027, 2, 1)}, "sun_on", sentences.REAL_DATE),
        ({"sun": "none", "sun_on": "2027-02-01"}, "sun_on", sentences.OTHER_ANSWER),
        ({"sun": "fake_tan", "sun_on": "2027-02-01"}, "sun_on", sentences.OTHER_ANSWER),
        ({"blood_thinner": "yes"}, "blood_thinner_name", sentences.ENTER_TEXT),
        ({"blood_thinner": "yes", "blood_thinner_name": " "}, "blood_thinner_name", sentences.ENTER_TEXT),
        ({"blood_thinner": "yes", "blood_thinner_name": 5}, "blood_thinner_name", sentences.ENTER_TEXT),
        ({"blood_thinner": "no", "blood_thinner_name": "x"}, "blood_thinner_name", sentences.OTHER_ANSWER),
        ({"other_medicines": None}, "other_medicines", sentences.MAY_BE_EMPTY),
        ({"other_medicines": 7}, "other_medicines", sentences.ENTER_TEXT),
        ({"other_medicines": "x" * 2001}, "other_medicines", sentences.TOO_LONG),
        ({"other_medicines": "a\x00b"}, "other_medicines", sentences.UNREADABLE),
        ({"date_of_birth": None}, "date_of_birth", sentences.ENTER_DATE),
        ({"date_of_birth": "2027-03-02"}, "date_of_birth", sentences.IN_FUTURE),
        ({"date_of_birth": "1900-01-01"}, "date_of_birth", sentences.TOO_LONG_AGO),
        ({"date_of_birth": "yesterday"}, "date_of_birth", sentences.REAL_DATE),
        ({"adult": "no"}, "date_of_birth", sentences.AGE_DISAGREES),
        ({"adult": "perhaps"}, "adult", sentences.NOT_AN_OPTION),
    ],
)
def test_each_fault_is_named_at_its_field(changes, field, sentence):
    assert wrong_with(changes) == {field: [str(sentence)]}


def test_every_fault_is_told_at_once():
    found = wrong_with({"sun": "burn", "warts": "", "filler": "yes", "filler_on": "2028-01-01"})
    assert set(found) == {"sun_on", "warts", "filler_on"}


def test_today_and_two_thousand_signs_are_allowed():
    answers = fine_form("pen", "face") | {"sun": "burn", "sun_on": TODAY, "other_medicines": "x" * 2000}
    assert check(answers).answers["sun_on"] == TODAY


def test_a_known_date_of_birth_need_not_be_asked_again_but_must_agree():
    answers = fine_form("pen", "face")
    del answers["date_of_birth"]
    assert check(answers, date_of_birth=BORN).answers["date_of_birth"] == BORN
    assert wrong_with({"date_of_birth": "1991-01-01"}, date_of_birth=BORN) == {
        "date_of_birth": [str(sentences.TWO_BIRTH_DATES)]
    }
    assert wrong_with({"date_of_birth": None, "sun": "burn", "sun_on": "1980-01-01"}, date_of_birth=BORN) == {
        "sun_on": [str(sentences.BEFORE_BIRTH)]
    }


def test_questions_not_asked_here_are_checked_and_left_out():
    clean = check(fine_form("pen", "face") | {"peel_allergy": "yes", "intimate_area": "yes", "adult": "yes"})
    assert clean.answers == fine_form("pen", "face")
    assert wrong_with({"peel_allergy": "loud"}) == {"peel_allergy": [str(sentences.NOT_AN_OPTION)]}


def test_one_page_is_checked_alone():
    clean = check({"skin_type": "II", "dark_marks": "no"}, only={"skin_type", "dark_marks"})
    assert clean.answers == {"skin_type": "II", "dark_marks": "no"}
    with pytest.raises(Invalid) as caught:
        check({"skin_type": "II"}, only={"skin_type", "dark_marks"})
    assert set(caught.value.fields) == {"dark_marks"}


def test_the_short_set_and_the_rest_make_the_whole():
    whole = fine_form("pen", "body")
    legs = {"legs": "body"}
    short = check(whole | {"adult": "yes"}, areas=legs, stage="short").answers
    rest = check(whole, areas=legs, stage="rest").answers
    assert "date_of_birth" not in short
    assert short.pop("adult") == "yes"
    assert short | rest == whole


@pytest.mark.parametrize(
    ("modality", "areas", "field"),
    [("botox", FACE, "treatment"), ("pen", {}, "areas"), ("pen", {"face": "elbow"}, "areas")],
)
def test_a_visit_nobody_offers_is_refused(modality, areas, field):
    with pytest.raises(Invalid) as caught:
        check(fine_form("pen", "face"), modality=modality, areas=areas)
    assert set(caught.value.fields) == {field}


@pytest.mark.parametrize("answers", [None, [], "no", 3])
def test_answers_must_be_a_mapping(answers):
    with pytest.raises(Invalid) as caught:
        check(answers)
    assert set(caught.value.fields) == {"answers"}


junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=12),
    st.dates(),
    st.datetimes(),
    st.lists(st.text(max_size=3), max_size=2),
    st.sampled_from(["no", "yes", "unsure", "none", "never", "stopped", "2027-01-01", "2027-03-01"]),
)
names = st.sampled_from(sorted(current().owner_of_field)) | st.text(max_size=8)


@given(st.dictionaries(names, junk, max_size=8), st.sampled_from(ALL))
@settings(max_examples=300, deadline=None)
def test_whatever_is_sent_is_refused_kindly_or_can_be_weighed(changes, modality):
    group = GROUPS_OF[modality][0]
    areas = {AREA[group]: group}
    try:
        clean = check(fine_form(modality, group) | changes, modality=modality, areas=areas)
    except Invalid:
        return
    screen(current(), modality=modality, areas=areas, answers=clean.answers, today=TODAY)


def test_a_future_day_is_judged_by_the_day_given():
    answers = fine_form("pen", "face") | {"sun": "burn", "sun_on": days(1)}
    assert wrong_with({"sun": "burn", "sun_on": days(1)}) == {"sun_on": [str(sentences.IN_FUTURE)]}
    later = validate_answers(current(), modality="pen", areas=FACE, answers=answers, today=days(1))
    assert later.answers["sun_on"] == days(1)
