"""Two forms of one person, held against each other: found is what became worse or better, and nothing else."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from consultations.elsewhere import FADES, better_than, worse_since
from consultations.questionnaire import current
from consultations.questionnaire.asking import questions_for
from consultations.questionnaire.definition import Kind, Outcome
from consultations.questionnaire.validation import validate_answers

from .decisions import TODAY
from .test_screening import after, some_answer, verdict, visits

AGES = st.dates(min_value=dt.date(1950, 1, 1), max_value=dt.date(2000, 1, 1))


@st.composite
def pairs(draw):
    """One treatment and two whole forms for it, of somebody with one birthday; many answers are the same in both."""
    modality, areas = draw(visits())
    born, forms = draw(AGES), ({}, {})
    for question in current().questions:
        if question.id in ("adult", "date_of_birth"):
            continue
        first = some_answer(draw, question)
        second = some_answer(draw, question) if draw(st.booleans()) else first
        for form, answer in zip(forms, (first, second), strict=True):
            form.update(after(answer, born))
    frame = {"modality": modality, "areas": areas}
    forms = [
        validate_answers(current(), answers=form | {"date_of_birth": born}, today=TODAY, **frame) for form in forms
    ]
    return frame, [(one.as_json(), verdict(modality, areas, one.answers)) for one in forms]


def stored(found):
    return [
        {"question": one.question, "outcome": one.outcome, "until": one.until.isoformat() if one.until else None}
        for one in found.findings
    ]


def weight(found, question):
    """Of a question in a verdict: how severe, and until when."""
    return max(
        [(one.outcome.severity, one.until or dt.date.min) for one in found.findings if one.question == question],
        default=(0, dt.date.min),
    )


def asked(frame):
    return [one for one in questions_for(current(), stage="full", **frame) if one.kind != Kind.DATE]


def worse(frame, own, own_verdict, newer):
    return worse_since(current(), answers=own, findings=stored(own_verdict), newer=newer, today=TODAY, **frame)


@given(pairs())
@settings(max_examples=150, deadline=None)
def test_all_that_became_worse_and_has_to_be_looked_at_is_found_and_nothing_else(pair):
    frame, [(own, own_verdict), (newer, newer_verdict)] = pair
    found = {
        (one.question, one.outcome.severity, one.until or dt.date.min) for one in worse(frame, own, own_verdict, newer)
    }
    expected = {
        (question.id, *weight(newer_verdict, question.id))
        for question in asked(frame)
        if weight(newer_verdict, question.id) > weight(own_verdict, question.id)
        and weight(newer_verdict, question.id)[0] >= Outcome.REVIEW.severity
    }
    assert found == expected


@given(pairs())
@settings(max_examples=60, deadline=None)
def test_what_the_newer_form_leaves_out_is_not_asked_of_it(pair):
    frame, [(own, own_verdict), (newer, _verdict)] = pair
    half = {name for question in asked(frame)[::2] for name in question.fields}
    found = worse(frame, own, own_verdict, {name: value for name, value in newer.items() if name in half})
    assert {one.question for one in found} <= {question.id for question in asked(frame)[::2]}


@given(pairs(), st.integers(0, 60))
@settings(max_examples=150, deadline=None)
def test_a_better_answer_is_found_where_somebody_would_have_had_to_look_and_only_there(pair, days_ago):
    frame, [(earlier, earlier_verdict), (answers, now)] = pair
    question = better_than(
        current(),
        answers=answers,
        verdict=now,
        earlier=earlier,
        findings=stored(earlier_verdict),
        on=TODAY - dt.timedelta(days=days_ago),
        today=TODAY,
        **frame,
    )
    better = [
        one.id
        for one in asked(frame)
        if weight(earlier_verdict, one.id)[0] >= Outcome.REVIEW.severity
        and weight(now, one.id)[0] < weight(earlier_verdict, one.id)[0]
        and not (one.asked_afresh and days_ago >= FADES.days)
    ]
    assert question == (better[0] if better else "")


@given(pairs())
@settings(max_examples=30, deadline=None)
def test_the_same_form_twice_says_nothing_new(pair):
    frame, [(own, found), _other] = pair
    assert worse(frame, own, found, own) == ()
    same = {"answers": own, "verdict": found, "earlier": own, "findings": stored(found)}
    assert better_than(current(), on=TODAY, today=TODAY, **same, **frame) == ""
