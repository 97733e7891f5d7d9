"""What a short answer means: a button, a number, a label, STOP, START or HELP. Pure."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from clinic.messaging.models import Attached
from clinic.messaging.wording.shipped import CONTENT, LANGUAGES, fold, shipped

PAYLOAD = re.compile(r"^([2-9A-Z]{6})\.([a-z]{2,20})$")
AROUND = re.compile(r"^[^\w?؟]+|[^\w?؟]+$")
SEEN = {"image": Attached.PHOTO, "audio": Attached.VOICE, "video": Attached.VIDEO}


@dataclass(frozen=True)
class Keywords:
    stop: frozenset[str]
    ambiguous: frozenset[str]
    start: frozenset[str]
    help: frozenset[str]
    choices: Mapping[str, frozenset[str]]


@cache
def keywords() -> Keywords:
    data = tomllib.loads((CONTENT / "keywords.toml").read_text(encoding="utf-8"))
    lists = (frozenset(map(only_word, data[name])) for name in ("stop", "ambiguous", "start", "help"))
    said = {choice: frozenset(map(only_word, words)) for choice, words in data["choices"].items()}
    return Keywords(*lists, said)


def only_word(body: str) -> str:
    """Folded, without what stands around it: stops, brackets, emoji. A question mark stays: it is no answer."""
    return AROUND.sub("", fold(body))


def button(payload: str) -> tuple[str, str] | None:
    """(message code, choice) of a tapped button."""
    match = PAYLOAD.match(payload.strip())
    return (match[1], match[2]) if match else None


def attached_in(fields: Mapping[str, str]) -> str:
    """What came along with the words, in the provider's field names."""
    if fields.get("NumMedia", "0") not in ("", "0"):
        return SEEN.get(fields.get("MediaContentType0", "").partition("/")[0], Attached.FILE)
    return Attached.PLACE if fields.get("Latitude") else Attached.NOTHING


def choice_of(body: str, choices: Sequence[str], *, labels_only: bool = False) -> str:
    """The choice that a number (in any script's digits), a yes or no, or a label (in any language) names; empty for
    anything else. ``labels_only``: a number or a yes may be meant for another question.
    """
    word = only_word(body)
    if not labels_only:
        number = unicodedata.digit(word, 0) if len(word) == 1 else 0
        if 1 <= number <= len(choices):
            return choices[number - 1]
        for choice in choices:
            if word in keywords().choices.get(choice, ()):
                return choice
    for code in LANGUAGES:
        labels = shipped(code).choices
        for choice in choices:
            if word == fold(labels[choice]):
                return choice
    return ""
