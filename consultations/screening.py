"""Screening: answers → findings → verdict. Pure: plain values in, plain values out, no clock, no database.

The rules are data (``questionnaire/data/rules.toml``). This module knows how to weigh them:

* every rule that speaks to an answer, for this treatment and these areas, yields a finding; of one question only
  the worst stays (then the latest date); the verdict is the worst finding; several defers → the latest date;
* a step that lasts until a day is over *on* that day (the day a wait ends can be booked), then the next step of the
  rule speaks, and when none is left the rule is silent;
* whatever is missing, unknown or impossible raises ``CannotScreen``: never a verdict on a form that is not whole.
  Pages and the API check answers with ``questionnaire.validation`` first, which explains; this is the second lock.

A consultation asks for nothing but the age (date of birth, or "are you 18 or over?"): any adult may come and talk, and
the findings of the treatment a person wished for are those of the screening made for *that* treatment.

Answers to questions that are not asked for this treatment and these areas change nothing. The one exception is the
short set's "are you 18 or over?": a "no" beside an adult's date of birth is a contradiction, and refused.

A verdict on the short set is a first look only; ``Verdict.clears`` is true for the whole form alone.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from consultations.questionnaire.asking import questions_for
from consultations.questionnaire.definition import (
    ADULT,
    CONSULT,
    DATE_OF_BIRTH,
    FULL,
    SHORT,
    TODAY,
    Kind,
    Outcome,
    Question,
    Questionnaire,
    Rule,
)

__all__ = ["CannotScreen", "Finding", "Outcome", "Verdict", "add_months", "age_on", "screen", "weight"]

ADULT_AGE = 18


class CannotScreen(ValueError):
    """The form is not whole or makes no sense, so there is no verdict. The message names the field, never an answer."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says about one answer. ``until`` only for a defer: the first day that can be booked."""

    rule: str
    question: str
    outcome: Outcome
    until: date | None
    reason_id: str
    sources: tuple[str, ...]
    confidence: str
    instruction_id: str = ""

    @property
    def source(self) -> str:
        """The sources as a practitioner reads them: "SKP, PREG, S1"."""
        return ", ".join(self.sources)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The worst finding decides. ``bookable_from`` is set for a defer only; findings come worst first."""

    outcome: Outcome
    bookable_from: date | None
    findings: tuple[Finding, ...]
    stage: str = FULL

    @property
    def clears(self) -> bool:
        """May an appointment be confirmed on this verdict alone? Never on the short set."""
        return self.stage == FULL and self.outcome in (Outcome.OK, Outcome.CAUTION)

    @property
    def instructions(self) -> tuple[str, ...]:
        """Ids of the instructions, each once, worst finding first."""
        return tuple(dict.fromkeys(one.instruction_id for one in self.findings if one.instruction_id))


def add_months(day: date, months: int) -> date:
    """Calendar months later, clipped to the month's end: 31 August + 6 = 28 or 29 February."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


def age_on(today: date, born: date) -> int:
    """Whole years. Somebody born on 29 February has a birthday on 1 March in other years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def screen(
    questionnaire: Questionnaire,
    *,
    modality: str,
    areas: Mapping[str, str],
    answers: Mapping[str, Any],
    today: date,
    date_of_birth: date | None = None,
    stage: str = FULL,
) -> Verdict:
    """The verdict on a form.

    ``areas`` maps area slug to area group ("face", "body", "scalp"); ``answers`` maps question and follow-up ids to
    option values, texts and ``date``s, as ``validate_answers`` returns them. ``today`` is the day in the clinic's time
    zone. ``date_of_birth`` may stand among the answers instead. ``stage`` is "full" or "short".
    """
    groups = _check_frame(questionnaire, modality, areas, answers, today, stage)
    born = _birth_date(answers, date_of_birth, today, stage)
    findings = []
    for question in questions_for(questionnaire, modality=modality, areas=areas, stage=stage):
        value = born if question.kind == Kind.DATE else answers.get(question.id)
        dated = _check_answer(question, value, answers, today, born)
        worst = None
        spoken = False
        for rule in questionnaire.rules_of[question.id]:
            if not (rule.is_for(modality, groups) and _speaks(rule, value, today)):
                continue
            spoken = True
            found = _finding(rule, today if rule.counted_from == TODAY else dated, today)
            if found and (worst is None or weight(found) > weight(worst)):
                worst = found
        if worst:
            findings.append(worst)
        elif question.kind == Kind.SINGLE and not spoken and value not in question.fine:
            raise CannotScreen(f"{question.id}: no rule for this answer")
    findings.sort(key=weight, reverse=True)
    outcome = findings[0].outcome if findings else Outcome.OK
    until = findings[0].until if outcome == Outcome.DEFER else None
    return Verdict(outcome=outcome, bookable_from=until, findings=tuple(findings), stage=stage)


def weight(finding: Finding) -> tuple[int, date]:
    """Of two findings the one that counts is heavier: the more severe, then the one that lasts longer."""
    return finding.outcome.severity, finding.until or date.min


def _speaks(rule: Rule, value: Any, today: date) -> bool:
    if rule.ages:
        return rule.ages[0] <= age_on(today, value) <= rule.ages[1]
    if rule.written:
        return bool(value.strip())
    return rule.answer == value


def _finding(rule: Rule, start: date | None, today: date) -> Finding | None:
    """What the rule says today: its first step that is not over yet, or nothing."""
    for step in rule.steps:
        until = None
        if step.ends:
            if start is None:
                raise CannotScreen(f"{rule.counted_from}: a date is missing")
            until = add_months(start, step.months) if step.months else start + timedelta(days=step.days)
            if until <= today:
                continue
        return Finding(
            rule=rule.id,
            question=rule.question,
            outcome=step.outcome,
            until=until if step.outcome == Outcome.DEFER else None,
            reason_id=step.reason,
            sources=rule.sources,
            confidence=rule.confidence,
            instruction_id=rule.instruction,
        )
    return None


def is_day(value: Any) -> bool:
    """A plain date; a moment (``datetime``) is not a day."""
    return isinstance(value, date) and not isinstance(value, datetime)


def _check_frame(
    questionnaire: Questionnaire,
    modality: str,
    areas: Mapping[str, str],
    answers: Mapping[str, Any],
    today: date,
    stage: str,
) -> frozenset[str]:
    if stage not in (SHORT, FULL):
        raise CannotScreen("only the short set or the whole form can be screened")
    if not is_day(today):
        raise CannotScreen("today: a date is needed")
    if modality not in questionnaire.modalities:
        raise CannotScreen("unknown treatment")
    if not areas and modality != CONSULT:
        raise CannotScreen("areas: at least one is needed")
    groups = frozenset(areas.values())
    if not groups <= questionnaire.area_groups:
        raise CannotScreen("areas: unknown group")
    for name in answers:
        if name not in questionnaire.owner_of_field:
            raise CannotScreen("unknown question")
    return groups


def _birth_date(answers: Mapping[str, Any], given: date | None, today: date, stage: str) -> date | None:
    among = answers.get(DATE_OF_BIRTH)
    if among is not None and given is not None and among != given:
        raise CannotScreen("date_of_birth: two different dates")
    born = given if given is not None else among
    if born is None:
        if stage == FULL:
            raise CannotScreen("date_of_birth: missing")
        return None
    if not is_day(born) or born > today:
        raise CannotScreen("date_of_birth: not a date in the past")
    adult, claims_adult = age_on(today, born) >= ADULT_AGE, answers.get(ADULT)
    if (claims_adult == "no" and adult) or (claims_adult == "yes" and not adult and stage == SHORT):
        raise CannotScreen("adult: does not agree with the date of birth")
    return born


def _check_answer(
    question: Question, value: Any, answers: Mapping[str, Any], today: date, born: date | None
) -> date | None:
    """Refuse what cannot be weighed; return the follow-up date if this answer has one."""
    if question.kind == Kind.TEXT:
        if not isinstance(value, str):
            raise CannotScreen(f"{question.id}: missing")
        return None
    if question.kind == Kind.DATE:
        return None
    if not isinstance(value, str) or value not in question.options:
        raise CannotScreen(f"{question.id}: missing or unknown answer")
    follow_up = question.follow_up
    if follow_up is None:
        return None
    extra = answers.get(follow_up.id)
    if value not in follow_up.when:
        if extra not in (None, ""):
            raise CannotScreen(f"{follow_up.id}: belongs to another answer")
        return None
    if follow_up.kind == Kind.TEXT:
        if follow_up.required and not (isinstance(extra, str) and extra.strip()):
            raise CannotScreen(f"{follow_up.id}: missing")
        return None
    if not is_day(extra):
        raise CannotScreen(f"{follow_up.id}: a date is missing")
    if extra > today or (born is not None and extra < born):
        raise CannotScreen(f"{follow_up.id}: not a possible date")
    return extra
