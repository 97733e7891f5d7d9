"""What a questionnaire is made of. Plain frozen values; nothing here reads a file, a clock or a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

CONSULT = "consult"
DATE_OF_BIRTH = "date_of_birth"
ADULT = "adult"
TODAY = "today"

SHORT, REST, FULL = "short", "rest", "full"
STAGES = (SHORT, REST, FULL)


class Outcome(StrEnum):
    """What an answer, or a whole form, leads to; listed from best to worst."""

    OK = "ok"
    CAUTION = "caution"
    REVIEW = "review"
    DEFER = "defer"
    DECLINE = "decline"

    @property
    def severity(self) -> int:
        return SEVERITY[self]

    @property
    def needs_a_look(self) -> bool:
        """Whether a practitioner has to know of it before the visit."""
        return self.severity >= SEVERITY[Outcome.REVIEW]


SEVERITY = {outcome: rank for rank, outcome in enumerate(Outcome)}


class Kind(StrEnum):
    SINGLE = "single"
    DATE = "date"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A field that belongs to some answers of its question, for example the day of a sunburn."""

    id: str
    kind: Kind
    required: bool
    when: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``asked_for`` holds treatment slugs; ``only_groups`` (if any) the area groups it is asked for.

    ``fine`` are the options that lead to nothing. ``replaced_by`` names the question that takes its place in the
    whole form (`adult` gives way to `date_of_birth`). ``asked_afresh``: about today, so an earlier answer never counts.
    """

    id: str
    kind: Kind
    stage: str
    page: str
    asked_for: frozenset[str]
    options: tuple[str, ...] = ()
    fine: tuple[str, ...] = ()
    only_groups: frozenset[str] = frozenset()
    follow_up: FollowUp | None = None
    replaced_by: str = ""
    asked_afresh: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of its inputs: itself and its follow-up."""
        return (self.id, self.follow_up.id) if self.follow_up else (self.id,)

    def is_asked_for(self, modality: str, groups: frozenset[str]) -> bool:
        return modality in self.asked_for and (not self.only_groups or not self.only_groups.isdisjoint(groups))


@dataclass(frozen=True, slots=True)
class Step:
    """One stretch of time of a rule: ``outcome`` until ``days`` or ``months`` after the rule's date, or for good."""

    outcome: Outcome
    reason: str
    days: int = 0
    months: int = 0

    @property
    def ends(self) -> bool:
        return bool(self.days or self.months)


@dataclass(frozen=True, slots=True)
class Rule:
    """What one answer leads to, for some treatments and area groups; ``steps`` in the order of time.

    Exactly one of ``answer`` (an option), ``ages`` (whole years, both ends included) and ``written`` (any text)
    says when it speaks. ``counted_from`` is "today" or the id of the follow-up date.
    """

    id: str
    question: str
    steps: tuple[Step, ...]
    only_for: frozenset[str]
    sources: tuple[str, ...]
    confidence: str
    answer: str = ""
    ages: tuple[int, int] | None = None
    written: bool = False
    only_groups: frozenset[str] = frozenset()
    counted_from: str = TODAY
    instruction: str = ""

    def is_for(self, modality: str, groups: frozenset[str]) -> bool:
        return modality in self.only_for and (not self.only_groups or not self.only_groups.isdisjoint(groups))


@dataclass(frozen=True, slots=True)
class PageOf:
    """A page of the form, without its words."""

    id: str
    stage: str


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that may have changed since a form, in the patient's words, and the questions it opens again."""

    id: str
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Questionnaire:
    """One version of all questions, rules and words.

    ``content`` is everything it was built from, as plain JSON values: what is published and never changed.
    """

    version: str
    content_hash: str
    draft: bool
    modalities: tuple[str, ...]
    area_groups: frozenset[str]
    pages: tuple[PageOf, ...]
    questions: tuple[Question, ...]
    rules: tuple[Rule, ...]
    topics: tuple[Topic, ...]
    sources: Mapping[str, str]
    texts: Mapping[str, Mapping[str, Any]]
    content: Mapping[str, Any] = field(repr=False)
    question: Mapping[str, Question] = field(init=False, repr=False)
    owner_of_field: Mapping[str, Question] = field(init=False, repr=False)
    rules_of: Mapping[str, tuple[Rule, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        rules_of: dict[str, list[Rule]] = {one.id: [] for one in self.questions}
        for rule in self.rules:
            rules_of.setdefault(rule.question, []).append(rule)
        object.__setattr__(self, "question", {one.id: one for one in self.questions})
        object.__setattr__(self, "owner_of_field", {name: one for one in self.questions for name in one.fields})
        object.__setattr__(self, "rules_of", {name: tuple(found) for name, found in rules_of.items()})

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.texts)

    def rule(self, rule_id: str) -> Rule:
        return next(rule for rule in self.rules if rule.id == rule_id)
