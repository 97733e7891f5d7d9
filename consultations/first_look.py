"""What the answers kept so far already say. Pure.

Before a time is chosen only the short set is known; after a form that led to "later" or "not now" the browser keeps the
whole of it, and then the whole counts.
"""

import datetime as dt
from collections.abc import Mapping

from clinic.errors import Invalid
from consultations.questionnaire.asking import Page
from consultations.questionnaire.definition import ADULT, DATE_OF_BIRTH, FULL, SHORT, Question, Questionnaire
from consultations.questionnaire.validation import validate_answers
from consultations.screening import ADULT_AGE, Outcome, Verdict, age_on, screen


def is_answered(page: Page, answers: Mapping[str, str]) -> bool:
    """Every question of the page has an answer that the questionnaire still knows."""
    return all(has_answer(question, answers) for question in page.questions)


def has_answer(question: Question, answers: Mapping[str, str]) -> bool:
    return question.id in answers and (not question.options or answers[question.id] in question.options)


def verdict_at(
    questionnaire: Questionnaire,
    *,
    modality: str,
    areas: Mapping[str, str],
    answers: Mapping[str, str],
    today: dt.date,
    stage: str,
) -> Verdict | None:
    """The verdict of one stage; None while its answers are not whole."""
    frame = {"modality": modality, "areas": areas, "today": today, "stage": stage}
    known = {name: value for name, value in answers.items() if name in questionnaire.owner_of_field}
    if _is_too_young(known, today):
        known[ADULT] = "no"  # a birthday outranks an earlier tap
    try:
        clean = validate_answers(questionnaire, answers=known, **frame)
    except Invalid:
        return None
    return screen(questionnaire, answers=clean.answers, date_of_birth=clean.date_of_birth, **frame)


def _is_too_young(answers: Mapping[str, str], today: dt.date) -> bool:
    try:
        return age_on(today, dt.date.fromisoformat(answers[DATE_OF_BIRTH])) < ADULT_AGE
    except (KeyError, ValueError):
        return False


def first_look(questionnaire: Questionnaire, **frame) -> Verdict | None:
    """The whole form's verdict where it is whole, else the short set's; None while that is not whole either."""
    short = verdict_at(questionnaire, stage=SHORT, **frame)
    if short is None:
        return None
    full = verdict_at(questionnaire, stage=FULL, **frame)
    return full or short


def verdict_so_far(
    questionnaire: Questionnaire, *, pages: list[Page], answers: Mapping[str, str], **frame
) -> Verdict | None:
    """The verdict, also of a short set (its ``pages``) that was cut short because one page was enough to know."""
    if is_declined_already(questionnaire, pages=pages, answers=answers, **frame):
        assumed = {question.id: question.fine[0] for page in pages for question in page.questions if question.fine}
        return first_look(questionnaire, answers=assumed | dict(answers), **frame)
    return first_look(questionnaire, answers=answers, **frame)


def is_declined_already(
    questionnaire: Questionnaire, *, pages: list[Page], answers: Mapping[str, str], **frame
) -> bool:
    """Whether the pages answered so far lead to a decline whatever the others say: then nothing more is asked."""
    assumed = {question.id: question.fine[0] for page in pages for question in page.questions if question.fine}
    verdict = verdict_at(questionnaire, answers=assumed | dict(answers), stage=SHORT, **frame)
    return verdict is not None and verdict.outcome is Outcome.DECLINE
