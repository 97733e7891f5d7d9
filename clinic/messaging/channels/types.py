"""What goes to an adapter and what comes back. Plain values."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Result(StrEnum):
    ACCEPTED = "accepted"
    RETRY = "retry"  # known not to have been taken: later again
    PAUSED = "paused"  # our credentials were refused: nobody's attempt
    SUPPRESSED = "suppressed"  # the person opted out at the provider
    FAILED = "failed"  # refused for good
    UNKNOWN = "unknown"  # nobody saw the outcome


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """`buttons` are (payload, label). `template` is the kind whose approved template must be used, when it must; then
    `content_sid` and `content_variables` are that template, or empty where none is approved.
    """

    attempt_id: uuid.UUID
    channel: str
    to: str
    body: str
    code: str
    language: str
    subject: str = ""
    buttons: tuple[tuple[str, str], ...] = ()
    template: str = ""
    content_sid: str = ""
    content_variables: Mapping[str, str] = field(default_factory=dict)
    seconds_left: int = 3600


@dataclass(frozen=True, kw_only=True)
class Outcome:
    result: Result
    http_status: int | None = None
    provider_id: str | None = None
    provider_status: str = ""
    error_code: str = ""


@dataclass(frozen=True, kw_only=True)
class Found:
    provider_id: str
    status: str
    body: str = ""
    created_at: dt.datetime | None = None
    error_code: str = ""


def marked(body: str, code: str) -> str:
    """The text as it is sent: with the short code by which it can be found at the provider."""
    return f"{body}\n{mark(code)}"


def mark(code: str) -> str:
    return f"#{code}."
