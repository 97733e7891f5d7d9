"""What a text looks like on a phone and what it costs as SMS, with values as a real message has them."""

import datetime as dt
import unicodedata
from dataclasses import dataclass

from django.conf import settings

from clinic.messaging.channels.types import marked
from clinic.messaging.kinds import KINDS, SAMPLES
from clinic.messaging.wording import texts
from clinic.messaging.wording.segments import Length, beyond_gsm7, measure
from clinic.messaging.wording.shipped import VARIABLE, Text, shipped
from clinic.messaging.wording.templates import SAMPLE_CODE

FEW = 3  # so many characters are likely a slip of the keyboard, not the language's own letters
SHOWN = 12
MOMENT = "2027-05-12T10:30:00+00:00"


@dataclass(frozen=True)
class Odd:
    """A character that makes the text cost more."""

    character: str
    code: str


@dataclass(frozen=True)
class Preview:
    subject: str
    body: str
    choices: tuple[str, ...]
    length: Length
    odd: tuple[Odd, ...]
    plain: Length  # what it would cost without the odd characters

    @property
    def slip(self) -> bool:
        return 0 < len(self.odd) <= FEW


def sample_values(kind: str, language: str) -> dict[str, str]:
    """Made-up values as long as real ones, in the text's language."""
    facts = {name: SAMPLES[name] for name in KINDS[kind].allowed - {"day", "time", "by", "link", "clinic", "phone"}}
    given = {"start": MOMENT, "deadline": (dt.datetime.fromisoformat(MOMENT) - dt.timedelta(days=1)).isoformat()}
    zone = {"timezone": "UTC", "link": "/b/" + "Ab3" * 14 + "x/"}
    values = texts.variables(language, facts | given | zone)
    return {name: values[name] for name in KINDS[kind].allowed} | {"emergency": settings.EMERGENCY_NUMBER}


def preview(kind: str, language: str, text: Text) -> Preview:
    """Of any text, also one that may not be used: what cannot be filled stays as it is typed."""
    values = sample_values(kind, language)

    def fill(words: str) -> str:
        return VARIABLE.sub(lambda match: values.get(match[1], match[0]), words)

    body = fill(text.body)
    sent = marked(body, SAMPLE_CODE)
    odd = beyond_gsm7(sent)
    labels = shipped(language).choices
    return Preview(
        subject=fill(text.subject),
        body=body,
        choices=tuple(labels[choice] for choice in KINDS[kind].choices),
        length=measure(sent),
        odd=tuple(Odd(ch, _named(ch)) for ch in odd[:SHOWN]),
        plain=measure("".join("x" if ch in odd else ch for ch in sent)),
    )


def _named(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, '').lower()}".strip()
