"""Data that is not sound is refused, and the error says where to look."""

import copy
import json
import shutil

import pytest

from consultations.questionnaire import QuestionnaireError, current, from_content, load
from consultations.questionnaire.lines import Lines
from consultations.questionnaire.loader import DATA, content_hash


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(DATA, tmp_path / "data")


def problems_after(folder, file, old, new):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(QuestionnaireError) as caught:
        load(folder)
    return caught.value.problems


def line_of(folder, file, start):
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith(start))


def test_the_data_of_this_release_is_sound():
    assert current().languages == ("ar", "en", "es", "tr")
    assert current().draft


def test_a_rule_without_a_source_is_named_with_file_and_line(folder):
    rule = 'id = "warts.yes"\nquestion = "warts"\nanswer = "yes"\noutcome = "decline"\nreason = "warts"\n'
    line = line_of(folder, "rules.toml", 'id = "warts.yes"') - 1
    found = problems_after(folder, "rules.toml", rule + 'sources = ["AMI", "DP4", "S4"]\n', rule)
    assert found == [f'rules.toml:{line}: rule "warts.yes": no source']


def test_a_missing_translation_is_named_with_file_and_line(folder):
    line = line_of(folder, "texts.tr.toml", "[reasons.warts]")
    found = problems_after(folder, "texts.tr.toml", '\npatient = "İşlem siğilleri başka cilde yayabilir."', "")
    assert found == [f'texts.tr.toml:{line}: reasons "warts.patient": has no words in this language']


def test_a_missing_language_is_named(folder):
    (folder / "texts.es.toml").unlink()
    with pytest.raises(QuestionnaireError, match=r"texts\.es\.toml: this language is missing"):
        load(folder)


def test_broken_toml_is_named_with_its_line(folder):
    (found,) = problems_after(folder, "rules.toml", "[sources]", "[sources")
    assert found.startswith("rules.toml: ")
    assert "line" in found


WARTS_YES = 'question = "warts"\nanswer = "yes"\n'
BURN_LASER = 'only_for = ["laser"]\noutcome = "defer"\ndays = 28\ncounted_from = "sun_on"\nreason = "sun_burn"'
ISOTRETINOIN = 'months = 6\ncounted_from = "isotretinoin_stopped_on"\n'


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("rules.toml", WARTS_YES, WARTS_YES.replace("warts", "wrats"), 'rule "warts.yes": unknown question "wrats"'),
        ("rules.toml", WARTS_YES, WARTS_YES.replace("yes", "lots"), '"lots" is not an option of warts'),
        ("rules.toml", WARTS_YES, WARTS_YES.replace("yes", "no"), 'option "no" is listed as fine but has a rule'),
        ("rules.toml", WARTS_YES, WARTS_YES + 'only_for = ["pen"]\n', 'option "yes" has no rule for laser, peel, prp'),
        ("rules.toml", WARTS_YES, WARTS_YES + 'only_groups = ["face"]\n', 'option "yes" has no rule for'),
        ("rules.toml", WARTS_YES, WARTS_YES + 'only_groups = ["elbow"]\n', "unknown area group"),
        (
            "rules.toml",
            WARTS_YES,
            WARTS_YES + 'only_for = ["consult"]\n',
            "never reached: warts is not asked for consult",
        ),
        ("rules.toml", WARTS_YES, WARTS_YES + "written = true\n", "needs exactly one of answer, age and written"),
        ("rules.toml", WARTS_YES, WARTS_YES + "dyas = 3\n", "unknown key dyas"),
        ("rules.toml", 'id = "warts.unsure"', 'id = "warts.yes"', "this id is used twice"),
        ("rules.toml", 'sources = ["BDD"]', 'sources = ["BBD"]', 'unknown source "BBD"'),
        ("rules.toml", 'confidence = "high"', 'confidence = "certain"', "confidence must be one of"),
        ("rules.toml", 'outcome = "decline"', 'outcome = "forbid"', "'forbid' is not a valid Outcome"),
        ("rules.toml", 'outcome = "caution"', 'outcome = "ok"', "ok needs no rule"),
        ("rules.toml", "days = 7\n", "", "a defer needs days or months"),
        ("rules.toml", "days = 7\n", "days = 7\nmonths = 1\n", "days or months, not both"),
        (
            "rules.toml",
            BURN_LASER,
            BURN_LASER.replace("sun_on", "toxin_on"),
            '"toxin_on" is not the date that follows sun',
        ),
        ("rules.toml", ISOTRETINOIN, "months = 6\n", "counted from today, only a single defer makes sense"),
        (
            "rules.toml",
            '{ outcome = "caution", reason = "iso',
            '{ outcome = "decline", reason = "iso',
            "must be milder",
        ),
        (
            "rules.toml",
            '"review", months = 6, reason = "filler',
            '"review", days = 5, reason = "filler',
            "must end later",
        ),
        ("rules.toml", "age_below = 18\n", "age_from = 18\nage_to = 17\n", "its ages are never reached"),
        ("rules.toml", "age_below = 18\n", "age_from = 17\n", "needs a rule that declines below an age"),
        ("rules.toml", 'reason = "warts"', 'reason = "wart"', "texts.en.toml"),
        ("questions.toml", 'id = "filler_on"', 'id = "toxin_on"', 'question "toxin_on": this id is used twice'),
        ("questions.toml", 'fine = ["yes"]', 'fine = ["maybe"]', "needs at least one fine option, and only its own"),
        (
            "questions.toml",
            '"few_spots", "inflamed"]',
            '"few_spots", "boils", "inflamed"]',
            'option "boils" is neither fine',
        ),
        ("questions.toml", 'fine = ["no"]', 'fine = ["no", "unsure"]', "unsure is never fine"),
        ("questions.toml", 'asked_for = ["needles"]', 'asked_for = ["pens"]', "unknown treatment or set"),
        ("questions.toml", 'asked_for = ["needles"]', "asked_for = []", "asked for no treatment"),
        ("questions.toml", 'only_groups = ["body"]', 'only_groups = ["bodies"]', "unknown area group bodies"),
        ("questions.toml", 'page = "skin_tone"', 'page = "skintone"', 'unknown page "skintone"'),
        ("questions.toml", 'kind = "date"\nasked_for', 'kind = "day"\nasked_for', "'day' is not a valid Kind"),
        ("questions.toml", 'required = true, when = ["tan"', 'required = false, when = ["tan"', "must be required"),
        (
            "questions.toml",
            'when = ["tan", "burn"]',
            'when = ["tan", "scald"]',
            "belongs to an answer that is not there",
        ),
        ("questions.toml", 'when = ["tan", "burn"]', 'when = ["tan"]', '"sun_on" is not asked with this answer'),
        (
            "questions.toml",
            'replaced_by = "date_of_birth"',
            'replaced_by = "birthday"',
            "replaced by an unknown question",
        ),
        ("texts.en.toml", "[reasons.warts]", "[reasons.warst]", "belongs to nothing"),
        ("texts.ar.toml", 'none = "لا شيء من هذا"', 'none = " "', "is empty"),
        ("texts.en.toml", 'statements.no = "I am under 18"\n', "", "has no words in this language"),
        (
            "texts.en.toml",
            'hint = "If both are true, choose surgery and the later date."\n',
            "",
            "has no words in this language",
        ),
    ],
)
def test_each_fault_is_noticed(folder, file, old, new, told):
    found = problems_after(folder, file, old, new)
    assert any(told in problem for problem in found), found


def test_unsure_is_never_below_review(folder):
    found = problems_after(
        folder,
        "rules.toml",
        'answer = "unsure"\noutcome = "review"\nreason = "unsure"\nsources = ["DP4"]',
        'answer = "unsure"\noutcome = "caution"\nreason = "unsure"\nsources = ["DP4"]',
    )
    assert any("unsure must lead to review or worse" in problem for problem in found)


def test_written_text_is_always_reviewed(folder):
    found = problems_after(
        folder, "rules.toml", 'written = true\noutcome = "review"', 'written = true\noutcome = "caution"'
    )
    assert any("needs a rule that has written text reviewed" in problem for problem in found)


def test_all_faults_are_told_at_once(folder):
    path = folder / "rules.toml"
    path.write_text(path.read_text().replace('confidence = "high"', 'confidence = "very"', 5))
    with pytest.raises(QuestionnaireError) as caught:
        load(folder)
    assert len(caught.value.problems) == 5


def test_what_was_published_is_read_back_the_same_whatever_the_order_of_keys():
    def sorted_keys(value):
        return json.loads(json.dumps(value, sort_keys=True))

    stored = sorted_keys(current().content)
    again = from_content(stored)
    assert content_hash(stored) == current().content_hash
    assert (again.version, again.questions, again.rules) == (current().version, current().questions, current().rules)


def test_a_change_of_a_word_is_another_version():
    content = copy.deepcopy(dict(current().content))
    content["texts"]["en"]["checklist"]["none"] = "Nothing"
    changed = from_content(content)
    assert changed.version != current().version
    assert changed.version.split("-")[0] == current().version.split("-")[0]


def test_lines_find_entries_and_keys():
    lines = Lines('a = 1\n[[rule]]\n# note\nid = "x"\nday = 2\n[words.x]\nsaid.here = "y"\n')
    assert [lines.of(path) for path in ("a", "rule.x", "rule.x.day", "words.x.said.here", "words.x.lost", "lost")] == [
        1,
        2,
        5,
        7,
        6,
        1,
    ]
