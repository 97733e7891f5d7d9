"""The texts that are shipped: one data file per language, checked when loaded. The clinic's own stand in `editions`.

A text may be read on a lock screen by anybody, so none may name a treatment, an area, an answer or a diagnosis.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from clinic.messaging.kinds import KINDS

CONTENT = Path(__file__).parent.parent / "content"
LANGUAGES = ("en", "tr", "es", "ar")
LONGEST_LABEL = 20
"""Characters on a WhatsApp quick-reply button."""
VARIABLE = re.compile(r"\{([^{}]*)\}")


class BadText(ValueError):
    """A text that may not go out. Names the file, the message and what is wrong with it."""


@dataclass(frozen=True)
class Text:
    subject: str
    body: str


@dataclass(frozen=True)
class Language:
    texts: Mapping[str, Text]
    choices: Mapping[str, str]


@cache
def shipped(code: str) -> Language:
    """The texts of one language, checked. Raises BadText for the first that breaks a rule."""
    path = CONTENT / f"messages.{code}.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    texts = {key: Text(entry.get("subject", ""), entry["body"].strip()) for key, entry in data["messages"].items()}
    for key in KINDS.keys() ^ texts.keys():
        raise BadText(f"{path.name}: {key} is {'missing' if key in KINDS else 'no kind of message'}")
    for key, text in texts.items():
        if problem := complaint(key, text.body) or complaint(key, text.subject):
            raise BadText(f"{path.name}: {key}: {problem}")
    choices = data["choices"]
    for choice in {choice for kind in KINDS.values() for choice in kind.choices} - choices.keys():
        raise BadText(f"{path.name}: choice {choice} has no label")
    for choice, label in choices.items():
        if len(label) > LONGEST_LABEL:
            raise BadText(f"{path.name}: choice {choice}: a button takes {LONGEST_LABEL} characters, not {len(label)}")
    return Language(texts, choices)


def complaint(kind: str, text: str) -> str:
    """Why a text may not be used, or nothing. Also for texts that a clinic edits."""
    names = VARIABLE.findall(text)
    if unknown := sorted(set(names) - KINDS[kind].allowed):
        return f"{{{unknown[0]}}} is not a variable of this message"
    if re.search(r"[{}]", VARIABLE.sub("", text)):
        return "a brace stands alone"
    if word := forbidden_word(VARIABLE.sub(" ", text)):
        return f"“{word}” would show on a lock screen"
    return ""


def forbidden_word(text: str, *, names: Iterable[str] = ()) -> str:
    """The first treatment, area or answer word of any language in the text. `names` give nothing away."""
    plain = fold(text)
    if but := "|".join(re.escape(fold(name)) for name in sorted(names, key=len, reverse=True) if name.strip()):
        plain = re.sub(rf"\b(?:{but})\b", " ", plain)
    words, harmless = _lock_screen_words()
    found = words.search(harmless.sub(" ", plain))
    return found[1] if found else ""


@cache
def _lock_screen_words() -> tuple[re.Pattern, re.Pattern]:
    """By their beginnings: what gives health away, and what only begins like that."""
    data = tomllib.loads((CONTENT / "lock_screen.toml").read_text(encoding="utf-8"))
    harmless = data.pop("harmless")
    return _beginning(list(data.values())), re.compile(_beginning([harmless]).pattern + r"\w*")


def _beginning(groups: list[Mapping[str, list[str]]]) -> re.Pattern:
    """Arabic writes "and", "with", "for" and "the" as one word with what follows."""
    words = [fold(word) for group in groups for listed in group.values() for word in listed]
    any_of = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"\b(?:[وف]?[بكل]?(?:ال|ل)?)({any_of})")


def fold(text: str) -> str:
    """Lower case without accents; Turkish dotless and dotted i are one letter; Arabic vowel signs, alef forms and
    the two endings that are written for each other are levelled.
    """
    text = text.replace("İ", "i").replace("I", "i").replace("ı", "i").casefold()
    text = "".join(ch for ch in unicodedata.normalize("NFKD", text) if not unicodedata.combining(ch))
    return text.translate(str.maketrans("أإآٱىة", "اااايه")).replace("ـ", "").replace("’", "'")
