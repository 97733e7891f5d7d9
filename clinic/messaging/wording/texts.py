"""The words of every message as they are now: what the clinic wrote, else what is shipped, filled with listed variables."""

import datetime as dt
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation

from clinic.dates import clock, say
from clinic.messaging.kinds import KINDS, SAMPLES
from clinic.messaging.wording.editions import text_in_force
from clinic.messaging.wording.rules import LONGEST, clean
from clinic.messaging.wording.shipped import LANGUAGES, VARIABLE, Language, Text, shipped
from clinic.people.phones import spaced

log = logging.getLogger(__name__)
FROM_THE_RIGHT, LEFT_TO_RIGHT = ("ar",), "\u200e"
ON_LINK = re.compile(r"https?://|www\.|[<>{}\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", re.I)


@dataclass(frozen=True)
class Rendered:
    subject: str
    body: str
    choices: tuple[tuple[str, str], ...]


def known(code: str) -> str:
    """The language itself where we have texts in it, else English."""
    return code if code in LANGUAGES else "en"


def language(code: str) -> Language:
    """Every text of one language as it is now."""
    given = shipped(code)
    return Language({kind: text_in_force(kind, code) for kind in given.texts}, given.choices)


def render(kind: str, code: str, facts: Mapping[str, Any]) -> Rendered:
    """Subject and body in one language. Raises KeyError for a variable that the facts do not give.

    A text of the clinic's that cannot be filled gives way to the shipped one: a message is never stopped by it.
    """
    code = known(code)
    values = variables(code, facts)
    text, given = text_in_force(kind, code), shipped(code)
    try:
        filled = _filled(text, values)
    except KeyError:
        if text is given.texts[kind]:
            raise
        log.error("the clinic's own text %s (%s) cannot be filled; the shipped one is sent", kind, code)
        filled = _filled(given.texts[kind], values)
    choices = tuple((choice, given.choices[choice]) for choice in KINDS[kind].choices)
    return Rendered(*filled, choices)


def _filled(text: Text, values: Mapping[str, str]) -> tuple[str, str]:
    return fill(text.subject or "{clinic}", values), fill(text.body, values)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Plain substitution: no attributes, no indices, no format specifications; what is filled in is not read again."""
    return VARIABLE.sub(lambda match: values[match[1]], text)


def as_template(text: str) -> tuple[str, tuple[str, ...]]:
    """A body with its variables numbered in order, the message code last but one."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"{{{{{names.index(match[1]) + 1}}}}}"

    body = VARIABLE.sub(number, text)
    return f"{body}\n#{{{{{len(names) + 1}}}}}.", (*names, "message_code")


def variables(code: str, facts: Mapping[str, Any]) -> dict[str, str]:
    """Facts as words: instants in the reader's language, paths as whole addresses, anything else on one plain line."""
    values = {"clinic": settings.CLINIC_NAME, "phone": _phone(code), "first_name": ""}
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


def _phone(code: str) -> str:
    """Among words written from the right, groups of digits would stand in reverse: the mark makes them one from the left."""
    return LEFT_TO_RIGHT * (code in FROM_THE_RIGHT) + spaced(settings.CLINIC_PHONE)


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
    return clean(str(value))[:LONGEST]


def first_name(name: str) -> str:
    return plain(name).split(" ")[0][:30] if plain(name) else ""


def sample(kind: str, code: str) -> Rendered:
    """The text with made-up values, for previews and for measuring its length."""
    return render(kind, code, {name: SAMPLES[name] for name in KINDS[kind].allowed})
