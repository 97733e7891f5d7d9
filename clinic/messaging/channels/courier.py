"""The provider's HTTP client, made to tell three things apart: not sent, answered, and nobody knows."""

import ssl
from typing import Any

from requests import Request, Session, exceptions
from requests.utils import get_environ_proxies
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError

from clinic.messaging.channels.punctual import PunctualAdapter

LARGEST_ANSWER = 2_000_000


class NotSent(Exception):
    """The connection was never made, so the request cannot have been taken."""


class Unread(Exception):
    """The request may have been taken, but no answer that can be read came back."""

    def __init__(self, why: str, status: int | None = None) -> None:
        super().__init__(why)
        self.status = status


class Courier(TwilioHttpClient):
    """No retries, no redirects, a timeout for connecting and one for the whole answer.

    `base_url` sends every call to another server instead of the provider's: that is how tests run.
    """

    def __init__(self, *, connect: float, read: float, base_url: str = "", pool: int = 64) -> None:
        super().__init__(max_retries=0)
        self.timeout = (connect, read)
        self.base_url = base_url.rstrip("/")
        self.session = Session()
        self.session.proxies.update(get_environ_proxies(self.base_url or "https://api.twilio.com"))
        self.session.trust_env = False
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, PunctualAdapter(max_retries=0, pool_connections=4, pool_maxsize=pool))

    def request(
        self,
        method: str,
        url: str,
        params: dict | None = None,
        data: dict | None = None,
        headers: dict | None = None,
        auth: tuple[str, str] | None = None,
        timeout: Any = None,
        allow_redirects: bool = False,
    ) -> Response:
        if self.base_url:
            url = self.base_url + "/" + url.split("/", 3)[3]
        body = {"json": data} if (headers or {}).get("Content-Type") == "application/json" else {"data": data}
        prepared = self.session.prepare_request(
            Request(method.upper(), url, params=params, headers=headers, auth=auth, **body)
        )
        try:
            answer = self.session.send(prepared, timeout=self.timeout, allow_redirects=False, stream=True)
        except exceptions.RequestException as problem:
            if _never_connected(problem):
                raise NotSent(type(problem).__name__) from problem
            raise Unread(type(problem).__name__) from problem
        return Response(answer.status_code, _read(answer), answer.headers)


def _never_connected(problem: exceptions.RequestException) -> bool:
    """Only what cannot have happened after the request went out. TLS may break at any time: of its errors only a
    certificate that was not accepted is sure to come before.
    """
    if isinstance(problem, (exceptions.ConnectTimeout, exceptions.ProxyError)):
        return True
    reason = getattr(problem.args[0], "reason", None) if problem.args else None
    if isinstance(reason, SSLError):
        return isinstance(reason.args[0], ssl.SSLCertVerificationError)
    return isinstance(reason, (NewConnectionError, ConnectTimeoutError))


def _read(answer: Any) -> str:
    """The whole body, taken as it comes, up to a size."""
    parts: list[bytes] = []
    size = 0
    try:
        while part := answer.raw.read1(65_536, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > LARGEST_ANSWER:
                raise Unread("too large", answer.status_code)
    except (HTTPError, OSError) as problem:
        answer.close()
        raise Unread(type(problem).__name__, answer.status_code) from problem
    except Unread:
        answer.close()
        raise
    answer.raw.release_conn()
    return b"".join(parts).decode("utf-8", "replace")
