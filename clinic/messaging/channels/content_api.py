"""Twilio's Content API: making a template, submitting it to WhatsApp, and asking how templates stand.

Plain JSON through the official client. Creating is not idempotent, so the caller must be told when nobody saw the outcome.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from clinic.messaging.channels.courier import NotSent, Unread
from clinic.messaging.channels.twilio_api import BAD_CREDENTIALS, client

BASE = "https://content.twilio.com/v1"
JSON = {"Content-Type": "application/json", "Accept": "application/json"}
PAGE, MOST_PAGES = 100, 50


class Away(Exception):
    """Not taken: no connection was made, or it is too busy. Later again."""


class Unclear(Exception):
    """It may have been taken: nobody saw the answer."""


class BadCredentials(Exception):
    """Our account and token are not accepted."""


class Refused(Exception):
    """Refused for good, with the provider's code and words."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(code)
        self.code, self.words = code, words


@dataclass(frozen=True)
class Known:
    """A template as the provider has it. `status` is WhatsApp's word, empty where it was never submitted."""

    sid: str
    name: str
    status: str = ""
    reason: str = ""


def create(content: Mapping[str, Any]) -> str:
    """Makes a template and returns its SID."""
    sid = _call("POST", "/Content", content).get("sid")
    if not sid:
        raise Unclear
    return str(sid)


def submit(sid: str, *, name: str, category: str = "UTILITY") -> str:
    """Submits it to WhatsApp; returns the status."""
    answer = _call("POST", f"/Content/{sid}/ApprovalRequests/whatsapp", {"name": name, "category": category})
    return str(answer.get("status") or "received")


def standing(sid: str) -> Known:
    asked = _call("GET", f"/Content/{sid}/ApprovalRequests").get("whatsapp") or {}
    return Known(
        sid, str(asked.get("name") or ""), str(asked.get("status") or ""), str(asked.get("rejection_reason") or "")
    )


def every() -> Iterator[Known]:
    """All templates of the account, page by page."""
    url: str | None = f"{BASE}/ContentAndApprovals?PageSize={PAGE}"
    for _page in range(MOST_PAGES):
        answer = _call("GET", url)
        for one in answer.get("contents") or ():
            asked = one.get("approval_requests") or {}
            yield Known(
                str(one["sid"]), str(one.get("friendly_name") or ""), str(asked.get("status") or ""),
                str(asked.get("rejection_reason") or ""),
            )  # fmt: skip
        url = (answer.get("meta") or {}).get("next_page_url")
        if not url:
            return
    raise Away  # more than we are ready to read: better to know nothing than half


def _call(method: str, path: str, data: Mapping[str, Any] | None = None) -> dict[str, Any]:
    url = path if path.startswith("https://") else BASE + path
    try:
        answer = client().request(method, url, data=dict(data) if data else None, headers=JSON if data else {})
    except NotSent as problem:
        raise Away from problem
    except Unread as problem:
        raise (Unclear if method == "POST" else Away) from problem
    return _read(method, answer.status_code, answer.text)


def _read(method: str, status: int, text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    if 200 <= status < 300 and isinstance(body, dict):
        return body
    code = str((body or {}).get("code") or status) if isinstance(body, dict) or body is None else str(status)
    if status == 401 or code == BAD_CREDENTIALS:
        raise BadCredentials
    if status == 429:
        raise Away
    if 400 <= status < 500 and status != 408:
        raise Refused(code, str(body.get("message") or "")[:300] if isinstance(body, dict) else "")
    raise Unclear if method == "POST" else Away
