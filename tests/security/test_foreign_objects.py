"""Somebody else's id is answered as an id that does not exist, byte for byte."""

from types import SimpleNamespace

import pytest

from tests.security.conftest import fingerprint, plain
from tests.security.routes import EVERY, UNKNOWN

pytestmark = pytest.mark.django_db
API = [route for route in EVERY if route.is_api and "identifier" in route.pattern]
DESK = [
    route
    for route in EVERY
    if route.pattern.startswith(("desk/a/", "desk/p/", "desk/messages/", "desk/courses/", "plans/", "events/report/"))
    and "<" in route.pattern
]
ROW = SimpleNamespace(pk=UNKNOWN)
NOBODY = SimpleNamespace(
    patient=ROW,
    visit=ROW,
    submission=ROW,
    phone=ROW,
    stuck=ROW,
    entry=ROW,
    course=ROW,
    enquiry=ROW,
    event=ROW,
    event_photo=ROW,
    photo=ROW,
    enquiry_token="x" * 43,
    consent=ROW,
    plan=ROW,
    plan_token="x" * 43,
    token="x" * 43,
    waiting_token="x" * 43,
)
METHODS = ("get", "post", "put")


def ask(client, method, path, **headers):
    return getattr(client, method)(
        path, {} if method != "get" else None, content_type="application/json", headers=headers
    )


def compare(client, routes, world, **headers):
    """(method, pattern) whose answer for Mia's id differs from that for an unknown id."""
    told = []
    for route in routes:
        for method in METHODS:
            real, unknown = route.path(world), route.path(world, of=NOBODY)
            one, other = ask(client, method, real, **headers), ask(client, method, unknown, **headers)
            same = plain(one, real) == plain(other, unknown)
            if not same or one.status_code != other.status_code or one.status_code not in (404, 405):
                told.append((method, route.pattern, one.status_code, other.status_code))
    return told


def test_there_are_such_routes():
    assert (len(API), len(DESK)) >= (7, 10)


@pytest.mark.parametrize("who", ["anyone", "noor", "deniz"])
def test_a_booking_of_the_api(world, door, who):
    client = door(who)
    before = fingerprint()
    assert compare(client, API, world) == []
    assert fingerprint() == before


def test_a_booking_of_the_api_with_another_bookings_token(world, door):
    clients = [door("anyone"), door("desk")]
    before = fingerprint()
    for client in clients:
        assert compare(client, API, world, authorization=f"Bearer {world.noor.token}") == []
    assert fingerprint() == before


def test_another_practitioners_visit_and_patient(world, door):
    client = door("deniz")
    before = fingerprint()
    assert compare(client, DESK, world) == []
    assert fingerprint() == before


def test_ones_own_is_there(world, door):
    """So that the tests above do not pass because nothing is found at all."""
    for who in ("mia", "ayse", "desk", "owner"):
        assert door(who).get(f"/api/v1/bookings/{world.mia.visit.pk}/").status_code == 200
    for who in ("ayse", "desk", "owner"):
        assert door(who).get(f"/desk/a/{world.mia.visit.pk}/").status_code == 200
    for who in ("ayse", "desk"):
        assert door(who).get(f"/desk/messages/{world.mia.patient.pk}/").status_code == 200
    assert door("ayse").post(f"/desk/messages/stuck/{world.mia.stuck.pk}/", {"choice": "by_hand"}).status_code == 302


@pytest.mark.parametrize(
    ("who", "rest"), [("ayse", "intake"), ("owner", "intake"), ("desk", "consent"), ("ayse", "consent")]
)
def test_staff_neither_answer_nor_consent_for_a_patient(world, door, who, rest):
    assert ask(door(who), "put", f"/api/v1/bookings/{world.mia.visit.pk}/{rest}/").status_code == 404


def test_a_patients_page_shows_their_own_visits_only(world, door):
    page = door("noor").get("/my/").content.decode()
    assert world.noor.token in page
    assert world.mia.token not in page
    assert "Mia" not in page
