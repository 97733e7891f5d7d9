"""The words of every message: one data file per language, checked when loaded, filled with listed variables only.

A text may be read on a lock screen by anybody, so none may name a treatment, an area, an answer or a diagnosis.
"""

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation

from clinic.dates import clock, say
from clinic.messaging.kinds import KINDS, SAMPLES
from clinic.people.phones import spaced

CONTENT = Path(__file__).parent / "content"
LANGUAGES = ("en", "tr", "es", "ar")
VARIABLE = re.compile(r"\{([^{}]*)\}")
UNSEEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
LONGEST = 600
ON_LINK = re.compile(r"https?://|www\.|[<>{}\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", re.I)


class BadText(ValueError):
    """A text that may not go out. Names the file, the message and what is wrong with it."""


@dataclass(frozen=True)
class Rendered:
    subject: str
    body: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Text:
    subject: str
    body: str


@dataclass(frozen=True)
class Language:
    texts: Mapping[str, Text]
    choices: Mapping[str, str]


@cache
def language(code: str) -> Language:
    """The texts of one language, checked. Raises BadText for the first that breaks a rule."""
    path = CONTENT / f"messages.{code}.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    texts = {key: Text(entry.get("subject", ""), entry["body"].strip()) for key, entry in data["messages"].items()}
    for key in KINDS.keys() ^ texts.keys():
        raise BadText(f"{path.name}: {key} is {'missing' if key in KINDS else 'no kind of message'}")
    for key, text in texts.items():
        if problem := complaint(key, code, text.body) or complaint(key, code, text.subject):
            raise BadText(f"{path.name}: {key}: {problem}")
    choices = data["choices"]
    for choice in {choice for kind in KINDS.values() for choice in kind.choices} - choices.keys():
        raise BadText(f"{path.name}: choice {choice} has no label")
    return Language(texts, choices)


def complaint(kind: str, code: str, text: str) -> str:
    """Why a text may not be used, or nothing. Also for texts that a clinic edits."""
    names = VARIABLE.findall(text)
    if unknown := sorted(set(names) - KINDS[kind].allowed):
        return f"{{{unknown[0]}}} is not a variable of this message"
    if re.search(r"[{}]", VARIABLE.sub("", text)):
        return "a brace stands alone"
    if word := forbidden_word(code, VARIABLE.sub(" ", text)):
        return f"“{word}” would show on a lock screen"
    return ""


def forbidden_word(code: str, text: str) -> str:
    """The first treatment, area or answer word of any language in the text."""
    plain = f" {fold(text)} "
    for word in _lock_screen_words():
        if re.search(rf"\b{re.escape(word)}", plain):
            return word
    return ""


@cache
def _lock_screen_words() -> tuple[str, ...]:
    data = tomllib.loads((CONTENT / "lock_screen.toml").read_text(encoding="utf-8"))
    return tuple(fold(word) for group in data.values() for words in group.values() for word in words)


def fold(text: str) -> str:
    """Lower case without accents; Turkish dotless and dotted i are one letter; Arabic vowel signs and alef forms are
    levelled.
    """
    import unicodedata

    text = text.replace("İ", "i").replace("I", "i").replace("ı", "i").casefold()
    text = "".join(ch for ch in unicodedata.normalize("NFKD", text) if not unicodedata.combining(ch))
    return text.translate(str.maketrans("أإآٱىة", "ااااية")).replace("ـ", "").replace("’", "'")


def render(kind: str, code: str, facts: Mapping[str, Any]) -> Rendered:
    """Subject and body in one language. Raises KeyError for a variable that the facts do not give."""
    code = code if code in LANGUAGES else "en"
    words = language(code)
    text = words.texts[kind]
    values = variables(code, facts)
    choices = tuple((choice, words.choices[choice]) for choice in KINDS[kind].choices)
    return Rendered(fill(text.subject or "{clinic}", values), fill(text.body, values), choices)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Plain substitution: no attributes, no indices, no format specifications; what is filled in is not read again."""
    return VARIABLE.sub(lambda match: values[match[1]], text)


def template(kind: str, code: str) -> tuple[str, tuple[str, ...]]:
    """The body as the provider's template, its variables numbered in order, the message code last but one."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"{{{{{names.index(match[1]) + 1}}}}}"

    body = VARIABLE.sub(number, language(code).texts[kind].body)
    return f"{body}\n#{{{{{len(names) + 1}}}}}.", (*names, "message_code")


def variables(code: str, facts: Mapping[str, Any]) -> dict[str, str]:
    """Facts as words: instants in the reader's language, paths as whole addresses, anything else on one plain line."""
    values = {"clinic": settings.CLINIC_NAME, "phone": spaced(settings.CLINIC_PHONE), "first_name": ""}
    values |= {
        name: plain(value)
        for name, value in facts.items()
        if name not in {"start", "deadline", "timezone", "link", "text"}
    }
    zone = ZoneInfo(facts.get("timezone", "UTC"))
    if "start" in facts:
        start = _instant(facts["start"], zone)
        values.setdefault("day", day_words(start, code))
        values.setdefault("time", clock(start))
    if "deadline" in facts:
        end = _instant(facts["deadline"], zone)
        values.setdefault("by", f"{day_words(end, code)}, {clock(end)}")
    if "text" in facts:
        values["text"] = own_words(facts["text"])
    if "link" in facts:
        link = str(facts["link"])
        values["link"] = settings.PUBLIC_URL + link if link.startswith("/") else link
    return values


def day_words(moment: dt.datetime, code: str) -> str:
    with translation.override(code):
        return say(moment)


def _instant(value: Any, zone: ZoneInfo) -> dt.datetime:
    moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(zone)


def plain(value: Any) -> str:
    """One line of at most 80 characters in which nobody can smuggle a link or turn the writing direction."""
    return " ".join(ON_LINK.sub(" ", str(value)).split())[:80]


def own_words(value: Any) -> str:
    """What a practitioner wrote, at most 600 characters: its lines stay, what nobody can see goes."""
    lines = (" ".join(line.split()) for line in UNSEEN.sub(" ", str(value).replace("\r\n", "\n")).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:LONGEST]


def first_name(name: str) -> str:
    return plain(name).split(" ")[0][:30] if plain(name) else ""


def sample(kind: str, code: str) -> Rendered:
    """The text with made-up values, for previews and for measuring its length."""
    return render(kind, code, {name: SAMPLES[name] for name in KINDS[kind].allowed})
