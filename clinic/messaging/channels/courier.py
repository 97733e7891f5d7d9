"""The provider's HTTP client, made to tell three things apart: not sent, answered, and nobody knows."""

import json
import logging
from typing import Any
from urllib.parse import urlencode
from urllib.request import getproxies, proxy_bypass

import certifi
from twilio.http import HttpClient
from twilio.http.response import Response
from urllib3 import PoolManager, ProxyManager, Timeout
from urllib3.exceptions import HTTPError
from urllib3.util import make_headers, parse_url

from clinic.messaging.channels.punctual import NeverConnected, punctual

log = logging.getLogger(__name__)

LARGEST_ANSWER = 2_000_000
PROVIDER = "https://api.twilio.com"


class NotSent(Exception):
    """The connection was never made, so the request cannot have been taken."""


class Unread(Exception):
    """The request may have been taken, but no answer that can be read came back."""

    def __init__(self, why: str, status: int | None = None) -> None:
        super().__init__(why)
        self.status = status


class Courier(HttpClient):
    """No retries, no redirects, a timeout for connecting and one for the whole answer, both in seconds.

    `base_url` sends every call to another server instead of the provider's: that is how tests run. `trusted` is a file
    with the certificates that are believed.
    """

    def __init__(
        self, *, connect: float, read: float, base_url: str = "", pool: int = 64, trusted: str = certifi.where()
    ) -> None:
        super().__init__(log, is_async=False)
        self.timeout = Timeout(connect=connect, read=read)
        self.base_url = base_url.rstrip("/")
        size = {"num_pools": 4, "maxsize": pool, "ca_certs": trusted}
        proxy = _proxy_to(self.base_url or PROVIDER)
        self.pools = punctual(
            ProxyManager(proxy, proxy_headers=_known_to(proxy), **size) if proxy else PoolManager(**size)
        )

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
        headers = dict(headers or {}) | make_headers(accept_encoding=True, basic_auth=":".join(auth) if auth else None)
        if self.base_url:
            url = self.base_url + "/" + url.split("/", 3)[3]
        if params:
            url = f"{url}?{_form(params)}"
        body = None
        if data and headers.get("Content-Type") == "application/json":
            body = json.dumps(data)
        elif data:
            body, headers["Content-Type"] = _form(data), "application/x-www-form-urlencoded"
        try:
            answer = self.pools.request(
                method.upper(), url, body=body, headers=headers, timeout=self.timeout, retries=False, redirect=False,
                preload_content=False,
            )  # fmt: skip
        except NeverConnected as problem:
            raise NotSent(str(problem)) from problem
        except HTTPError as problem:
            raise Unread(type(problem).__name__) from problem
        return Response(answer.status, _read(answer), answer.headers)


def _form(fields: dict) -> str:
    return urlencode({name: value for name, value in fields.items() if value is not None}, doseq=True)


def _proxy_to(url: str) -> str:
    """The one that the environment names for this address, empty where there is none."""
    at = parse_url(url)
    return "" if proxy_bypass(at.netloc or "") else getproxies().get(at.scheme or "", "")


def _known_to(proxy: str) -> dict[str, str]:
    """Who we are to a proxy, where its address says so."""
    auth = parse_url(proxy).auth
    return make_headers(proxy_basic_auth=auth) if auth else {}


def _read(answer: Any) -> str:
    """The whole body, taken as it comes, up to a size."""
    parts: list[bytes] = []
    size = 0
    try:
        while part := answer.read1(65_536, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > LARGEST_ANSWER:
                raise Unread("too large", answer.status)
    except (HTTPError, OSError) as problem:
        answer.close()
        raise Unread(type(problem).__name__, answer.status) from problem
    except Unread:
        answer.close()
        raise
    answer.release_conn()
    return b"".join(parts).decode("utf-8", "replace")
