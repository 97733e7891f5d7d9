"""A writing request without the CSRF token is refused, whoever's browser is made to send it."""

import pytest

from clinic.people.access import POLICY, PROVIDER
from tests.security.conftest import KINDS, fingerprint
from tests.security.routes import EVERY

pytestmark = pytest.mark.django_db
# Stores nothing and needs no session: there is nothing to forge.
STATELESS = "api/v1/screenings/"
ROUTES = [one for one in EVERY if PROVIDER not in POLICY[one.action] and one.pattern != STATELESS]


@pytest.mark.parametrize("who", [who for who in KINDS if who != "anyone"])
def test_nobodys_session_writes_without_the_token(world, door, who):
    client, before, refused = door(who, enforce_csrf_checks=True), fingerprint(), 0
    for route in ROUTES:
        for method in ("post", "put"):
            status = getattr(client, method)(route.path(world), {}, content_type="application/json").status_code
            assert status in (403, 405), (method, route.pattern, status)
            refused += status == 403
    assert refused > 60
    assert fingerprint() == before


def test_a_link_alone_writes_nothing_from_another_site(world, door):
    client, before = door("anyone", enforce_csrf_checks=True), fingerprint()
    for route in ROUTES:
        if "<str:token>" in route.pattern or route.pattern.startswith("book/"):
            assert client.post(route.path(world), {}).status_code == 403
    assert fingerprint() == before
