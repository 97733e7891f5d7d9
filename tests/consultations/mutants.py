"""Every single fault we can think of in a rule, and whether the clinic's decision table notices it.

`python -m bench.mutants` prints the whole run; the tests hold that nothing goes unnoticed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from consultations.questionnaire import current
from consultations.questionnaire.definition import ADULT, CONSULT, Outcome, Questionnaire, Rule
from consultations.questionnaire.definition import TODAY as TODAY_WORD
from consultations.screening import CannotScreen, Verdict, screen

from .decisions import ALL, AREA, GROUPS_OF, ROWS, TODAY, Row, asked, fine_form
from .decisions import SHORT as SHORT_SET


@dataclass(frozen=True)
class Mutant:
    """One rule with one fault. ``same_as`` says, where no verdict can change, why that is so."""

    rule: str
    fault: str
    questionnaire: Questionnaire
    same_as: str

    @property
    def is_noticed(self) -> bool:
        """Whether some row of the decision table gets another verdict than it asks for, or none."""
        question = self.rule.partition(".")[0]
        if question == ADULT:
            return not _asks_for_adults(self.questionnaire)
        return not all(holds(row, self.questionnaire) for row in ROWS if row.question == question)


def mutants_of(rule: Rule) -> Iterator[Mutant]:
    """Today's questionnaire with each single fault in this rule."""
    for fault, changed in changes_of(rule):
        yield Mutant(rule.id, fault, with_rule(rule, changed), why_the_same(rule, fault))


def verdict_of(row: Row, modality: str, group: str, questionnaire: Questionnaire | None = None) -> Verdict:
    return screen(
        questionnaire or current(),
        modality=modality,
        areas={AREA[group]: group},
        answers=fine_form(modality, group) | row.answers,
        today=row.today,
    )


def holds(row: Row, questionnaire: Questionnaire) -> bool:
    for modality, group in row.visits():
        try:
            verdict = verdict_of(row, modality, group, questionnaire)
        except CannotScreen:
            return False
        if (verdict.outcome, verdict.bookable_from) != (row.outcome, row.until):
            return False
    return True


def _asks_for_adults(questionnaire: Questionnaire) -> bool:
    """The short set's own question, which the whole form does not have: "no" declines, for every treatment."""
    for modality in (*ALL, CONSULT):
        for group in GROUPS_OF[modality]:
            form = {name: value for name, value in fine_form(modality, group).items() if name in SHORT_SET}
            frame = {"modality": modality, "areas": {AREA[group]: group}, "today": TODAY, "stage": "short"}
            try:
                verdict = screen(questionnaire, answers=form | {ADULT: "no"}, **frame)
            except CannotScreen:
                return False
            if verdict.outcome != "decline":
                return False
    return True


def with_rule(rule: Rule, changed: Rule | None) -> Questionnaire:
    rules = tuple(changed if one.id == rule.id else one for one in current().rules if one is not rule or changed)
    return replace(current(), rules=rules)


def changes_of(rule: Rule) -> Iterator[tuple[str, Rule | None]]:
    yield "dropped", None
    for at, step in enumerate(rule.steps):
        for outcome in Outcome:
            if outcome != step.outcome:
                yield f"step {at} {outcome}", replace(rule, steps=_swap(rule.steps, at, replace(step, outcome=outcome)))
        for unit in ("days", "months"):
            for by in (-1, 1):
                if length := getattr(step, unit):
                    longer = replace(step, **{unit: length + by})
                    yield f"step {at} {unit} {by:+}", replace(rule, steps=_swap(rule.steps, at, longer))
    for at in range(1, len(rule.steps)):
        yield f"nothing after step {at - 1}", replace(rule, steps=rule.steps[:at])
    for modality in sorted(rule.only_for):
        yield f"not for {modality}", replace(rule, only_for=rule.only_for - {modality})
    for modality in sorted(current().question[rule.question].asked_for - rule.only_for):
        yield f"for {modality} too", replace(rule, only_for=rule.only_for | {modality})
    if rule.counted_from != TODAY_WORD:
        yield "counted from today", replace(rule, counted_from=TODAY_WORD)
    if rule.ages:
        low, high = rule.ages
        yield "one year older", replace(rule, ages=(low, high + 1))
        yield "one year younger", replace(rule, ages=(low, high - 1))
        if low:
            yield "from one year later", replace(rule, ages=(low + 1, high))
    if rule.only_groups:
        yield "every group", replace(rule, only_groups=frozenset())
    elif rule.only_for != {CONSULT}:
        yield "only the face", replace(rule, only_groups=frozenset({"face"}))


def _swap(steps: tuple, at: int, step: object) -> tuple:
    return (*steps[:at], step, *steps[at + 1 :])


# "diabetes.controlled.body" says the same for the body, so this one narrowed to the face changes no verdict.
DOUBLED = {("diabetes.controlled.rf_prp", "only the face"): "diabetes.controlled.body says the same for the body"}


def why_the_same(rule: Rule, fault: str) -> str:
    """Why this fault can change no verdict at all; "" where it must be noticed."""
    if (rule.id, fault) in DOUBLED:
        return DOUBLED[rule.id, fault]
    if fault.startswith("not for "):
        modality = fault.removeprefix("not for ")
    elif fault.endswith(" too"):
        modality = fault.removeprefix("for ").removesuffix(" too")
    else:
        return ""
    if rule.only_groups and rule.only_groups.isdisjoint(GROUPS_OF[modality]):
        return f"{modality} is offered for none of its areas"
    if not any(asked(rule.question, modality, group) for group in GROUPS_OF[modality]):
        return f"its question is not asked for {modality}"
    if other := _covered_by(rule, modality):
        return f"{other} says as much or more"
    return ""


def _covered_by(rule: Rule, modality: str) -> str:
    """The rule that says as much or more for this treatment, so that having or not having this one changes nothing."""
    found = (
        other.id
        for other in current().rules_of[rule.question]
        if other is not rule
        and other.answer == rule.answer
        and modality in other.only_for
        and other.steps[0].outcome.severity >= rule.steps[0].outcome.severity
        and other.only_groups <= rule.only_groups
    )
    return next(found, "")
