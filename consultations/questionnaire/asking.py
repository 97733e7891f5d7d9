"""Which questions are asked, and on which page: by treatment, areas and stage.

``short`` is asked before a time is chosen, ``rest`` after it is reserved, ``full`` is both with every question once:
"Are you 18 or over?" gives way to the date of birth there. A consultation asks for the age only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .definition import CONSULT, FULL, REST, SHORT, STAGES, Question, Questionnaire


@dataclass(frozen=True, slots=True)
class Page:
    """One topic. ``title`` is in the language asked for; ``questions`` are in the order they are shown."""

    id: str
    title: str
    questions: tuple[Question, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of all inputs on the page, follow-ups too."""
        return tuple(name for question in self.questions for name in question.fields)


def groups_of(questionnaire: Questionnaire, *, modality: str, areas: Mapping[str, str]) -> frozenset[str]:
    """The area groups of a visit. Raises ValueError for an unknown treatment or group, or no area at all."""
    groups = frozenset(areas.values())
    if modality not in questionnaire.modalities:
        raise ValueError("unknown treatment")
    if not groups <= questionnaire.area_groups:
        raise ValueError("unknown area group")
    if not groups and modality != CONSULT:
        raise ValueError("no area")
    return groups


def questions_for(
    questionnaire: Questionnaire, *, modality: str, areas: Mapping[str, str], stage: str
) -> list[Question]:
    """The questions of a stage ("short", "rest", "full"), in their order. ``areas``: area slug → area group."""
    if stage not in STAGES:
        raise ValueError(f"unknown stage {stage!r}")
    groups = groups_of(questionnaire, modality=modality, areas=areas)
    return [
        question
        for question in questionnaire.questions
        if question.is_asked_for(modality, groups) and _belongs(question, stage)
    ]


def _belongs(question: Question, stage: str) -> bool:
    if stage == FULL:
        return not question.replaced_by
    return question.stage == stage


def pages(
    questionnaire: Questionnaire, *, modality: str, areas: Mapping[str, str], stage: str, language: str = "en"
) -> list[Page]:
    """The pages of a stage in order; a page nobody has a question for is left out."""
    from .texts import page_title

    asked = questions_for(questionnaire, modality=modality, areas=areas, stage=stage)
    found = []
    for page in questionnaire.pages:
        questions = tuple(question for question in asked if question.page == page.id)
        if questions:
            found.append(Page(page.id, page_title(page.id, language, questionnaire=questionnaire), questions))
    return found


__all__ = ["FULL", "REST", "SHORT", "Page", "groups_of", "pages", "questions_for"]
