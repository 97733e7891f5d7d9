"""A manage link's token: not guessed, not stored, not opened by looking twice as hard."""

import re
import secrets

import pytest

from bookings.services.limits import WRONG_LINKS_AN_HOUR
from clinic.people.links import resolve_link
from clinic.people.models import Link
from tests.security.conftest import plain
from tests.security.dump import sessions, whole

pytestmark = pytest.mark.django_db


def test_wrong_tokens_are_one_404_and_then_too_many(world, door, settings):
    settings.RATE_LIMITS = True
    client, answers = door("anyone"), []
    for _ in range(WRONG_LINKS_AN_HOUR + 5):
        token = secrets.token_urlsafe(32)
        got = client.get(f"/b/{token}/")
        answers.append((got.status_code, plain(got, token)))
    assert set(answers[:WRONG_LINKS_AN_HOUR]) == {(404, answers[0][1])}
    assert {status for status, _body in answers[WRONG_LINKS_AN_HOUR:]} == {429}
    assert client.get(f"/b/{world.mia.token}/").status_code == 200
    assert door("anyone", REMOTE_ADDR="203.0.113.9").get(f"/b/{secrets.token_urlsafe(32)}/").status_code == 404


def test_the_api_counts_wrong_tokens_too(world, door, settings):
    settings.RATE_LIMITS = True
    path, client = f"/api/v1/bookings/{world.mia.visit.pk}/", door("anyone")
    seen = [
        client.get(path, headers={"authorization": f"Bearer {secrets.token_urlsafe(32)}"}).status_code
        for _ in range(WRONG_LINKS_AN_HOUR + 2)
    ]
    assert seen == [404] * WRONG_LINKS_AN_HOUR + [429] * 2
    assert client.get(path, headers={"authorization": f"Bearer {world.mia.token}"}).status_code == 200


def test_what_is_no_token_is_a_404_too(db, client):
    for token in ("x", "x" * 43, "%00" * 40, "..%2F" * 10, "é" * 40, "x" * 5000):
        assert client.get(f"/b/{token}/").status_code == 404, token


def test_an_ended_and_an_expired_link_are_the_same_404(world, door, time_machine):
    client, unknown = door("anyone"), secrets.token_urlsafe(32)
    none = plain(client.get(f"/b/{unknown}/"), unknown)
    Link.objects.filter(subject=world.noor.visit.ref).update(revoked_at="2027-03-01T00:00Z")
    assert plain(client.get(f"/b/{world.noor.token}/"), world.noor.token) == none
    time_machine.move_to("2027-03-10T12:00+03:00")
    assert plain(client.get(f"/b/{world.mia.token}/"), world.mia.token) == none


def test_a_stolen_database_opens_no_booking(world, door):
    door("anyone").get(f"/b/{world.mia.token}/")
    stolen = whole() + sessions()
    assert len(stolen) > 10_000
    assert world.mia.token not in stolen
    for word in set(re.findall(r"[A-Za-z0-9_-]{32,64}", stolen)):
        assert resolve_link(word, purpose="manage") is None
    assert resolve_link(world.mia.token, purpose="manage")


def test_a_waiting_link_is_guarded_as_a_booking_is(world, door, settings):
    settings.RATE_LIMITS = True
    client, answers = door("anyone"), []
    assert client.get(f"/w/{world.mia.waiting_token}/").status_code == 200
    for token in (world.mia.token, *(secrets.token_urlsafe(32) for _ in range(WRONG_LINKS_AN_HOUR - 1))):
        got = client.get(f"/w/{token}/")
        answers.append((got.status_code, plain(got, token)))
    assert set(answers) == {(404, answers[0][1])}
    assert client.get(f"/w/{secrets.token_urlsafe(32)}/").status_code == 429
    assert client.get(f"/w/{world.mia.waiting_token}/").status_code == 200
    stolen = whole() + sessions()
    assert world.mia.waiting_token not in stolen
    for word in set(re.findall(r"[A-Za-z0-9_-]{32,64}", stolen)):
        assert resolve_link(word, purpose="waiting") is None


def test_a_plans_link_is_guarded_as_a_booking_is(world, door, settings):
    settings.RATE_LIMITS = True
    client, answers = door("anyone"), []
    shown = client.get(f"/p/{world.mia.plan_token}/")
    assert shown.status_code == 302 and shown["location"] == f"/p/{world.mia.plan_token}/code/"
    for token in (world.mia.token, *(secrets.token_urlsafe(32) for _ in range(WRONG_LINKS_AN_HOUR - 1))):
        got = client.get(f"/p/{token}/")
        answers.append((got.status_code, plain(got, token)))
    assert set(answers) == {(404, answers[0][1])}
    assert client.get(f"/p/{secrets.token_urlsafe(32)}/").status_code == 429
    assert client.get(f"/p/{world.mia.plan_token}/code/").status_code == 200
    stolen = whole() + sessions()
    assert world.mia.plan_token not in stolen
    for word in set(re.findall(r"[A-Za-z0-9_-]{32,64}", stolen)):
        assert resolve_link(word, purpose="plan") is None


def test_looking_at_a_link_does_not_spend_it(world, door):
    for _ in range(3):
        assert door("anyone").get(f"/b/{world.mia.token}/").status_code == 200
