import re

import pytest

from clinic.messaging.models import Message
from tests.consultations.views.walk import Walk

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return response.content.decode()


def plain(response) -> str:
    return re.sub(r'value="[^"]*"|"X-CSRFToken": "[^"]*"', "", text(response))


def code() -> str:
    return re.search(r"\b\d{6}\b", Message.objects.filter(kind="sign_in_code").latest("created_at").body)[0]


def test_phone_code_bookings(walk, client):
    walk.all()
    own = client.__class__()
    assert own.get("/my/")["Location"] == "/my/sign-in/"
    assert own.post("/my/sign-in/", {"phone": "0532 555 77 01"})["Location"] == "/my/code/"
    assert own.post("/my/code/", {"code": code()})["Location"] == "/my/"
    page = own.get("/my/")
    assert "Pen micro-needling" in text(page) and walk.base in text(page)
    assert "Whole face" in text(own.get(walk.base))
    assert own.post("/my/sign-out/")["Location"] == "/my/sign-in/"
    assert own.get("/my/")["Location"] == "/my/sign-in/"


def test_known_and_unknown_numbers_look_the_same(walk, client):
    walk.all()
    pages = []
    for phone in ("0532 555 77 01", "0532 555 99 99"):
        own = client.__class__()
        answer = own.post("/my/sign-in/", {"phone": phone})
        wrong = own.post("/my/code/", {"code": "000000"})
        pages.append(
            (answer.status_code, answer["Location"], plain(own.get("/my/code/")), wrong.status_code, plain(wrong))
        )
    assert pages[0] == pages[1]


def test_the_code_page_needs_a_request_first(client, db):
    assert client.get("/my/code/")["Location"] == "/my/sign-in/"


@pytest.mark.parametrize("phone", ["", "12", "abc"])
def test_a_phone_that_is_none(client, db, phone):
    page = client.post("/my/sign-in/", {"phone": phone})
    assert page.status_code == 422 and "<title>Error:" in text(page)


def test_somebody_elses_booking_is_not_there(walk, client):
    walk.all()
    other = Walk(client.__class__())
    other.short()
    other.hold()
    other.client.post(other.base + "details/", {"name": "Deniz Kaya", "phone": "0532 555 77 02"})
    own = client.__class__()
    own.post("/my/sign-in/", {"phone": "0532 555 77 02"})
    own.post("/my/code/", {"code": code()})
    page = text(own.get("/my/"))
    assert other.base in page and walk.base not in page
    assert "/code/" in own.get(walk.base + "form/")["Location"] or own.get(walk.base + "form/")["Location"] == walk.base


def test_my_page_is_never_stored(walk, client):
    for path in ("/my/sign-in/", "/my/code/"):
        answer = client.get(path)
        assert answer.status_code == 302 or answer["Cache-Control"] == "no-store, private"
