"""All rules as one table a clinician can read and sign: every answer × every treatment. Words in the active language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from . import texts
from .definition import CONSULT, SEVERITY, TODAY, Kind, Outcome, Question, Questionnaire, Rule, Step

NOT_ASKED = "–"
OUTCOMES = {
    Outcome.OK: pgettext_lazy("outcome of a rule", "ok"),
    Outcome.CAUTION: pgettext_lazy("outcome of a rule", "caution"),
    Outcome.REVIEW: pgettext_lazy("outcome of a rule", "review"),
    Outcome.DEFER: pgettext_lazy("outcome of a rule", "defer"),
    Outcome.DECLINE: pgettext_lazy("outcome of a rule", "decline"),
}
GROUPS = {
    "face": gettext_lazy("on the face"),
    "body": gettext_lazy("on the body"),
    "scalp": gettext_lazy("on the scalp"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What an answer leads to for one treatment. ``worst`` is the first and strictest step, None where nothing is asked."""

    words: str
    worst: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One answer: what it leads to for each treatment, by which rules, and why we think so."""

    question: str
    asked: str
    answer: str
    said: str
    cells: dict[str, Cell]
    rules: tuple[str, ...]
    reasons: tuple[str, ...]
    sources: tuple[str, ...]
    confidence: tuple[str, ...]


def treatments(questionnaire: Questionnaire) -> list[str]:
    """The columns; the consultation last."""
    return [*(slug for slug in questionnaire.modalities if slug != CONSULT), CONSULT]


def lines(questionnaire: Questionnaire, language: str = "en") -> list[Line]:
    """A line for every answer that leads somewhere, and one for every age and text. Each rule is in exactly one."""
    found = []
    for question in questionnaire.questions:
        answers: dict[str, list[Rule]] = {}
        for rule in questionnaire.rules_of[question.id]:
            answers.setdefault(_answer(rule), []).append(rule)
        found += [_line(questionnaire, question, answer, rules, language) for answer, rules in answers.items()]
    return found


def _line(questionnaire: Questionnaire, question: Question, answer: str, rules: list[Rule], language: str) -> Line:
    reasons = (
        texts.words(language, questionnaire)["reasons"][step.reason]["practitioner"]
        for rule in rules
        for step in rule.steps
    )
    said = answer
    if question.kind == Kind.SINGLE:
        said = texts.option_label(question.id, answer, language, questionnaire=questionnaire)
    return Line(
        question=question.id,
        asked=texts.question_text(question.id, language, questionnaire=questionnaire),
        answer=answer,
        said=said,
        cells={slug: _cell(question, rules, slug) for slug in treatments(questionnaire)},
        rules=tuple(rule.id for rule in rules),
        reasons=tuple(dict.fromkeys(reasons)),
        sources=tuple(dict.fromkeys(source for rule in rules for source in rule.sources)),
        confidence=tuple(dict.fromkeys(rule.confidence for rule in rules)),
    )


def _answer(rule: Rule) -> str:
    if rule.written:
        return _("anything written")
    if rule.ages:
        low, high = rule.ages
        if low == 0:
            return _("under %(age)s") % {"age": high + 1}
        return _("%(low)s to %(high)s") % {"low": low, "high": high}
    return rule.answer


def _cell(question: Question, rules: list[Rule], modality: str) -> Cell:
    if modality not in question.asked_for:
        return Cell(NOT_ASKED)
    mine = [rule for rule in rules if modality in rule.only_for]
    if not mine:
        return Cell(str(OUTCOMES[Outcome.OK]), Outcome.OK)
    everywhere = [rule for rule in mine if not rule.only_groups]
    parts = [_words(rule) for rule in _strictest(everywhere)]
    if len(parts) > 1:
        parts[-1] = _("never better than %(outcome)s") % {"outcome": parts[-1]}
    for rule in mine:
        if rule.only_groups and all(_first(rule) > _first(other) for other in everywhere):
            parts.append(f"{' · '.join(str(GROUPS[one]) for one in sorted(rule.only_groups))}: {_words(rule)}")
    return Cell("; ".join(parts), max((rule.steps[0].outcome for rule in mine), key=SEVERITY.__getitem__))


def _strictest(rules: list[Rule]) -> list[Rule]:
    """Without the rules that another one always outweighs; what holds whatever the date comes last."""
    dated = [rule for rule in rules if rule.steps[0].ends]
    flat = [rule for rule in rules if not rule.steps[0].ends]
    worst = max(flat, key=_first, default=None)
    if worst is None:
        return dated
    if any(rule.counted_from == TODAY and _first(rule) > _first(worst) for rule in dated):
        return dated
    return [*dated, worst]


def _first(rule: Rule) -> int:
    return rule.steps[0].outcome.severity


def _words(rule: Rule) -> str:
    parts = [_step(step) for step in rule.steps]
    if rule.steps[-1].ends and rule.counted_from != TODAY:
        parts.append(str(OUTCOMES[Outcome.OK]))
    return reduce(lambda first, after: _("%(first)s, then %(after)s") % {"first": first, "after": after}, parts)


def _step(step: Step) -> str:
    outcome = str(OUTCOMES[step.outcome])
    if not step.ends:
        return outcome
    count = step.days or step.months
    unit = ngettext("%(n)s day", "%(n)s days", count) if step.days else ngettext("%(n)s month", "%(n)s months", count)
    length = unit % {"n": count}
    if step.outcome == Outcome.DEFER:
        return f"{outcome} {length}"
    return _("%(outcome)s until %(length)s") % {"outcome": outcome, "length": length}
