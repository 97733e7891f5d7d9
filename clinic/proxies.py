"""Whom to believe about where a request came from."""

from collections.abc import Callable
from functools import cache
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT")


def is_trusted(address: str) -> bool:
    """Whether this is one of our proxies: TRUSTED_PROXIES lists addresses and networks."""
    return _is_in(address, tuple(settings.TRUSTED_PROXIES))


@cache
def _networks(listed: tuple[str, ...]) -> tuple:
    return tuple(ip_network(one, strict=False) for one in listed)


def _is_in(address: str, listed: tuple[str, ...]) -> bool:
    try:
        seen = ip_address(address)
    except ValueError:
        return False
    return any(seen in network for network in _networks(listed))


def address_of(request: HttpRequest) -> str:
    """The client's address: of what proxies wrote down, the last one that is not itself a proxy of ours."""
    address = request.META.get("REMOTE_ADDR", "")
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    while is_trusted(address) and forwarded:
        address = forwarded.pop()
    return address


class ForwardedMiddleware:
    """Forgets what a stranger says was forwarded, before anything reads it: whether it was https, for one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_trusted(request.META.get("REMOTE_ADDR", "")):
            for name in FORWARDED:
                request.META.pop(name, None)
        return self.get_response(request)
