"""Browsers and programs without a browser: what they send to a real web server, and what they were told."""

import json
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.test import Client

from clinic.people.models import User

CSRF = "a" * 32


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    location: str

    @property
    def document(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass
class Visitor:
    """One browser at one address; `cookies` go with every request and are never changed by an answer."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    def submit(self, path: str, **form: Any) -> Answer:
        """A page's form, with its CSRF token."""
        body = urlencode(form | {"csrfmiddlewaretoken": CSRF}, doseq=True)
        return self._send("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def call(self, method: str, path: str, body: Any = None, *, token: str = "", **headers: str) -> Answer:
        """The API."""
        known = {"Authorization": f"Bearer {token}"} if token else {}
        sent = {"Content-Type": "application/json"} | known | headers
        return self._send(method, f"/api/v1{path}", json.dumps(body or {}), sent)

    def get(self, path: str) -> Answer:
        return self._send("GET", path, None, {})

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        web = HTTPConnection(urlsplit(self.address).netloc, timeout=60)
        cookies = self.cookies | {"csrf": CSRF}
        headers |= {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        try:
            web.request(method, path, body, headers)
            answer = web.getresponse()
            return Answer(answer.status, answer.read().decode(), answer.getheader("Location") or "")
        finally:
            web.close()


def at_the_desk(address: str) -> Visitor:
    """Somebody of the front desk who is signed in."""
    client = Client()
    user, _ = User.objects.get_or_create(email="desk@clinic.example", defaults={"name": "Desk", "role": "desk"})
    client.force_login(user)
    return Visitor(address, {"session": client.cookies["session"].value})
