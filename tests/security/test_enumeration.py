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
        seen.append((got.status_code, plain(got, phone), headers, sorted(got.cookies)))
    return seen


def test_a_known_and_an_unknown_phone_are_told_the_same(world, door):
    known, unknown = walk(door("anyone"), world.mia.patient.phone), walk(door("anyone"), STRANGER)
    assert known == unknown
    assert known[0][0] == 302


@pytest.mark.parametrize("phone", ["+18095551234", "+904440123", "+447012345678"])
def test_where_no_code_can_go_a_known_and_an_unknown_phone_are_told_the_same(world, door, phone):
    unknown = walk(door("anyone"), phone)
    world.mia.patient.phone = phone
    world.mia.patient.save()
    known = walk(door("anyone"), phone)
    assert known == unknown
    assert known[0][0] == 409 and b"call us" in known[0][1]


def test_a_known_phone_that_stopped_texts_is_told_the_same(world, door):
    from clinic.messaging.consent import stop

    stop(world.mia.patient.phone_index, reason="keyword")
    assert walk(door("anyone"), world.mia.patient.phone) == walk(door("anyone"), STRANGER)


def test_beyond_the_limits_a_known_and_an_unknown_phone_are_told_the_same(world, door, settings):
    settings.RATE_LIMITS = True
    known, unknown = door("anyone"), door("anyone")
    for _three in range(3):
        walk(known, world.mia.patient.phone), walk(unknown, STRANGER)
    told = walk(known, world.mia.patient.phone)
    assert told == walk(unknown, STRANGER)
    assert told[0][0] == 429


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
