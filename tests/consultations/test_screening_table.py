"""The engine and the data together give what the clinic's decision table says, for every treatment and area group."""

import pytest

from consultations.questionnaire import current
from consultations.questionnaire.asking import questions_for
from consultations.screening import screen

from .decisions import ALL, AREA, GROUPS_OF, OPTIONS, ROWS, SHORT, TEXTS, asked, fine_form
from .mutants import mutants_of, verdict_of


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


@pytest.mark.parametrize("rule", current().rules, ids=lambda rule: rule.id)
def test_a_fault_in_any_rule_is_noticed(rule):
    faults = list(mutants_of(rule))
    assert len(faults) > 5
    assert [one.fault for one in faults if not one.is_noticed and not one.same_as] == []
