"""Checks answers before they are weighed, and says at each field what is wrong with it, in words for a patient.

Nothing is guessed: a missing answer is never "no", a date that cannot be true is never corrected, an answer nobody
offered is refused. What passes here, ``screening.screen`` accepts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.errors import Invalid
from consultations.screening import ADULT_AGE, add_months, age_on, is_day

from .asking import questions_for
from .definition import ADULT, CONSULT, DATE_OF_BIRTH, FULL, STAGES, Kind, Question, Questionnaire

MAX_TEXT = 2000
MAX_AGE = 120
MAX_UNKNOWN_REPORTED = 20
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

CHOOSE = _("Choose one answer.")
NOT_AN_OPTION = _("Choose one of the answers shown.")
ENTER_DATE = _("Enter the date.")
REAL_DATE = _("Enter a real date, with day, month and year.")
IN_FUTURE = _("This date is in the future. Enter a day up to today.")
BEFORE_BIRTH = _("This date is before the date of birth.")
TOO_LONG_AGO = _("This date is too long ago. Please check the year.")
ENTER_TEXT = _("Write a short answer.")
MAY_BE_EMPTY = _("Send this answer too. It may be empty.")
TOO_LONG = _("This is too long. Use 2,000 characters or fewer.")
UNREADABLE = _("Some signs here cannot be read. Please write it in plain letters.")
OTHER_ANSWER = _("This belongs to another answer. Clear it, or change the answer above.")
UNKNOWN_QUESTION = _("We do not ask this question.")
TWO_BIRTH_DATES = _("This date of birth is not the one given before.")
AGE_DISAGREES = _("This does not agree with what was said about being 18 or over.")
UNKNOWN_TREATMENT = _("We do not know this treatment.")
UNKNOWN_AREA = _("We do not know this area.")
CHOOSE_AREA = _("Choose at least one area.")
NOT_ANSWERS = _("Send the answers as a list of questions with their answers.")


@dataclass(frozen=True, slots=True)
class Clean:
    """Answers that can be weighed: only what is asked here, options as text, dates as ``date``, texts trimmed."""

    answers: dict[str, str | date]
    date_of_birth: date | None

    def as_json(self) -> dict[str, str]:
        """The same as plain JSON values; ``validate_answers`` reads them back."""
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in self.answers.items()}


class _Refused(Exception):
    """A value that is not acceptable, with the sentence for its field."""

    def __init__(self, sentence: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def validate_answers(
    questionnaire: Questionnaire,
    *,
    modality: str,
    areas: Mapping[str, str],
    answers: Mapping[str, Any],
    today: date,
    stage: str = FULL,
    only: Collection[str] | None = None,
    date_of_birth: date | None = None,
) -> Clean:
    """Clean answers, or ``Invalid`` with a sentence for every field that is wrong.

    ``areas``: area slug → area group. ``answers``: field → option, text, ISO date or ``date``. ``stage``: "short",
    "rest" or "full". ``only`` narrows it to some question ids (one page of the form). ``date_of_birth``: known already;
    it then need not be among the answers, and must agree if it is.

    A question that is known but not asked here may be answered; the answer must make sense and is then left out.
    """
    _check_visit(questionnaire, modality, areas)
    if not isinstance(answers, Mapping):
        raise Invalid({"answers": [NOT_ANSWERS]})
    if stage not in STAGES:
        raise ValueError(f"unknown stage {stage!r}")
    errors: dict[str, list[Any]] = {}
    _report_unknown(questionnaire, answers, errors)
    born = _birth_date(answers, date_of_birth, today, errors)
    asked = {one.id for one in questions_for(questionnaire, modality=modality, areas=areas, stage=stage)}
    if only is not None:
        asked &= set(only)
    clean: dict[str, str | date] = {}
    for question in questionnaire.questions:
        if question.kind == Kind.DATE:
            if question.id in asked and born is not None:
                clean[question.id] = born
            elif question.id in asked and question.id not in errors:
                errors[question.id] = [ENTER_DATE]
            continue
        found = _read(question, answers, today=today, born=born, required=question.id in asked, errors=errors)
        if question.id in asked:
            clean |= found
    if DATE_OF_BIRTH in asked and born is not None:
        _compare_ages(answers, born, today, errors)
    if errors:
        raise Invalid(errors)
    return Clean(answers=clean, date_of_birth=born)


def _check_visit(questionnaire: Questionnaire, modality: str, areas: Mapping[str, str]) -> None:
    if modality not in questionnaire.modalities:
        raise Invalid({"treatment": [UNKNOWN_TREATMENT]})
    if not areas and modality != CONSULT:
        raise Invalid({"areas": [CHOOSE_AREA]})
    if set(areas.values()) - questionnaire.area_groups:
        raise Invalid({"areas": [UNKNOWN_AREA]})


def _report_unknown(questionnaire: Questionnaire, answers: Mapping[str, Any], errors: dict[str, list[Any]]) -> None:
    unknown = [str(name)[:100] for name in answers if name not in questionnaire.owner_of_field]
    for name in unknown[:MAX_UNKNOWN_REPORTED]:
        errors[name] = [UNKNOWN_QUESTION]


def _birth_date(
    answers: Mapping[str, Any], known: date | None, today: date, errors: dict[str, list[Any]]
) -> date | None:
    given = answers.get(DATE_OF_BIRTH)
    if given in (None, ""):
        return known
    try:
        born = _day(given, today=today)
        if born <= add_months(today, -12 * MAX_AGE):
            raise _Refused(TOO_LONG_AGO)
        if known is not None and born != known:
            raise _Refused(TWO_BIRTH_DATES)
    except _Refused as refused:
        errors[DATE_OF_BIRTH] = [refused.sentence]
        return None
    return born


def _compare_ages(answers: Mapping[str, Any], born: date, today: date, errors: dict[str, list[Any]]) -> None:
    if answers.get(ADULT) == "no" and age_on(today, born) >= ADULT_AGE:
        errors[DATE_OF_BIRTH] = [AGE_DISAGREES]


def _read(
    question: Question,
    answers: Mapping[str, Any],
    *,
    today: date,
    born: date | None,
    required: bool,
    errors: dict[str, list[Any]],
) -> dict[str, str | date]:
    """The question's own fields, cleaned; what is wrong goes to ``errors``."""
    value = answers.get(question.id)
    if question.kind == Kind.TEXT:
        try:
            if value is None:
                if required:
                    raise _Refused(MAY_BE_EMPTY)
                return {}
            return {question.id: _text(value)}
        except _Refused as refused:
            errors[question.id] = [refused.sentence]
            return {}
    clean: dict[str, str | date] = {}
    if value in (None, ""):
        if required:
            errors[question.id] = [CHOOSE]
    elif not isinstance(value, str) or value not in question.options:
        errors[question.id] = [NOT_AN_OPTION]
    else:
        clean[question.id] = value
    follow_up = question.follow_up
    if follow_up is None:
        return clean
    extra = answers.get(follow_up.id)
    empty = extra is None or (isinstance(extra, str) and not extra.strip())
    belongs = clean.get(question.id) in follow_up.when
    try:
        if belongs and empty and required and follow_up.required:
            raise _Refused(ENTER_DATE if follow_up.kind == Kind.DATE else ENTER_TEXT)
        if not empty:
            read = _day(extra, today=today, born=born) if follow_up.kind == Kind.DATE else _text(extra)
            if not belongs and question.id not in errors:
                raise _Refused(OTHER_ANSWER)
            clean[follow_up.id] = read
    except _Refused as refused:
        errors[follow_up.id] = [refused.sentence]
    return clean


def _day(value: Any, *, today: date, born: date | None = None) -> date:
    """A real day, not after today, not before birth."""
    if isinstance(value, str):
        text = value.strip()
        if not ISO_DATE.fullmatch(text):
            raise _Refused(REAL_DATE)
        try:
            value = date.fromisoformat(text)
        except ValueError:
            raise _Refused(REAL_DATE) from None
    if not is_day(value):
        raise _Refused(REAL_DATE)
    if value > today:
        raise _Refused(IN_FUTURE)
    if born is not None and value < born:
        raise _Refused(BEFORE_BIRTH)
    if value < add_months(today, -12 * MAX_AGE):
        raise _Refused(TOO_LONG_AGO)
    return value


def _text(value: Any) -> str:
    """Trimmed text; line breaks stay."""
    if not isinstance(value, str):
        raise _Refused(ENTER_TEXT)
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > MAX_TEXT:
        raise _Refused(TOO_LONG)
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\t" for sign in text):
        raise _Refused(UNREADABLE)
    return text


__all__ = ["MAX_TEXT", "Clean", "validate_answers"]
