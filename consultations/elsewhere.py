"""What somebody said in the form of one visit, held against their form of another. Pure.

Each visit has a form of its own, and each verdict is made on that form alone. But a person is one: who says today, for a
peel on Monday, that she is pregnant has said it for Thursday's needling too; and who was to be looked at, cancels, and
books anew with a better answer has not become well by that.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from consultations.own_findings import outcome_of, until_of
from consultations.questionnaire import Questionnaire
from consultations.questionnaire.asking import questions_for
from consultations.questionnaire.definition import FULL, Kind, Question
from consultations.questionnaire.validation import validate_answers
from consultations.screening import Finding, Verdict, screen, weight

FADES = dt.timedelta(days=28)
"""Answers about the last days (spots, a cold) are held against nobody for longer than a usual pause between sessions."""

Stored = Mapping[str, Any]
"""A finding as it lies with a form."""


def worse_since(
    questionnaire: Questionnaire,
    *,
    modality: str,
    areas: Mapping[str, str],
    answers: Mapping[str, str],
    findings: Sequence[Stored],
    newer: Mapping[str, str],
    today: dt.date,
) -> tuple[Finding, ...]:
    """What the rules would find in a visit's form (``answers`` with its ``findings``) if it said what a ``newer`` form of
    the same person says, as far as that is worse and a practitioner has to know. ``today``: the newer form's local day.

    Where the newer answers do not fit into the older form, whose questions were others, nothing is found: raises Invalid.
    """
    frame = {"modality": modality, "areas": areas}
    other = [one for one in _asked(questionnaire, **frame) if one.id in newer and _differs(one, answers, newer)]
    if not other:
        return ()
    names = {name for question in other for name in question.fields}
    mixed = {name: value for name, value in answers.items() if name in questionnaire.owner_of_field}
    mixed = {name: value for name, value in mixed.items() if name not in names}
    mixed |= {name: newer[name] for name in names if name in newer}
    clean = validate_answers(questionnaire, answers=mixed, today=today, **frame)
    verdict = screen(questionnaire, answers=clean.answers, date_of_birth=clean.date_of_birth, today=today, **frame)
    known = {one["question"]: (outcome_of(one).severity, until_of(one) or dt.date.min) for one in findings}
    ids = {one.id for one in other}
    return tuple(
        one
        for one in verdict.findings
        if one.question in ids and one.outcome.needs_a_look and weight(one) > known.get(one.question, (0, dt.date.min))
    )


def better_than(
    questionnaire: Questionnaire,
    *,
    modality: str,
    areas: Mapping[str, str],
    answers: Mapping[str, str],
    verdict: Verdict,
    earlier: Mapping[str, str],
    findings: Sequence[Stored],
    on: dt.date,
    today: dt.date,
) -> str:
    """The first question to which ``answers`` say something better than an ``earlier`` form of the same person did, sent
    ``on`` a local day, in which a practitioner would have had to look at it; "" where there is none. A wait that is over
    by today has healed, and how somebody was FADES after a while.
    """
    now = {one.question: one.outcome.severity for one in verdict.findings}
    flagged = {one["question"]: one for one in findings if _still_counts(one, today)}
    for question in _asked(questionnaire, modality=modality, areas=areas):
        found = flagged.get(question.id)
        if found is None or question.id not in earlier or not _differs(question, earlier, answers):
            continue
        if question.asked_afresh and today - on >= FADES:
            continue
        if now.get(question.id, 0) < outcome_of(found).severity:
            return question.id
    return ""


def _asked(questionnaire: Questionnaire, *, modality: str, areas: Mapping[str, str]) -> list[Question]:
    asked = questions_for(questionnaire, modality=modality, areas=areas, stage=FULL)
    return [one for one in asked if one.kind != Kind.DATE]


def _differs(question: Question, one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return any((one.get(name) or "") != (other.get(name) or "") for name in question.fields)


def _still_counts(finding: Stored, today: dt.date) -> bool:
    until = until_of(finding)
    return outcome_of(finding).needs_a_look and (until is None or until > today)
