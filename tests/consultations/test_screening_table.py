"""The engine and the data together give what the clinic's decision table says, for every treatment and area group."""

from dataclasses import replace

import pytest

from consultations.questionnaire import current
from consultations.questionnaire.asking import questions_for
from consultations.questionnaire.definition import Outcome
from consultations.screening import CannotScreen, screen

from .decisions import ALL, AREA, GROUPS_OF, OPTIONS, ROWS, SHORT, TEXTS, Row, asked, fine_form


def verdict_of(row: Row, modality: str, group: str, questionnaire=None):
    return screen(
        questionnaire or current(),
        modality=modality,
        areas={AREA[group]: group},
        answers=fine_form(modality, group) | row.answers,
        today=row.today,
    )


def holds(row: Row, questionnaire=None) -> bool:
    for modality, group in row.visits():
        try:
            verdict = verdict_of(row, modality, group, questionnaire)
        except CannotScreen:
            return False
        if (verdict.outcome, verdict.bookable_from) != (row.outcome, row.until):
            return False
    return True


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_every_row_of_the_table(row):
    visits = list(row.visits())
    assert visits
    found = {
        visit: (verdict.outcome, verdict.bookable_from) for visit in visits if (verdict := verdict_of(row, *visit))
    }
    assert found == dict.fromkeys(visits, (row.outcome, row.until))


@pytest.mark.parametrize("modality", ALL)
def test_a_fine_form_is_ok(modality):
    for group in GROUPS_OF[modality]:
        verdict = screen(
            current(),
            modality=modality,
            areas={AREA[group]: group},
            answers=fine_form(modality, group),
            today=ROWS[0].today,
        )
        assert (verdict.outcome, verdict.findings, verdict.clears) == ("ok", (), True)


def test_the_table_has_a_row_for_every_answer_that_matters_everywhere():
    rows = {(row.question, row.answers[row.question], *visit) for row in ROWS for visit in row.visits()}
    wanted = {
        (question, option, modality, group)
        for question, (_, options) in OPTIONS.items()
        for option in options.split()
        for modality in ALL
        for group in GROUPS_OF[modality]
        if asked(question, modality, group)
    }
    assert wanted - rows == set()


@pytest.mark.parametrize("modality", ALL)
def test_the_right_questions_are_asked(modality):
    for group in GROUPS_OF[modality]:
        areas = {AREA[group]: group}

        def ids(stage, areas=areas):
            return [one.id for one in questions_for(current(), modality=modality, areas=areas, stage=stage)]

        whole = {question for question in OPTIONS if asked(question, modality, group)} | set(TEXTS)
        assert set(ids("full")) == whole | {"date_of_birth"}
        assert set(ids("short")) == set(SHORT) | {"adult"}
        assert set(ids("rest")) == (whole - set(SHORT)) | {"date_of_birth"}
        assert len(ids("full")) == len(set(ids("full")))


def test_the_options_are_those_of_the_table():
    told = {name: set(f"{fine} {rest}".split()) for name, (fine, rest) in OPTIONS.items()}
    found = {one.id: set(one.options) for one in current().questions if one.options and one.id != "adult"}
    assert found == told
    fine = {one.id: set(one.fine) for one in current().questions if one.options and one.id != "adult"}
    assert fine == {name: set(listed.split()) for name, (listed, _) in OPTIONS.items()}


def test_every_rule_is_reached():
    reached = {
        finding.rule for row in ROWS for visit in row.visits() for finding in verdict_of(row, *visit).findings
    } | {"adult.no"}
    assert reached == {rule.id for rule in current().rules}


def with_rule(rule, changed):
    rules = tuple(changed if one.id == rule.id else one for one in current().rules if one is not rule or changed)
    return replace(current(), rules=rules)


def changes_of(rule):
    """Every single fault we can think of in a rule of the table."""
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
    for modality in sorted(rule.only_for):
        yield f"not for {modality}", replace(rule, only_for=rule.only_for - {modality})
    if rule.ages:
        low, high = rule.ages
        yield "one year older", replace(rule, ages=(low, high + 1))
        yield "one year younger", replace(rule, ages=(low, high - 1))
        if low:
            yield "from one year later", replace(rule, ages=(low + 1, high))
    if rule.only_groups:
        yield "every group", replace(rule, only_groups=frozenset())
    else:
        yield "only the face", replace(rule, only_groups=frozenset({"face"}))


def _swap(steps, at, step):
    return (*steps[:at], step, *steps[at + 1 :])


# "diabetes.controlled.body" says the same for the body, so this one narrowed to the face changes no verdict.
DOUBLED = {("diabetes.controlled.rf_prp", "only the face")}


def is_covered(rule, modality):
    """Does another rule say as much or more for this treatment, so that dropping it here can change no verdict?"""
    return any(
        other.answer == rule.answer
        and modality in other.only_for
        and other.steps[0].outcome.severity >= rule.steps[0].outcome.severity
        and other.only_groups <= rule.only_groups
        for other in current().rules_of[rule.question]
        if other is not rule
    )


def is_excused(rule, fault):
    if fault.startswith("not for "):
        modality = fault.removeprefix("not for ")
        never = rule.only_groups and rule.only_groups.isdisjoint(GROUPS_OF[modality])
        never = never or not any(asked(rule.question, modality, group) for group in GROUPS_OF[modality])
        return never or is_covered(rule, modality)
    return (rule.id, fault) in DOUBLED


@pytest.mark.parametrize("rule", [rule for rule in current().rules if rule.id != "adult.no"], ids=lambda rule: rule.id)
def test_a_fault_in_any_rule_is_noticed(rule):
    rows = [row for row in ROWS if row.question == rule.question]
    unnoticed = [
        fault
        for fault, changed in changes_of(rule)
        if not is_excused(rule, fault) and all(holds(row, with_rule(rule, changed)) for row in rows)
    ]
    assert unnoticed == []
