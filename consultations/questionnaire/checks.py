"""Is a questionnaire sound? Every answer leads somewhere on purpose, every rule can be reached, nothing lacks words.

The check that matters most: an option is either listed as fine or has a rule for every treatment it is offered for.
A forgotten rule is an error here and can never be read as "you may" later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from .definition import DATE_OF_BIRTH, SEVERITY, TODAY, Kind, Outcome, Question, Questionnaire, Rule, Step

Report = Callable[[str, str, str], None]
LANGUAGES = ("en", "tr", "es", "ar")
CONFIDENCE = ("high", "medium", "low")
UNSURE = "unsure"
DAYS_IN_SHORTEST_MONTH = 28


def check(questionnaire: Questionnaire, report: Report) -> None:
    """Report every fault as (file, entry, what is wrong)."""
    _check_ids(questionnaire, report)
    for question in questionnaire.questions:
        _check_question(
            questionnaire, question, lambda wrong, at=question.id: report("questions.toml", f"question.{at}", wrong)
        )
    for rule in questionnaire.rules:
        _check_rule(questionnaire, rule, lambda wrong, at=rule.id: report("rules.toml", f"rule.{at}", wrong))
    _check_topics(questionnaire, report)
    _check_texts(questionnaire, report)


def _check_topics(questionnaire: Questionnaire, report: Report) -> None:
    """Whatever may have changed can be named: every question but the age belongs to a topic."""
    named = {question for topic in questionnaire.topics for question in topic.questions}
    for question in questionnaire.questions:
        if question.kind != Kind.DATE and not question.replaced_by and question.id not in named:
            report(
                "questions.toml", f"question.{question.id}", "belongs to no topic, so nobody can say that it changed"
            )
    for topic in questionnaire.topics:
        if not topic.questions:
            report("questions.toml", f"topic.{topic.id}", "opens no question")


def _check_ids(questionnaire: Questionnaire, report: Report) -> None:
    fields = Counter(name for question in questionnaire.questions for name in question.fields)
    for name in (name for name, count in fields.items() if count > 1):
        report("questions.toml", f"question.{name}", "this id is used twice")
    rules = Counter(rule.id for rule in questionnaire.rules)
    for name in (name for name, count in rules.items() if count > 1):
        report("rules.toml", f"rule.{name}", "this id is used twice")


def _check_question(questionnaire: Questionnaire, question: Question, wrong: Callable[[str], None]) -> None:
    if not question.asked_for:
        wrong("asked for no treatment, so it is never reached")
    if unknown := question.only_groups - questionnaire.area_groups:
        wrong(f"unknown area group {', '.join(sorted(unknown))}")
    if question.replaced_by and question.replaced_by not in questionnaire.question:
        wrong(f'replaced by an unknown question "{question.replaced_by}"')
    if question.asked_afresh and question.id == DATE_OF_BIRTH:
        wrong("a date of birth does not change")
    if question.kind == Kind.DATE and question.id != DATE_OF_BIRTH:
        wrong("only the date of birth is a date of its own; other dates follow an answer")
    if question.kind != Kind.SINGLE and (question.options or question.fine or question.follow_up):
        wrong("only a question with options has options, fine answers or a follow-up")
    if follow_up := question.follow_up:
        if not follow_up.when or set(follow_up.when) - set(question.options):
            wrong("its follow-up belongs to an answer that is not there")
        if follow_up.kind == Kind.SINGLE:
            wrong("a follow-up is a date or a text")
        if follow_up.kind == Kind.DATE and not follow_up.required:
            wrong("a date that follows an answer must be required")
    if question.kind == Kind.SINGLE:
        _check_options(questionnaire, question, wrong)
    else:
        _check_speaks(questionnaire, question, wrong)


def _check_options(questionnaire: Questionnaire, question: Question, wrong: Callable[[str], None]) -> None:
    if len(set(question.options)) != len(question.options) or len(question.options) < 2:
        wrong("needs two or more different options")
    if not question.fine or set(question.fine) - set(question.options):
        wrong("needs at least one fine option, and only its own")
    if UNSURE in question.fine:
        wrong("unsure is never fine")
    for option in question.options:
        rules = [rule for rule in questionnaire.rules_of[question.id] if rule.answer == option]
        if option in question.fine:
            if rules:
                wrong(f'option "{option}" is listed as fine but has a rule')
            continue
        if not rules:
            wrong(f'option "{option}" is neither fine nor has a rule')
            continue
        covered = frozenset().union(*(rule.only_for for rule in rules if not rule.only_groups))
        if missing := question.asked_for - covered:
            wrong(f'option "{option}" has no rule for {", ".join(sorted(missing))}')
        if option == UNSURE and any(_lowest(rule) < SEVERITY[Outcome.REVIEW] for rule in rules):
            wrong("unsure must lead to review or worse")


def _check_speaks(questionnaire: Questionnaire, question: Question, wrong: Callable[[str], None]) -> None:
    """Text is read by a person; a date of birth has an age below which nothing is offered."""
    rules = [rule for rule in questionnaire.rules_of[question.id] if not rule.only_groups]
    if question.kind == Kind.TEXT:
        speaking = [rule for rule in rules if rule.written and _lowest(rule) >= SEVERITY[Outcome.REVIEW]]
        lacking = "needs a rule that has written text reviewed"
    else:
        speaking = [
            rule for rule in rules if rule.ages and rule.ages[0] == 0 and _lowest(rule) == SEVERITY[Outcome.DECLINE]
        ]
        lacking = "needs a rule that declines below an age"
    if question.asked_for - frozenset().union(*(rule.only_for for rule in speaking)):
        wrong(lacking)


def _lowest(rule: Rule) -> int:
    """The best this rule can ever say; silence after its last dated step is ok."""
    if rule.steps[-1].ends and rule.counted_from != TODAY:
        return SEVERITY[Outcome.OK]
    return min(step.outcome.severity for step in rule.steps)


def _check_rule(questionnaire: Questionnaire, rule: Rule, wrong: Callable[[str], None]) -> None:
    question = questionnaire.question[rule.question]
    if sum([bool(rule.answer), rule.ages is not None, rule.written]) != 1:
        wrong("needs exactly one of answer, age and written")
    if rule.answer and rule.answer not in question.options:
        wrong(f'"{rule.answer}" is not an option of {question.id}')
    if rule.ages and (question.kind != Kind.DATE or rule.ages[0] > rule.ages[1]):
        wrong("its ages are never reached")
    if rule.written and question.kind != Kind.TEXT:
        wrong(f"{question.id} is not a text")
    if not rule.only_for or rule.only_for - question.asked_for:
        wrong(f"never reached: {question.id} is not asked for {', '.join(sorted(rule.only_for - question.asked_for))}")
    if rule.only_groups - questionnaire.area_groups:
        wrong("unknown area group")
    if rule.only_groups and question.only_groups and rule.only_groups.isdisjoint(question.only_groups):
        wrong("never reached: its area groups are not asked")
    if not rule.sources:
        wrong("no source")
    for source in rule.sources:
        if source not in questionnaire.sources:
            wrong(f'unknown source "{source}"')
    if rule.confidence not in CONFIDENCE:
        wrong(f"confidence must be one of {', '.join(CONFIDENCE)}")
    _check_steps(question, rule, wrong)


def _check_steps(question: Question, rule: Rule, wrong: Callable[[str], None]) -> None:
    for step in rule.steps:
        if step.days and step.months:
            wrong("days or months, not both")
        if min(step.days, step.months) < 0:
            wrong("days and months count forward")
        if step.outcome == Outcome.DEFER and not step.ends:
            wrong("a defer needs days or months")
        if step.outcome == Outcome.OK:
            wrong("ok needs no rule: list the option as fine")
    dated = any(step.ends for step in rule.steps)
    if dated and rule.counted_from == TODAY and (len(rule.steps) > 1 or rule.steps[0].outcome != Outcome.DEFER):
        wrong("counted from today, only a single defer makes sense")
    if not dated and rule.counted_from != TODAY:
        wrong("counts from a date but has no days or months")
    if rule.counted_from != TODAY:
        follow_up = question.follow_up
        if follow_up is None or follow_up.id != rule.counted_from or follow_up.kind != Kind.DATE:
            wrong(f'"{rule.counted_from}" is not the date that follows {question.id}')
        elif rule.answer not in follow_up.when:
            wrong(f'"{rule.counted_from}" is not asked with this answer')
    for earlier, later in zip(rule.steps, rule.steps[1:], strict=False):
        if not earlier.ends:
            wrong("a step after one that never ends is never reached")
        elif later.ends and _length(later) <= _length(earlier):
            wrong("a later step must end later")
        if later.outcome.severity >= earlier.outcome.severity:
            wrong("a later step must be milder than the one before")


def _length(step: Step) -> int:
    return step.days + step.months * DAYS_IN_SHORTEST_MONTH


def _check_texts(questionnaire: Questionnaire, report: Report) -> None:
    for language in LANGUAGES:
        if language not in questionnaire.texts:
            report(f"texts.{language}.toml", "", "this language is missing")
    optional = _optional_words(questionnaire)
    for language, table in questionnaire.texts.items():
        file = f"texts.{language}.toml"
        found = dict(_flat(table))
        needed = set(_needed_words(questionnaire)) | optional
        for path in sorted(needed - set(found)):
            report(file, path, "has no words in this language")
        for path in sorted(set(found) - needed):
            report(file, path, "belongs to nothing")
        for path in sorted(path for path, words in found.items() if not isinstance(words, str) or not words.strip()):
            report(file, path, "is empty")


def _optional_words(questionnaire: Questionnaire) -> set[str]:
    """Hints are optional, but what one language has all must have."""
    allowed = {f"questions.{question.id}.hint" for question in questionnaire.questions}
    allowed |= {f"questions.{question.id}.follow_up_hint" for question in questionnaire.questions if question.follow_up}
    return {path for table in questionnaire.texts.values() for path, _ in _flat(table) if path in allowed}


def _needed_words(questionnaire: Questionnaire) -> Iterator[str]:
    yield from ("checklist.prompt", "checklist.none")
    yield from (f"pages.{page.id}" for page in questionnaire.pages)
    yield from (f"topics.{topic.id}" for topic in questionnaire.topics)
    yield from (f"outcomes.{outcome}.{part}" for outcome in Outcome for part in ("title", "text"))
    for question in questionnaire.questions:
        yield f"questions.{question.id}.text"
        yield from (f"questions.{question.id}.options.{option}" for option in question.options)
        if question.stage == "short":
            ticked: Iterable[str] = (option for option in question.options if option not in question.fine)
            yield from (f"questions.{question.id}.statements.{option}" for option in ticked)
        if question.follow_up:
            yield f"questions.{question.id}.follow_up"
    for rule in questionnaire.rules:
        for step in rule.steps:
            yield f"reasons.{step.reason}.patient"
            yield f"reasons.{step.reason}.practitioner"
        if rule.instruction:
            yield f"instructions.{rule.instruction}"


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}.")
        else:
            yield path, value
