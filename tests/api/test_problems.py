"""Every refusal is a problem document with a stable code, wherever it comes from."""

import json

import pytest
from django.test import Client

from bookings.services import holds
from clinic.people.models import User
from tests.api.conftest import TEN

pytestmark = pytest.mark.django_db
GIVEN = {"treatment": "pen", "areas": ["face"], "start": TEN}
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    "path", ["/nowhere/", "/bookings/7/", f"/bookings/{NOBODY}/eat/", "/bookings/%00/", "//", f"/bookings/{NOBODY}/"]
)
def test_no_such_address(clinic, api, path):
    answer = api("get", path)
    assert (answer.status, answer.code, answer.media_type) == (404, "not_found", "application/problem+json")


@pytest.mark.parametrize(("method", "path"), [("delete", "/treatments/"), ("get", f"/bookings/{NOBODY}/cancel/")])
def test_not_with_this_method(clinic, client, method, path):
    got = getattr(client, method)(f"/api/v1{path}")
    assert (got.status_code, got.json()["code"]) == (405, "method_not_allowed")
    assert got["content-type"] == "application/problem+json"
    assert got["allow"]


@pytest.mark.parametrize(
    "raw",
    ["{", "", '{"start": NaN}', '{"treatment": "\\ud800"}', '{"\\udfff": 1}', "[" * 100_000, "\xff\xfe"],
    ids=["open", "empty", "nan", "half a sign", "half a name", "deep", "no text"],
)
def test_what_cannot_be_read(clinic, api, raw):
    answer = api("post", "/bookings/", raw=raw.encode("latin-1"))
    assert answer.status == 400
    assert answer.code in ("unreadable", "invalid")


def test_what_is_too_large(clinic, api):
    assert api("post", "/bookings/", GIVEN | {"language": "x" * 300_000}).code == "too_large"


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_what_is_not_json(clinic, api, media_type):
    answer = api("post", "/bookings/", raw=b"treatment=pen", content_type=media_type)
    assert (answer.status, answer.code) == (415, "unsupported_media_type")


def test_what_we_cannot_speak(clinic, api):
    answer = api("get", "/treatments/", accept="application/xml")
    assert (answer.status, answer.code) == (406, "not_acceptable")


def test_a_staff_session_needs_its_csrf_token(clinic):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.create_user("desk@example.org", role="desk", name="Desk"))
    got = browser.post("/api/v1/bookings/", json.dumps(GIVEN), content_type="application/json")
    assert (got.status_code, got.json()["code"]) == (403, "permission_denied")
    assert got["content-type"] == "application/problem+json"
    browser.get("/nowhere/")
    token = browser.cookies["csrf"].value
    sent = browser.post(
        "/api/v1/bookings/", json.dumps(GIVEN), content_type="application/json", headers={"x-csrftoken": token}
    )
    assert sent.status_code == 201


def test_a_fault_says_nothing_of_itself(clinic, client, monkeypatch):
    def break_(*args, **more):
        raise RuntimeError("canary")

    monkeypatch.setattr(holds, "hold_slot", break_)
    client.raise_request_exception = False
    got = client.post("/api/v1/bookings/", json.dumps(GIVEN), content_type="application/json")
    assert (got.status_code, got["content-type"], got.json()["code"]) == (500, "application/problem+json", "fault")
    assert b"canary" not in got.content


def test_codes_do_not_change_with_the_language(clinic, api):
    english, turkish = (api("get", "/nowhere/", **{"accept-language": code}) for code in ("en", "tr"))
    assert (english.code, english.body["type"]) == (turkish.code, turkish.body["type"])
