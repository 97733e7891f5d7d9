"""How decisions are called, and the words a patient reads with them unless a practitioner writes others."""

import tomllib
from functools import cache
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from consultations.models import Decision

WORDS = {
    Decision.APPROVE: _("approved"),
    Decision.PRECAUTIONS: _("approved with precautions"),
    Decision.ASK: _("a question was sent"),
    Decision.DEFER: _("put off to a date"),
    Decision.DECLINE: _("declined"),
    Decision.UNDONE: _("taken back"),
}
FILE = Path(__file__).parent / "content" / "decision_texts.toml"


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def standard_text(decision: str, language: str) -> str:
    """What the patient reads, in their language; English for an unknown one, nothing where no words are needed."""
    words = _texts().get(decision, {})
    return words.get(language.split("-")[0]) or words.get("en", "")
