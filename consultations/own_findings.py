"""Findings as they lie with a form: a rule's, with its words; and those that no rule makes, about who answers and about
answers that became better."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from consultations.questionnaire import current, texts
from consultations.screening import Finding, Outcome

CHANGED: dict[str, Any] = {
    "rule": "change.reported",
    "outcome": Outcome.REVIEW.value,
    "until": None,
    "reason_id": "",
    "told": "",
    "why": {
        "en": "A practitioner had to decide, and these answers changed since. Compare them before you approve.",
        "tr": "Bir uzman karar verecekti, bu yanıtlar o zamandan beri değişti. Onaylamadan önce karşılaştırın.",
        "es": "Un profesional tenía que decidir, y estas respuestas han cambiado desde entonces. Compárelas antes de aprobar.",
        "ar": "كان على أحد الممارسين أن يقرر، وتغيرت هذه الإجابات منذ ذلك الحين. قارنها قبل الموافقة.",
    },
    "sources": ["CLINIC"],
    "confidence": "high",
    "instruction_id": "",
}

SOMEBODY_ELSE: dict[str, Any] = {
    "rule": "identity.date_of_birth",
    "question": "date_of_birth",
    "outcome": Outcome.REVIEW.value,
    "until": None,
    "reason_id": "",
    "told": "",
    "why": {
        "en": "Another date of birth is on record for this name and number. Ask who is coming.",
        "tr": "Bu ad ve numara için kayıtta başka bir doğum tarihi var. Kimin geleceğini sorun.",
        "es": "Para este nombre y número consta otra fecha de nacimiento. Pregunte quién viene.",
        "ar": "يوجد تاريخ ميلاد آخر مسجل لهذا الاسم والرقم. اسأل من سيأتي.",
    },
    "sources": ["CLINIC"],
    "confidence": "high",
    "instruction_id": "",
}


def outcome_of(stored: Mapping[str, Any]) -> Outcome:
    return Outcome(stored["outcome"])


def until_of(stored: Mapping[str, Any]) -> dt.date | None:
    return dt.date.fromisoformat(stored["until"]) if stored["until"] else None


def as_stored(finding: Finding, language: str) -> dict[str, Any]:
    """A finding with its words, so that an old form never needs today's data. ``why`` is for practitioners."""
    return {
        "rule": finding.rule,
        "question": finding.question,
        "outcome": finding.outcome.value,
        "until": finding.until.isoformat() if finding.until else None,
        "reason_id": finding.reason_id,
        "told": texts.reason(finding, language),
        "why": {code: texts.practitioner_reason(finding, code) for code in current().languages},
        "sources": list(finding.sources),
        "confidence": finding.confidence,
        "instruction_id": finding.instruction_id,
    }
