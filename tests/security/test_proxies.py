"""Only a proxy of ours is believed about where a request came from."""

import pytest
from django.test import RequestFactory

from clinic.messaging import caps
from clinic.people.codes import PER_ADDRESS
from clinic.proxies import ForwardedMiddleware, address_of

SAID = {"HTTP_X_FORWARDED_FOR": "198.51.100.7, 203.0.113.9", "HTTP_X_FORWARDED_PROTO": "https"}


def seen(settings, trusted, remote, said=SAID["HTTP_X_FORWARDED_FOR"]):
    settings.TRUSTED_PROXIES = trusted
    request = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=said)
    return address_of(request)


@pytest.mark.parametrize(
    ("trusted", "remote", "address"),
    [
        ([], "192.0.2.1", "192.0.2.1"),
        (["192.0.2.1"], "192.0.2.2", "192.0.2.2"),
        (["192.0.2.1"], "192.0.2.1", "203.0.113.9"),
        (["192.0.2.0/24"], "192.0.2.77", "203.0.113.9"),
        (["192.0.2.0/24", "203.0.113.9"], "192.0.2.77", "198.51.100.7"),
        (["192.0.2.1"], "", ""),
        ([], "2001:db8:1:2::5", "2001:db8:1:2::/64"),
        ([], "2001:db8:1:2:ffff:1:2:3", "2001:db8:1:2::/64"),
        ([], "::ffff:192.0.2.1", "192.0.2.1"),
        (["192.0.2.1"], "::ffff:192.0.2.1", "203.0.113.9"),
    ],
)
def test_whose_word_counts(settings, trusted, remote, address):
    assert seen(settings, trusted, remote) == address


def test_what_a_client_invents_stands_before_what_the_proxy_saw(settings):
    assert seen(settings, ["192.0.2.1"], "192.0.2.1", "10.0.0.1, evil, 203.0.113.9") == "203.0.113.9"


@pytest.mark.django_db
def test_whoever_has_a_whole_range_of_ipv6_addresses_is_one_to_the_limits(settings):
    settings.RATE_LIMITS = True
    asked = []
    for number in range(PER_ADDRESS + 1):
        address = seen(settings, [], f"2001:db8:1:2::{number:x}", said="")
        asked.append(
            caps.may_ask("code", phone=f"+90532555{number:02}01", address=address, by_number=3, by_address=PER_ADDRESS)
        )
    assert asked == [True] * PER_ADDRESS + [False]


@pytest.mark.parametrize(("remote", "secure"), [("192.0.2.1", True), ("192.0.2.2", False)])
def test_https_is_believed_of_a_proxy_only(settings, remote, secure):
    settings.TRUSTED_PROXIES, settings.SECURE_PROXY_SSL_HEADER = ["192.0.2.1"], ("HTTP_X_FORWARDED_PROTO", "https")
    request = RequestFactory().get("/", REMOTE_ADDR=remote, **SAID)
    ForwardedMiddleware(lambda _request: None)(request)
    assert request.is_secure() is secure


@pytest.mark.django_db
def test_holds_from_anywhere_do_not_count_for_one_address(client, settings):
    """Invented addresses do not get anybody around the limits."""
    settings.RATE_LIMITS, settings.TRUSTED_PROXIES = True, []
    seen = [
        client.get(f"/b/{'x' * 43}/", headers={"x-forwarded-for": f"203.0.113.{number}"}).status_code
        for number in range(105)
    ]
    assert seen[-1] == 429
