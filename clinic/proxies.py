"""Whom to believe about where a request came from."""

from collections.abc import Callable
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT")
HOUSEHOLD = 64  # bits of an IPv6 address that a network gives to one customer


def is_trusted(address: str) -> bool:
    """Whether this is one of our proxies: TRUSTED_PROXIES lists addresses and networks."""
    return _is_in(address, tuple(settings.TRUSTED_PROXIES))


@cache
def _networks(listed: tuple[str, ...]) -> tuple:
    return tuple(ip_network(one, strict=False) for one in listed)


def _is_in(address: str, listed: tuple[str, ...]) -> bool:
    seen = _read(address)
    return seen is not None and any(seen in network for network in _networks(listed))


def _read(address: str) -> IPv4Address | IPv6Address | None:
    """An IPv4 address that a socket for both kinds shows as IPv6 is read as what it is."""
    try:
        seen = ip_address(address)
    except ValueError:
        return None
    return getattr(seen, "ipv4_mapped", None) or seen


def address_of(request: HttpRequest) -> str:
    """Who asks, as the limits count them: of what proxies wrote down, the last address that is not itself a proxy of ours.
    Of IPv6 the first half: whoever has one address has all with the same.
    """
    address = request.META.get("REMOTE_ADDR", "")
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    while is_trusted(address) and forwarded:
        address = forwarded.pop()
    seen = _read(address)
    if isinstance(seen, IPv6Address):
        return f"{IPv6Address(int(seen) >> HOUSEHOLD << HOUSEHOLD)}/{HOUSEHOLD}"
    return str(seen or address)


class ForwardedMiddleware:
    """Forgets what a stranger says was forwarded, before anything reads it: whether it was https, for one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_trusted(request.META.get("REMOTE_ADDR", "")):
            for name in FORWARDED:
                request.META.pop(name, None)
        return self.get_response(request)
