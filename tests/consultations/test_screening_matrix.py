"""The rules as a table that a clinician can read and sign."""

import csv
from io import StringIO

from django.core.management import call_command

from consultations.questionnaire import current
from consultations.questionnaire.matrix import lines

from .decisions import ALL


def cells(question, answer):
    (line,) = (line for line in lines(current()) if (line.question, line.answer) == (question, answer))
    return line.cells


def test_cells_say_the_outcome_and_what_follows():
    assert cells("pregnant", "yes") == dict.fromkeys(ALL, "decline") | {"consult": "–"}
    assert cells("filler", "yes")["pen"] == "defer 28 days → review until 6 months → caution"
    assert cells("filler", "yes")["rf"] == "defer 28 days → review until 6 months → caution; never better than review"
    assert cells("cold_sore", "past")["pen"] == "caution; face areas: review"
    assert cells("diabetes", "controlled")["prp"] == "review"
    assert cells("sun", "burn")["laser"] == "defer 28 days → ok"
    assert cells("sun", "fake_tan")["peel"] == "defer 14 days"
    assert cells("steroids", "tablets")["prp"] == "defer 14 days → ok; never better than review"
    assert cells("immune", "yes")["rf"] == "decline"
    assert cells("date_of_birth", "under 18")["consult"] == "decline"
    assert cells("date_of_birth", "18 to 21")["peel"] == "ok"
    assert cells("other_medicines", "anything written")["pen"] == "review"


def test_every_rule_is_in_the_table():
    told = {(line.question, line.answer) for line in lines(current())}
    assert {(rule.question, rule.answer) for rule in current().rules if rule.answer} <= told


def test_the_command_prints_markdown_and_csv():
    out = StringIO()
    call_command("screening_matrix", stdout=out)
    assert out.getvalue().startswith(f"# Screening rules {current().version} (draft")
    out = StringIO()
    call_command("screening_matrix", "--format", "csv", "--language", "tr", stdout=out)
    rows = list(csv.reader(StringIO(out.getvalue())))
    assert {len(row) for row in rows} == {12}
    assert len(rows) == len(lines(current())) + 1
