"""A Twilio over HTTP that times out, drops and lies, and keeps its own log: the log is what tests judge by.

Each POST is answered by the first behaviour that `behave(to, number)` returns, `number` counting the POSTs so far.
"""

import base64
import contextlib
import json
import random
import secrets
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from twilio.request_validator import RequestValidator

from tests.faults.fake_content import FakeContent

ACCOUNT, TOKEN = "AC" + "0" * 32, "t" * 32
KNOWN = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
BEHAVIOURS = (
    "201",
    "201_html",
    "201_then_gone",
    "400",
    "21610",
    "429",
    "500_made",
    "500",
    "drop_made",
    "drop",
    "hang_made",
    "hang",
    "trickle",
    "401",
    "403",
    "403_region",
    "404",
)
MAKES = {"201", "201_html", "201_then_gone", "500_made", "drop_made", "hang_made", "trickle"}


@dataclass
class Made:
    sid: str
    to: str
    sender: str
    body: str
    callback: str
    fields: dict[str, str]
    at: datetime
    status: str = "queued"


@dataclass
class FakeProvider:
    behave: Callable[[str, int], str] = lambda _to, _number: "201"
    latency: float = 0.0
    hang_seconds: float = 3.0
    callbacks: tuple[str, ...] = ()
    lose: float = 0.0
    double: float = 0.0
    before_response: float = 0.0
    made: list[Made] = field(default_factory=list)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    posts: list[tuple[str, str]] = field(default_factory=list)
    content: FakeContent = field(default_factory=FakeContent)

    def __enter__(self) -> "FakeProvider":
        self.lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"fake": self})
        self.server = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_problem) -> None:
        self.server.shutdown()
        self.server.server_close()

    def make(self, fields: dict[str, str]) -> Made:
        body = fields.get("Body") or _template_body(fields)
        made = Made(
            "SM" + secrets.token_hex(16),
            fields["To"],
            fields.get("From", ""),
            body,
            fields.get("StatusCallback", ""),
            fields,
            self.clock(),
        )
        with self.lock:
            self.made.append(made)
        return made

    def call_back(self, made: Made, status: str, *, token: str = TOKEN, error: str = "") -> int:
        """One status callback, signed as the provider signs; returns the HTTP status it got."""
        made.status = status
        fields = {
            "MessageSid": made.sid,
            "MessageStatus": status,
            "To": made.to,
            "AccountSid": ACCOUNT,
            "ApiVersion": "2010-04-01",
            "SomethingNew": "1",
            **({"ErrorCode": error} if error else {}),
        }
        return post_signed(made.callback, fields, token=token)

    def call_back_all(self, made: Made) -> None:
        for status in self.callbacks:
            if random.random() < self.lose:
                continue
            for _again in range(2 if random.random() < self.double else 1):
                try:
                    self.call_back(made, status)
                except OSError:
                    return


def post_signed(address: str, fields: dict[str, str], *, token: str = TOKEN, signed_for: str = "") -> int:
    request = urllib.request.Request(address, data=urllib.parse.urlencode(fields).encode())
    request.add_header("X-Twilio-Signature", RequestValidator(token).compute_signature(signed_for or address, fields))
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as problem:
        return problem.code


def _template_body(fields: dict[str, str]) -> str:
    values = json.loads(fields.get("ContentVariables", "{}"))
    return " ".join(values.values()) + (f"\n#{values[max(values, key=int)]}." if values else "")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address) -> None:
        """Clients are killed in the middle of requests: that is the point, not news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    fake: FakeProvider

    def do_POST(self) -> None:
        answers_at = time.monotonic() + self.fake.latency
        raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path.startswith("/v1/Content"):
            with self.fake.lock:
                behaviour, made = self.fake.content.post(self.path, json.loads(raw))
            self._answer(behaviour, made)
            return
        fields = dict(urllib.parse.parse_qsl(raw))
        with self.fake.lock:
            number = len(self.fake.posts)
            behaviour = self.fake.behave(fields["To"], number)
            self.fake.posts.append((behaviour, fields["To"]))
        made = self.fake.make(fields) if behaviour in MAKES else None
        if made and self.fake.callbacks and random.random() < self.fake.before_response:
            self.fake.call_back_all(made)
        elif made and self.fake.callbacks:
            threading.Timer(0.05, self.fake.call_back_all, [made]).start()
        time.sleep(max(0.0, answers_at - time.monotonic()))
        self._answer(behaviour, made)

    def do_GET(self) -> None:
        if self.headers.get("Authorization") != KNOWN:
            self._send(401, {"code": 20003, "message": "Authenticate", "status": 401})
            return
        if self.path.startswith("/v1/Content"):
            with self.fake.lock:
                behaviour, found = self.fake.content.get(self.path, "https://content.twilio.com")
            self._answer(behaviour, found)
            return
        parts = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(parts.query))
        with self.fake.lock:
            everything = list(self.fake.made)
        if "/Messages/" in parts.path:
            sid = parts.path.rsplit("/", 1)[1].removesuffix(".json")
            found = [made for made in everything if made.sid == sid]
            self._send(200 if found else 404, _message(found[0]) if found else {"code": 20404, "message": "none"})
        else:
            found = [made for made in reversed(everything) if made.to == query.get("To", made.to)][:100]
            self._send(200, {"messages": [_message(made) for made in found], "uri": self.path, "next_page_uri": None})

    def _answer(self, behaviour: str, made: Made | dict | None) -> None:
        match behaviour:
            case "201":
                self._send(201, made if isinstance(made, dict) else _message(made))
            case "200":
                self._send(200, made)
            case "404":
                self._send(404, {"code": 20404, "message": "none", "status": 404})
            case "content_400":
                self._send(400, {"code": 92009, "message": "invalid body", "status": 400})
            case "201_html":
                self._raw(201, b"<html>gateway says hello</html>", "text/html")
            case "201_then_gone":
                self.send_response(201)
                self.send_header("Content-Length", "900")
                self.end_headers()
                self.wfile.write(b'{"sid": "')
                self._drop()
            case "400":
                self._send(400, {"code": 21211, "message": "invalid To", "status": 400})
            case "21610":
                self._send(400, {"code": 21610, "message": "unsubscribed", "status": 400})
            case "401":
                self._send(401, {"code": 20003, "message": "Authenticate", "status": 401})
            case "403":
                self._send(403, {"code": 20005, "message": "Account not active", "status": 403})
            case "403_region":
                self._send(403, {"code": 21408, "message": "Permission for the region not enabled", "status": 403})
            case "404":
                self._send(404, {"code": 20404, "message": "The requested resource was not found", "status": 404})
            case "429":
                self._send(429, {"code": 20429, "message": "Too Many Requests", "status": 429})
            case "500" | "500_made":
                self._raw(500, b"oops", "text/plain")
            case "drop" | "drop_made":
                self._drop()
            case "hang" | "hang_made":
                time.sleep(self.fake.hang_seconds)
                self._drop()
            case "trickle":
                self.send_response(201)
                self.send_header("Content-Type", "application/json")
                self.send_header("Connection", "close")
                self.end_headers()
                try:
                    for _tick in range(200):
                        self.wfile.write(b" ")
                        self.wfile.flush()
                        time.sleep(0.1)
                except OSError:
                    pass
                self._drop()

    def _send(self, status: int, body: dict) -> None:
        self._raw(status, json.dumps(body).encode(), "application/json")

    def _raw(self, status: int, body: bytes, kind: str) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def _drop(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_line) -> None:
        pass


def _message(made: Made) -> dict:
    when = format_datetime(made.at)
    return {
        "sid": made.sid,
        "to": made.to,
        "from": made.sender,
        "body": made.body,
        "status": made.status,
        "date_created": when,
        "date_updated": when,
        "date_sent": None,
        "error_code": None,
        "error_message": None,
        "num_segments": "1",
        "num_media": "0",
        "direction": "outbound-api",
        "price": None,
        "price_unit": "USD",
        "account_sid": ACCOUNT,
        "api_version": "2010-04-01",
        "messaging_service_sid": None,
        "uri": "",
        "subresource_uris": {},
    }
