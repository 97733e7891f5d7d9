"""The words of a questionnaire, by language. Unknown languages are answered in English.

Every function takes ``questionnaire=``; without it, today's. Words that were shown once are stored with the answers
(``asked.as_asked``), so an old form never needs these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .definition import Questionnaire

if TYPE_CHECKING:
    from consultations.screening import Finding

FALLBACK = "en"


def _today() -> Questionnaire:
    from . import current

    return current()


def words(language: str, questionnaire: Questionnaire | None = None) -> Any:
    """The table of one language."""
    texts = (questionnaire or _today()).texts
    return texts.get(language) or texts.get(language.split("-")[0]) or texts[FALLBACK]


def _question(question_id: str, language: str, questionnaire: Questionnaire | None) -> Any:
    return words(language, questionnaire)["questions"][question_id]


def question_text(question_id: str, language: str, *, questionnaire: Questionnaire | None = None) -> str:
    return _question(question_id, language, questionnaire)["text"]


def question_hint(question_id: str, language: str, *, questionnaire: Questionnaire | None = None) -> str:
    return _question(question_id, language, questionnaire).get("hint", "")


def option_label(question_id: str, option: str, language: str, *, questionnaire: Questionnaire | None = None) -> str:
    return _question(question_id, language, questionnaire)["options"][option]


def option_labels(
    question_id: str, language: str, *, questionnaire: Questionnaire | None = None
) -> list[tuple[str, str]]:
    """(value, label) in the order shown, ready for a form's ``choices``."""
    questionnaire = questionnaire or _today()
    labels = _question(question_id, language, questionnaire)["options"]
    return [(option, labels[option]) for option in questionnaire.question[question_id].options]


def follow_up_text(question_id: str, language: str, *, questionnaire: Questionnaire | None = None) -> str:
    return _question(question_id, language, questionnaire).get("follow_up", "")


def follow_up_hint(question_id: str, language: str, *, questionnaire: Questionnaire | None = None) -> str:
    return _question(question_id, language, questionnaire).get("follow_up_hint", "")


def statement(question_id: str, option: str, language: str, *, questionnaire: Questionnaire | None = None) -> str:
    """An answer of the short set as a sentence to tick ("I am breastfeeding")."""
    return _question(question_id, language, questionnaire)["statements"][option]


def page_title(page_id: str, language: str, *, questionnaire: Questionnaire | None = None) -> str:
    return words(language, questionnaire)["pages"][page_id]


def topic(topic_id: str, language: str, *, questionnaire: Questionnaire | None = None) -> str:
    return words(language, questionnaire)["topics"][topic_id]


def outcome(name: str, language: str, *, questionnaire: Questionnaire | None = None) -> dict[str, str]:
    """``title`` and ``text`` of an outcome page."""
    return dict(words(language, questionnaire)["outcomes"][name])


def checklist_words(language: str, *, questionnaire: Questionnaire | None = None) -> dict[str, str]:
    """``prompt`` and ``none`` ("None of these") of a checklist page."""
    return dict(words(language, questionnaire)["checklist"])


def reason(finding: Finding, language: str, *, questionnaire: Questionnaire | None = None) -> str:
    """Why, in the patient's words."""
    return words(language, questionnaire)["reasons"][finding.reason_id]["patient"]


def practitioner_reason(finding: Finding, language: str, *, questionnaire: Questionnaire | None = None) -> str:
    """Why, in a practitioner's words."""
    return words(language, questionnaire)["reasons"][finding.reason_id]["practitioner"]


def instruction(instruction_id: str, language: str, *, questionnaire: Questionnaire | None = None) -> str:
    """What to do before the visit; "" for no instruction."""
    return words(language, questionnaire)["instructions"][instruction_id] if instruction_id else ""
