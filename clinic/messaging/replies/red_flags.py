"""Words in a message that bring help sooner. Pure; the words are data. They widen care, never reassure."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache

from clinic.messaging.wording.shipped import CONTENT, fold

ORDER = ("emergency", "same_day", "soon")
TOKEN = re.compile(r"[\w']+")
ARABIC_PREFIXES = ("وال", "بال", "فال", "كال", "لل", "ال", "و", "ب", "ف", "ل")


def urgency_of(text: str) -> str:
    """emergency, same_day, soon, or nothing. All languages are tried: people write in the one they think in."""
    words = _words(text)
    for level in ORDER:
        if any(all(_stands(stem, words) for stem in signs) for signs in _signs()[level]):
            return level
    return ""


def worst(levels: Iterable[str]) -> str:
    """The most urgent of them; empty ones count least."""
    return min(levels, key=lambda level: ORDER.index(level) if level else len(ORDER))


@cache
def _signs() -> dict[str, tuple[tuple[str, ...], ...]]:
    data = tomllib.loads((CONTENT / "red_flags.toml").read_text(encoding="utf-8"))
    return {
        level: tuple(
            tuple(fold(stem) for stem in entry.split("+")) for entries in data[level].values() for entry in entries
        )
        for level in ORDER
    }


def _words(text: str) -> set[str]:
    """The folded words; Arabic ones also without the particles that are written onto them."""
    words = set(TOKEN.findall(fold(text)))
    bare = {word[len(prefix) :] for word in words for prefix in ARABIC_PREFIXES if word.startswith(prefix)}
    return words | {word for word in bare if len(word) > 2}


def _stands(stem: str, words: set[str]) -> bool:
    return any(word.startswith(stem) for word in words)
