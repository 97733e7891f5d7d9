"""Reads a questionnaire from its data files, or from what was published, and refuses one that is not sound.

Every fault is reported at once, each with its file, line and entry: ``rules.toml:120: rule "sun.tan": no source``.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from .checks import check
from .definition import REST, SHORT, TODAY, FollowUp, Kind, Outcome, PageOf, Question, Questionnaire, Rule, Step, Topic
from .lines import Lines

DATA = Path(__file__).parent / "data"
QUESTIONS, RULES = "questions.toml", "rules.toml"
NO_UPPER_AGE = 200

Report = Callable[[str, str, str], None]  # (file, path in it, what is wrong)

QUESTION_KEYS = {"id", "kind", "options", "fine", "asked_for", "only_groups", "page", "follow_up", "replaced_by"}
QUESTION_KEYS |= {"asked_afresh"}
TOPIC_KEYS = {"id", "questions"}
FOLLOW_UP_KEYS = {"id", "kind", "required", "when"}
STEP_KEYS = {"outcome", "days", "months", "reason"}
RULE_KEYS = STEP_KEYS | {"id", "question", "answer", "age_below", "age_from", "age_to", "written"}
RULE_KEYS |= {"only_for", "only_groups", "counted_from", "then", "instruction", "sources", "confidence"}


class QuestionnaireError(ValueError):
    """The data is not sound. ``problems`` has one line for each fault."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load(folder: Path = DATA) -> Questionnaire:
    """Read ``questions.toml``, ``rules.toml`` and every ``texts.<language>.toml`` of the folder."""
    content: dict[str, Any] = {"texts": {}}
    lines: dict[str, Lines] = {}
    paths = [folder / QUESTIONS, folder / RULES, *sorted(folder.glob("texts.*.toml"))]
    problems = []
    for path in paths:
        text = path.read_text(encoding="utf-8")
        lines[path.name] = Lines(text)
        try:
            parsed = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            problems.append(f"{path.name}: {error}")
            continue
        if path.name.startswith("texts."):
            content["texts"][path.name.split(".")[1]] = parsed
        else:
            content[path.stem] = parsed
    if problems:
        raise QuestionnaireError(problems)
    return from_content(content, lines=lines)


def from_content(content: Mapping[str, Any], *, lines: Mapping[str, Lines] | None = None) -> Questionnaire:
    """Build and check a questionnaire from plain values, as from files just read."""
    problems: list[str] = []

    def report(file: str, path: str, wrong: str) -> None:
        at = f":{lines[file].of(path)}" if lines and file in lines else ""
        name, _, entry = path.partition(".")
        problems.append(f'{file}{at}: {name} "{entry}": {wrong}' if entry else f"{file}{at}: {wrong}")

    built = _build(content, report)
    if built is not None and not problems:
        check(built, report)
    if problems or built is None:
        raise QuestionnaireError(problems or ["nothing could be read"])
    return built


def as_published(content: Mapping[str, Any]) -> Questionnaire:
    """What was published, as it was then. Today's checks are for what is published today: an old form stays readable
    when they become stricter, or when a key that it has means nothing any more.
    """
    asked, ruled = content["questions"], content["rules"]
    known = {
        **content,
        "questions": asked
        | {"question": [_known(one, QUESTION_KEYS) for one in asked["question"]]}
        | {"topic": [_known(one, TOPIC_KEYS) for one in asked.get("topic", ())]},
        "rules": ruled | {"rule": [_known(one, RULE_KEYS) for one in ruled["rule"]]},
    }
    problems: list[str] = []
    built = _build(known, lambda file, path, wrong: problems.append(f"{file}: {path}: {wrong}"))
    if built is None:
        raise QuestionnaireError(problems)
    digest = content_hash(content)
    return replace(built, version=_version(content, digest), content_hash=digest, content=content)


def _known(entry: Mapping[str, Any], keys: set[str]) -> dict[str, Any]:
    parts = {"follow_up": FOLLOW_UP_KEYS, "then": STEP_KEYS}
    kept = {name: value for name, value in entry.items() if name in keys}
    for name, allowed in parts.items():
        if isinstance(found := kept.get(name), list):
            kept[name] = [_known(one, allowed) for one in found]
        elif found is not None:
            kept[name] = _known(found, allowed)
    return kept


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of the content, independent of the order of keys."""
    plain = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def _version(content: Mapping[str, Any], digest: str) -> str:
    return f"{content['questions']['version']}-{digest[:8]}"


def _build(content: Mapping[str, Any], report: Report) -> Questionnaire | None:
    asked, ruled = content["questions"], content["rules"]
    sets = {name: frozenset(slugs) for name, slugs in asked["sets"].items()}
    pages = tuple(PageOf(page["id"], page["stage"]) for page in asked["page"])
    stages = {page.id: page.stage for page in pages}
    questions = [_entry(_question, entry, "question", QUESTIONS, report, sets, stages) for entry in asked["question"]]
    known = {question.id: question for question in questions if question}
    rules = [_entry(_rule, entry, "rule", RULES, report, known) for entry in ruled["rule"]]
    topics = [_entry(_topic, entry, "topic", QUESTIONS, report, known) for entry in asked.get("topic", ())]
    if None in questions or None in rules or None in topics:
        return None
    digest = content_hash(content)
    return Questionnaire(
        version=_version(content, digest),
        content_hash=digest,
        draft=asked["draft"],
        modalities=tuple(sorted(frozenset().union(*sets.values()))),
        area_groups=frozenset(asked["area_groups"]["names"]),
        pages=pages,
        questions=tuple(questions),
        rules=tuple(rules),
        topics=tuple(topics),
        sources=ruled["sources"],
        texts=content["texts"],
        content=content,
    )


def _entry(
    build: Callable[..., Any], entry: Mapping[str, Any], name: str, file: str, report: Report, *more: Any
) -> Any:
    """One entry, or None with the fault reported."""
    path = f"{name}.{entry.get('id', '?')}"
    try:
        return build(entry, *more)
    except KeyError as error:
        report(file, path, f"{error.args[0]} is missing or unknown")
    except (ValueError, TypeError, AttributeError) as error:
        report(file, path, str(error))
    return None


def _only_keys(entry: Mapping[str, Any], allowed: set[str]) -> None:
    if unknown := sorted(set(entry) - allowed):
        raise ValueError(f"unknown key {', '.join(unknown)}")


def _question(entry: Mapping[str, Any], sets: Mapping[str, frozenset[str]], stages: Mapping[str, str]) -> Question:
    _only_keys(entry, QUESTION_KEYS)
    every = frozenset().union(*sets.values())
    asked_for: frozenset[str] = frozenset()
    for name in entry["asked_for"]:
        if name not in sets and name not in every:
            raise ValueError(f'asked for an unknown treatment or set "{name}"')
        asked_for |= sets.get(name, frozenset([name]))
    if entry["page"] not in stages:
        raise ValueError(f'unknown page "{entry["page"]}"')
    stage = stages[entry["page"]]
    if stage not in (SHORT, REST):
        raise ValueError(f'its page has an unknown stage "{stage}"')
    follow_up = None
    if found := entry.get("follow_up"):
        _only_keys(found, FOLLOW_UP_KEYS)
        follow_up = FollowUp(found["id"], Kind(found["kind"]), found["required"], tuple(found["when"]))
    return Question(
        id=entry["id"],
        kind=Kind(entry["kind"]),
        stage=stage,
        page=entry["page"],
        asked_for=asked_for,
        options=tuple(entry.get("options", ())),
        fine=tuple(entry.get("fine", ())),
        only_groups=frozenset(entry.get("only_groups", ())),
        follow_up=follow_up,
        replaced_by=entry.get("replaced_by", ""),
        asked_afresh=entry.get("asked_afresh", False),
    )


def _topic(entry: Mapping[str, Any], questions: Mapping[str, Question]) -> Topic:
    _only_keys(entry, TOPIC_KEYS)
    if unknown := sorted(set(entry["questions"]) - set(questions)):
        raise ValueError(f"unknown question {', '.join(unknown)}")
    return Topic(entry["id"], tuple(entry["questions"]))


def _rule(entry: Mapping[str, Any], questions: Mapping[str, Question]) -> Rule:
    _only_keys(entry, RULE_KEYS)
    if entry["question"] not in questions:
        raise ValueError(f'unknown question "{entry["question"]}"')
    question = questions[entry["question"]]
    ages = None
    if "age_below" in entry:
        ages = (0, entry["age_below"] - 1)
    elif "age_from" in entry:
        ages = (entry["age_from"], entry.get("age_to", NO_UPPER_AGE))
    steps = [_step(entry, entry["reason"])]
    for then in entry.get("then", ()):
        _only_keys(then, STEP_KEYS)
        steps.append(_step(then, then.get("reason", entry["reason"])))
    return Rule(
        id=entry["id"],
        question=question.id,
        steps=tuple(steps),
        only_for=frozenset(entry["only_for"]) if "only_for" in entry else question.asked_for,
        sources=tuple(entry.get("sources", ())),
        confidence=entry.get("confidence", ""),
        answer=entry.get("answer", ""),
        ages=ages,
        written=entry.get("written", False),
        only_groups=frozenset(entry.get("only_groups", ())),
        counted_from=entry.get("counted_from", TODAY),
        instruction=entry.get("instruction", ""),
    )


def _step(entry: Mapping[str, Any], reason: str) -> Step:
    return Step(Outcome(entry["outcome"]), reason, entry.get("days", 0), entry.get("months", 0))
