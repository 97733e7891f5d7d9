"""What a short answer means: a button, a number, a label, STOP, START or HELP. Pure."""

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from clinic.messaging.wording.shipped import CONTENT, LANGUAGES, fold, shipped

PAYLOAD = re.compile(r"^([2-9A-Z]{6})\.([a-z]{2,20})$")
NUMBER = re.compile(r"^[\s#(]*(\d)[\s.)!]*$")


@dataclass(frozen=True)
class Keywords:
    stop: frozenset[str]
    ambiguous: frozenset[str]
    start: frozenset[str]
    help: frozenset[str]


@cache
def keywords() -> Keywords:
    data = tomllib.loads((CONTENT / "keywords.toml").read_text(encoding="utf-8"))
    return Keywords(*(frozenset(map(fold, data[name])) for name in ("stop", "ambiguous", "start", "help")))


def only_word(body: str) -> str:
    return fold(body).strip(" .!\"'\n\t")


def button(payload: str) -> tuple[str, str] | None:
    """(message code, choice) of a tapped button."""
    match = PAYLOAD.match(payload.strip())
    return (match[1], match[2]) if match else None


def choice_of(body: str, choices: Sequence[str]) -> str:
    """The choice that a number (in any script's digits) or a label (in any language) names; empty for anything else."""
    digits = "".join(str(unicodedata.digit(ch)) if unicodedata.digit(ch, -1) >= 0 else ch for ch in body)
    if (match := NUMBER.match(digits)) and 1 <= int(match[1]) <= len(choices):
        return choices[int(match[1]) - 1]
    word = only_word(body)
    for code in LANGUAGES:
        labels = shipped(code).choices
        for choice in choices:
            if word == fold(labels[choice]):
                return choice
    return ""
