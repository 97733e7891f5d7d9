"""The questionnaire as other people see it: stored with a submission, or offered by the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from . import texts
from .asking import questions_for
from .definition import FULL, Kind, Question, Questionnaire

if TYPE_CHECKING:
    from consultations.screening import Verdict


def as_asked(
    questionnaire: Questionnaire,
    *,
    modality: str,
    areas: Mapping[str, str],
    answers: Mapping[str, Any],
    language: str,
    stage: str = FULL,
) -> list[dict[str, Any]]:
    """Every question asked with the words shown and the answer given, as plain JSON values.

    [{id, text, kind, answer, label, follow_up: {id, text, kind, answer} | None}]: enough to show an old form without
    today's data. ``answers`` are validated ones. A question without an answer is a KeyError: only whole forms are kept.
    """
    asked = questions_for(questionnaire, modality=modality, areas=areas, stage=stage)
    return in_words(questionnaire, asked, answers, language=language)


def in_words(
    questionnaire: Questionnaire, questions: Iterable[Question], answers: Mapping[str, Any], *, language: str
) -> list[dict[str, Any]]:
    """These questions with their answers, as ``as_asked`` gives them."""
    rows = []
    for question in questions:
        answer = _plain(answers[question.id])
        label = answer
        if question.kind == Kind.SINGLE:
            label = texts.option_label(question.id, answer, language, questionnaire=questionnaire)
        row: dict[str, Any] = {
            "id": question.id,
            "text": texts.question_text(question.id, language, questionnaire=questionnaire),
            "kind": str(question.kind),
            "answer": answer,
            "label": label,
            "follow_up": None,
        }
        follow_up = question.follow_up
        if follow_up and answer in follow_up.when:
            row["follow_up"] = {
                "id": follow_up.id,
                "text": texts.follow_up_text(question.id, language, questionnaire=questionnaire),
                "kind": str(follow_up.kind),
                "answer": _plain(answers.get(follow_up.id, "")),
            }
        rows.append(row)
    return rows


def as_listed(
    questionnaire: Questionnaire, *, modality: str, areas: Mapping[str, str], language: str, stage: str = FULL
) -> list[dict[str, Any]]:
    """The questions for a program that asks them itself: follow-ups stand behind their question with ``when``.

    ``required`` means the key must be sent; a text question may be sent empty (``may_be_empty``).
    """
    rows = []
    for question in questions_for(questionnaire, modality=modality, areas=areas, stage=stage):
        labels = texts.option_labels(question.id, language, questionnaire=questionnaire) if question.options else []
        shared = {"stage": question.stage, "page": question.page}
        rows.append(
            {
                "id": question.id,
                "text": texts.question_text(question.id, language, questionnaire=questionnaire),
                "hint": texts.question_hint(question.id, language, questionnaire=questionnaire),
                "kind": str(question.kind),
                "options": [{"value": value, "label": label} for value, label in labels],
                "when": None,
                "required": True,
                "may_be_empty": question.kind == Kind.TEXT,
                **shared,
            }
        )
        if follow_up := question.follow_up:
            rows.append(
                {
                    "id": follow_up.id,
                    "text": texts.follow_up_text(question.id, language, questionnaire=questionnaire),
                    "hint": texts.follow_up_hint(question.id, language, questionnaire=questionnaire),
                    "kind": str(follow_up.kind),
                    "options": [],
                    "when": {"question": question.id, "answers": list(follow_up.when)},
                    "required": follow_up.required,
                    "may_be_empty": False,
                    **shared,
                }
            )
    return rows


def as_found(questionnaire: Questionnaire, verdict: Verdict, *, language: str) -> list[dict[str, Any]]:
    """The findings with their words, as plain JSON values: to be stored with the form, or told to a program.

    [{rule, question, outcome, until, reason, practitioner, source, confidence, instruction}], worst first. ``reason``
    and ``instruction`` are the patient's words, ``practitioner`` the clinic's; ``until`` is an ISO date or None.
    """
    return [
        {
            "rule": finding.rule,
            "question": finding.question,
            "outcome": str(finding.outcome),
            "until": finding.until.isoformat() if finding.until else None,
            "reason": texts.reason(finding, language, questionnaire=questionnaire),
            "practitioner": texts.practitioner_reason(finding, language, questionnaire=questionnaire),
            "source": finding.source,
            "confidence": finding.confidence,
            "instruction": texts.instruction(finding.instruction_id, language, questionnaire=questionnaire),
        }
        for finding in verdict.findings
    ]


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else value
