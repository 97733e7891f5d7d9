"""The rules as a table that a clinician can read and sign."""

import csv
from functools import cache
from io import StringIO

import pytest
from django.core.management import call_command

from consultations.questionnaire import current
from consultations.questionnaire.matrix import lines
from consultations.services.questionnaire import publish

from .decisions import ALL, GROUPS_OF, ROWS
from .mutants import verdict_of


@cache
def table():
    return lines(current())


def cells(question, answer):
    (line,) = (line for line in table() if (line.question, line.answer) == (question, answer))
    return {slug: cell.words for slug, cell in line.cells.items()}


def printed(*arguments):
    out = StringIO()
    call_command("screening_matrix", *arguments, stdout=out)
    return out.getvalue()


def test_cells_say_the_outcome_and_what_follows():
    assert cells("pregnant", "yes") == dict.fromkeys(ALL, "decline") | {"consult": "–"}
    assert cells("filler", "yes")["pen"] == "defer 28 days, then review until 6 months, then caution"
    assert cells("filler", "yes")["rf"].endswith(", then caution; never better than review")
    assert cells("cold_sore", "past")["pen"] == "caution; on the face: review"
    assert cells("diabetes", "controlled")["prp"] == "review"
    assert cells("sun", "burn")["laser"] == "defer 28 days, then ok"
    assert cells("sun", "fake_tan")["peel"] == "defer 14 days"
    assert cells("isotretinoin", "stopped")["pen"] == "defer 6 months, then caution"
    assert cells("steroids", "tablets")["prp"] == "defer 14 days, then ok; never better than review"
    assert cells("immune", "yes")["rf"] == "decline"
    assert cells("date_of_birth", "under 18")["consult"] == "decline"
    assert cells("date_of_birth", "18 to 21")["peel"] == "ok"
    assert cells("other_medicines", "anything written")["pen"] == "review"


def test_every_rule_is_in_the_table_once():
    told = [rule for line in table() for rule in line.rules]
    assert sorted(told) == sorted(rule.id for rule in current().rules)


@pytest.mark.parametrize("row", [row for row in ROWS if row.outcome != "ok"], ids=str)
def test_the_table_is_never_milder_than_the_verdict(row):
    for modality, group in row.visits():
        worst = verdict_of(row, modality, group).findings[0]
        (line,) = (line for line in table() if worst.rule in line.rules)
        assert line.cells[modality].worst.severity >= worst.outcome.severity
        if len(GROUPS_OF[modality]) == 1:
            assert str(row.outcome) in line.cells[modality].words


@pytest.mark.django_db
def test_the_command_prints_a_table_to_sign():
    told = printed("--reasons")
    assert told.startswith(f"# Screening rules {current().version} (draft, to be signed off)")
    assert all(f" {rule.id} " in told for rule in current().rules)
    assert "| Registration | |" in told
    publish(current())
    call_command("sign_off_questionnaire", "--name", "Dr Deniz Aydın", "--on", "2027-03-01", stdout=StringIO())
    assert printed().startswith(f"# Screening rules {current().version} (signed off by Dr Deniz Aydın, 2027-03-01)")


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "tr", "es", "ar"])
def test_the_command_prints_csv_in_every_language(language):
    rows = list(csv.reader(StringIO(printed("--format", "csv", "--language", language))))
    assert {len(row) for row in rows} == {13}
    assert len(rows) == len(table()) + 1
