"""Every route × everybody, as the access table says; and the table as it was decided."""

from itertools import product

import pytest

from clinic.people.access import POLICY, PROVIDER
from tests.security.conftest import KINDS, fingerprint, is_refused
from tests.security.routes import EVERY

pytestmark = pytest.mark.django_db
WEBHOOKS = {route for route in EVERY if PROVIDER in POLICY[route.action]}
ROUTES = [route for route in EVERY if route not in WEBHOOKS]


def test_the_table_is_as_decided():
    desk, practitioner, owner = "desk", "practitioner", "owner"
    assert POLICY["review.read"] == POLICY["review.decide"] == {practitioner}
    assert POLICY["event.read"] == POLICY["event.write"] == {practitioner}
    assert POLICY["event.report"] == {desk, practitioner}
    assert POLICY["paging.read"] == {practitioner, owner}
    assert (POLICY["paging.own"], POLICY["paging.manage"]) == ({practitioner}, {owner})
    assert POLICY["enquiry.read"] == POLICY["enquiry.answer"] == {practitioner}
    assert POLICY["plan.write"] == {practitioner}
    assert POLICY["diary.read"] == {desk, practitioner, owner}
    assert POLICY["diary.write"] == POLICY["patient.search"] == POLICY["message.thread"] == {desk, practitioner}
    assert POLICY["message.answer"] == {desk, practitioner}
    assert POLICY["message.health"] == POLICY["message.write"] == {practitioner}
    assert POLICY["message.texts"] == {owner}
    assert POLICY["patient.home"] == {"patient"}
    assert POLICY["message.webhook"] == {"provider"}


@pytest.mark.parametrize("who", KINDS)
def test_everybody_opens_what_the_table_allows_and_nothing_else(world, door, who):
    client, wrong, refusals = door(who), [], 0
    for route in ROUTES:
        allowed = KINDS[who] in POLICY[route.action]
        answer = client.get(route.path(world))
        assert answer.status_code < 500, route.pattern
        refused = is_refused(answer)
        refusals += refused
        if refused == allowed:
            wrong.append((route.pattern, route.action))
    assert wrong == []
    assert refusals >= 2


@pytest.mark.parametrize("who", KINDS)
def test_what_is_refused_has_no_effect(world, door, who):
    client = door(who)
    before, tried = fingerprint(), 0
    for route in ROUTES:
        if KINDS[who] in POLICY[route.action]:
            continue
        for method in ("post", "put", "delete"):
            answer = getattr(client, method)(route.path(world), {}, content_type="application/json")
            assert is_refused(answer) or answer.status_code == 405, (method, route.pattern, answer.status_code)
            tried += 1
    assert tried
    assert fingerprint() == before


def test_the_providers_doors_open_to_a_signature_only(world, door):
    clients = [door(who) for who in KINDS]
    before = fingerprint()
    for route, client in product(WEBHOOKS, clients):
        sent = {"MessageSid": "SM1", "From": "+905325550101", "Body": "STOP", "MessageStatus": "read"}
        assert client.post(route.path(world), sent, headers={"x-twilio-signature": "x"}).status_code == 403
    assert len(WEBHOOKS) == 2
    assert fingerprint() == before
