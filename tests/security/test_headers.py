"""What every answer carries, and how cookies are kept."""

import os
import re
import subprocess
import sys

import pytest

from tests.security.routes import EVERY

pytestmark = pytest.mark.django_db
INLINE = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>\s*\S|<style|\sstyle=|\son[a-z]+=|javascript:", re.I)
REMOTE = re.compile(
    rb"<(?:script|link(?! rel=.(?:canonical|alternate))|img|iframe)[^>]+(?:src|href)=[\"']?(?:https?:)?//", re.I
)


def policy_of(answer):
    parts = [part.split() for part in answer.headers["Content-Security-Policy"].split(";") if part.strip()]
    return {name: sources for name, *sources in parts}


@pytest.mark.parametrize("who", ["anyone", "mia", "desk", "ayse", "owner"])
def test_every_page_is_shut_to_scripts_frames_and_sniffing(world, door, who):
    client, pages = door(who), 0
    for route in EVERY:
        answer = client.get(route.path(world))
        policy = policy_of(answer)
        assert policy["default-src"] == ["'self'"], route.pattern
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert (policy["object-src"], policy["base-uri"], policy["frame-ancestors"]) == (["'none'"],) * 3
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] in ("same-origin", "strict-origin", "no-referrer")
        if b"<html" in answer.content:
            assert not INLINE.search(answer.content), (route.pattern, INLINE.search(answer.content))
            assert not REMOTE.search(answer.content), (route.pattern, REMOTE.search(answer.content))
            pages += 1
    assert pages > 5


def test_nothing_shown_to_somebody_signed_in_is_stored(world, door):
    for who in ("mia", "desk", "ayse"):
        client = door(who)
        for route in EVERY:
            answer = client.get(route.path(world))
            assert "no-store" in answer.headers.get("Cache-Control", ""), (who, route.pattern)


def test_a_page_behind_a_link_is_not_stored_and_its_address_goes_nowhere(world, door):
    """``strict-origin`` where there is a form: under ``no-referrer`` a browser sends no origin with it either."""
    client, shown = door("anyone"), 0
    for route in EVERY:
        if "<str:token>" in route.pattern:
            answer = client.get(route.path(world))
            assert "no-store" in answer.headers["Cache-Control"], route.pattern
            assert answer.headers["Referrer-Policy"] in ("strict-origin", "no-referrer"), route.pattern
            assert "noindex" in answer.headers["X-Robots-Tag"]
            shown += 1
    assert shown > 10


def test_a_bookings_document_is_not_stored(world, door):
    path = f"/api/v1/bookings/{world.mia.visit.pk}/"
    answer = door("anyone").get(path, headers={"authorization": f"Bearer {world.mia.token}"})
    assert "no-store" in answer.headers["Cache-Control"]


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(world, door):
    client = door("anyone")
    client.post("/language/", {"language": "tr", "next": "/"})
    client.get("/staff/sign-in/")
    client.post("/my/sign-in/", {"phone": "+905325559999"})
    assert {"language", "csrf", "session"} <= set(client.cookies)
    for name, cookie in client.cookies.items():
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Lax", name


def test_over_https_cookies_are_bound_to_this_host():
    names = "SESSION_COOKIE_NAME CSRF_COOKIE_NAME SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE LANGUAGE_COOKIE_SECURE"
    program = f"from clinic import settings; print(*(getattr(settings, name) for name in {names.split()}))"
    told = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PUBLIC_URL": "https://clinic.example"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["__Host-session", "__Host-csrf", "True", "True", "True"]
