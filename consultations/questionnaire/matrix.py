"""All rules as one table a clinician can read and sign: every answer × every treatment."""

from __future__ import annotations

from dataclasses import dataclass

from .definition import CONSULT, Outcome, Question, Questionnaire, Rule, Step

NOT_ASKED = "–"
NEVER = "ok"


@dataclass(frozen=True, slots=True)
class Line:
    """One answer: what it leads to for each treatment, and why we think so."""

    question: str
    answer: str
    cells: dict[str, str]
    sources: tuple[str, ...]
    confidence: str


def treatments(questionnaire: Questionnaire) -> list[str]:
    """The columns; the consultation last."""
    return [*(slug for slug in questionnaire.modalities if slug != CONSULT), CONSULT]


def lines(questionnaire: Questionnaire) -> list[Line]:
    """A line for every answer that leads somewhere, and one for every age and text."""
    found = []
    for question in questionnaire.questions:
        answers: dict[str, list[Rule]] = {}
        for rule in questionnaire.rules_of[question.id]:
            answers.setdefault(_answer(rule), []).append(rule)
        for answer, rules in answers.items():
            found.append(
                Line(
                    question=question.id,
                    answer=answer,
                    cells={slug: _cell(question, rules, slug) for slug in treatments(questionnaire)},
                    sources=tuple(dict.fromkeys(source for rule in rules for source in rule.sources)),
                    confidence="/".join(dict.fromkeys(rule.confidence for rule in rules)),
                )
            )
    return found


def _answer(rule: Rule) -> str:
    if rule.written:
        return "anything written"
    if rule.ages:
        low, high = rule.ages
        return f"under {high + 1}" if low == 0 else f"{low} to {high}"
    return rule.answer


def _cell(question: Question, rules: list[Rule], modality: str) -> str:
    if modality not in question.asked_for:
        return NOT_ASKED
    mine = [rule for rule in rules if modality in rule.only_for]
    if not mine:
        return NEVER
    everywhere = [rule for rule in mine if not rule.only_groups]
    strictest = _strictest(everywhere)
    parts = [_words(rule) for rule in strictest]
    if len(parts) > 1:
        parts[-1] = f"never better than {parts[-1]}"
    for rule in mine:
        if rule.only_groups and all(_first(rule) > _first(other) for other in everywhere):
            parts.append(f"{' or '.join(sorted(rule.only_groups))} areas: {_words(rule)}")
    return "; ".join(parts)


def _strictest(rules: list[Rule]) -> list[Rule]:
    """Without the rules that another one always outweighs; what holds whatever the date comes last."""
    dated = [rule for rule in rules if rule.steps[0].ends]
    flat = [rule for rule in rules if not rule.steps[0].ends]
    worst = max(flat, key=_first, default=None)
    if worst is None:
        return dated
    if any(rule.counted_from == "today" and _first(rule) > _first(worst) for rule in dated):
        return dated
    return [*dated, worst]


def _first(rule: Rule) -> int:
    return rule.steps[0].outcome.severity


def _words(rule: Rule) -> str:
    parts = [_step(step) for step in rule.steps]
    if rule.steps[-1].ends and rule.counted_from != "today":
        parts.append(NEVER)
    return " → ".join(parts)


def _step(step: Step) -> str:
    length = f"{step.days} days" if step.days else f"{step.months} months" if step.months else ""
    if not length:
        return str(step.outcome)
    return f"{step.outcome} {length}" if step.outcome == Outcome.DEFER else f"{step.outcome} until {length}"
