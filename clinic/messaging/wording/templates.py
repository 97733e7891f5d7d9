"""What WhatsApp is asked to approve, and which approved wording a message is sent with. Reads only.

Outside 24 hours of somebody's last word WhatsApp takes nothing but an approved template. A changed text needs a new
approval; until then the latest approved wording of the same kind goes on being used.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from clinic.messaging import limits
from clinic.messaging.kinds import KINDS, SAMPLES
from clinic.messaging.models import Standing, Template
from clinic.messaging.wording import texts
from clinic.messaging.wording.editions import KEPT, TEMPLATES, text_in_force
from clinic.messaging.wording.shipped import shipped

LONGEST_BUTTON = 25  # what WhatsApp allows on a quick reply
SAMPLE_CODE = "K7M2QX"
CODE = "message_code"


@dataclass(frozen=True)
class Wording:
    """One text as a template. `body` is the text with {names}; `numbered` the same as the provider wants it."""

    kind: str
    language: str
    body: str
    numbered: str
    names: tuple[str, ...]
    buttons: tuple[tuple[str, str], ...]

    @property
    def hash(self) -> str:
        """Of everything in it: a change of a button's label is a change of the template."""
        told = json.dumps([self.kind, self.language, self.numbered, self.names, self.buttons], ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    @property
    def name(self) -> str:
        """By which it is found again at the provider; also WhatsApp's name for it: lower case, digits, underscores."""
        return f"{self.kind}_{self.language}_{self.hash}"

    def content(self) -> dict[str, Any]:
        """The body of the provider's request. A button's payload carries the message's code, as a number."""
        samples = {**SAMPLES, CODE: SAMPLE_CODE}
        kinds: dict[str, Any] = {"twilio/text": {"body": self.numbered}}
        if self.buttons:
            code = f"{{{{{len(self.names)}}}}}"
            actions = [{"type": "QUICK_REPLY", "title": label, "id": f"{code}.{one}"} for one, label in self.buttons]
            kinds = {"twilio/quick-reply": {"body": self.numbered, "actions": actions}}
        return {
            "friendly_name": self.name,
            "language": self.language,
            "variables": {str(number): samples[name] for number, name in enumerate(self.names, 1)},
            "types": kinds,
        }


@dataclass(frozen=True)
class Approved:
    """An approved template filled for one message; `body` is what the person will read."""

    sid: str
    variables: Mapping[str, str]
    body: str


def wording(kind: str, language: str) -> Wording:
    """The text in force as a template."""
    return _wording(kind, language, text_in_force(kind, language).body)


@lru_cache(maxsize=512)
def _wording(kind: str, language: str, body: str) -> Wording:
    numbered, names = texts.as_template(body)
    labels = shipped(language).choices
    return Wording(kind, language, body, numbered, names, tuple((one, labels[one]) for one in KINDS[kind].choices))


def choose(kind: str, language: str, values: Mapping[str, str]) -> Approved | None:
    """The approved template to send this with: of the text in force, else the latest earlier one that can be filled."""
    now = wording(kind, language).hash
    rows = sorted(_approved().get((kind, language), ()), key=lambda row: row.body_hash != now)
    for row in rows:
        if set(row.variables) <= values.keys():
            numbered = {str(number): values[name] for number, name in enumerate(row.variables, 1)}
            return Approved(row.content_sid, numbered, texts.fill(row.body, values))
    return None


def _approved() -> Mapping[tuple[str, str], tuple[Template, ...]]:
    return limits.remembered(TEMPLATES, _read_approved, fresh=None, seconds=KEPT)


def _read_approved() -> dict[tuple[str, str], tuple[Template, ...]]:
    """Newest first."""
    found: dict[tuple[str, str], tuple[Template, ...]] = {}
    for row in Template.objects.filter(status=Standing.APPROVED).order_by("-id"):
        key = row.kind, row.language
        found[key] = (*found.get(key, ()), row)
    return found
