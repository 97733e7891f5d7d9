"""Nobody learns who is known here."""

import pytest

from tests.security.conftest import plain

pytestmark = pytest.mark.django_db
STRANGER = "+905325559999"


def walk(client, phone):
    """What a browser is told when it asks for a code and types a wrong one: bytes, statuses, names of cookies."""
    seen = []
    for method, path, sent in (
        ("post", "/my/sign-in/", {"phone": phone}),
        ("get", "/my/code/", None),
        ("post", "/my/code/", {"code": "000000"}),
    ):
        got = getattr(client, method)(path, sent)
        headers = {name: value for name, value in got.headers.items() if name != "Content-Length"}
        seen.append((got.status_code, plain(got), headers, sorted(got.cookies)))
    return seen


def test_a_known_and_an_unknown_phone_are_told_the_same(world, door):
    known, unknown = walk(door("anyone"), world.mia.patient.phone), walk(door("anyone"), STRANGER)
    assert known == unknown
    assert known[0][0] == 302


def test_a_known_phone_does_get_a_code(world, door):
    from clinic.messaging.models import Message

    for phone in (world.mia.patient.phone, STRANGER):
        walk(door("anyone"), phone)
    assert Message.objects.filter(kind="sign_in_code").count() == 1


def test_a_known_and_an_unknown_staff_account_are_told_the_same(world, door):
    client = door("anyone")
    told = [
        plain(client.post("/staff/sign-in/", {"username": email, "password": "wrong"}), email)
        for email in (world.desk.email, "nobody@clinic.example")
    ]
    assert told[0] == told[1]
    world.desk.is_active = False
    world.desk.set_password("right-eucalyptus")
    world.desk.save()
    ended = client.post("/staff/sign-in/", {"username": world.desk.email, "password": "right-eucalyptus"})
    assert plain(ended, world.desk.email) == told[0]
