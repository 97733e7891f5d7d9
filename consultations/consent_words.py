"""The words somebody agrees to: our consent text around the treatment's own, in one language, with a version and a hash."""

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from consultations.models import PHOTO_CHOICES
from treatments.models import Modality, in_language

FOLDER = Path(__file__).parent / "consent"
LANGUAGES = ("en", "tr", "es", "ar")
FROM_TREATMENT = ("what", "results", "sessions", "common", "rare")
ORDER = (
    "what",
    "alternatives",
    "results",
    "sessions",
    "common",
    "rare",
    "material",
    "people",
    "cost",
    "time",
    "withdrawal",
    "complaints",
    "emergency",
)


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class ConsentWords:
    """One treatment's consent in one language. ``body`` is exactly what is agreed to, and what the hash is of."""

    version: str
    language: str
    title: str
    intro: str
    summary: tuple[str, ...]
    sections: tuple[Section, ...]
    agree: str
    photos: tuple[str, str]
    teaching: tuple[str, str]
    publicity: tuple[str, str]

    @cached_property
    def body(self) -> str:
        parts = [self.title, *self.summary]
        for section in self.sections:
            parts += ["", section.title, *section.sentences]
        return "\n".join([*parts, "", self.agree])

    @cached_property
    def hash(self) -> str:
        return hashlib.sha256(f"{self.version}\n{self.language}\n{self.body}".encode()).hexdigest()


def words_shown(slug: str, text_hash: str) -> ConsentWords | None:
    """The words with this hash, in whichever language they were read; None when they are not ours (any more)."""
    every = (consent_words(slug, code) for code in LANGUAGES)
    return next((words for words in every if words.hash == text_hash), None)


@cache
def _texts(language: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"consent.{language}.toml").read_text(encoding="utf-8"))


def consent_words(slug: str, language: str) -> ConsentWords:
    """The words of the treatment ``slug``, one query. An unknown language is answered in English."""
    modality = Modality.objects.only("slug", "content", "content_version").get(slug=slug)
    code = language.split("-")[0]
    code = code if code in LANGUAGES else "en"
    texts, treatment = _texts(code), in_language(modality.content, code)
    said = {key: treatment[key] for key in FROM_TREATMENT if treatment.get(key)}
    said |= texts["sections"] | {"material": texts["material"].get(slug, [])}
    return ConsentWords(
        version=f"{texts['version']}/{modality.content_version}",
        language=code,
        title=texts["title"],
        intro=texts["intro"],
        summary=tuple(texts["summary"]),
        sections=tuple(Section(key, texts["headings"][key], tuple(said[key])) for key in ORDER if said.get(key)),
        agree=texts["agree"],
        **{name: (texts[name], texts[f"{name}_hint"]) for name in PHOTO_CHOICES},
    )
