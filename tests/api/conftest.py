"""A small clinic at nine on a Monday, and a way to speak to its API that holds every answer to the schema."""

import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from consultations.services.questionnaire import publish
from tests.api.contract import PREFIX, breaches
from tests.bookings import cast
from tests.bookings.cast import NOW
from tests.consultations.cast import BORN

TEN = "2027-03-08T10:00:00+03:00"
MIA = {
    "name": "Mia Çelik",
    "phone": "0532 555 01 77",
    "email": "mia@example.org",
    "date_of_birth": BORN.isoformat(),
    "language": "en",
    "consents": {"whatsapp": True},
}
PROBLEM = {"type", "title", "status", "code", "detail"}


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    media_type: str

    @property
    def code(self) -> str:
        return self.body["code"]

    @property
    def fields(self) -> list[str]:
        return sorted(self.body.get("fields", {}))


@pytest.fixture(autouse=True)
def _monday_at_nine(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def clinic(db, shipped):
    """Two of everything, and the questionnaire that is asked."""
    publish(shipped)
    made = cast.make_clinic()
    cast.make_device("pen-2", made.location, [made.pen])
    made.pen.content = {"en": {"what": ["Fine needles."], "common": ["Redness for a day."]}}
    made.pen.save()
    return made


@pytest.fixture
def api(client):
    """``api("post", "/bookings/", {...}, token=…)``. Every answer must be as the schema says it."""

    def call(method, path, body=None, *, token=None, raw=None, content_type="application/json", **headers):
        if token:
            headers["authorization"] = f"Bearer {token}"
        data = raw if raw is not None else json.dumps(body) if body is not None else None
        got = getattr(client, method)(f"{PREFIX}{path}", data, content_type=content_type, headers=headers)
        answer = Answer(got.status_code, got.json(), got["content-type"])
        assert breaches(method, f"{PREFIX}{path}", answer.status, answer.media_type, answer.body) == []
        if answer.status >= 400:
            assert set(answer.body) >= PROBLEM
            assert answer.body["status"] == answer.status
        return answer

    return call


@pytest.fixture
def hold(api):
    """A held time: its document, and calls on it with its own token."""

    def make(start=TEN, treatment="pen", areas=("face",), **more):
        made = api("post", "/bookings/", {"treatment": treatment, "areas": list(areas), "start": start} | more)
        assert made.status == 201, made.body
        return _booking(api, made.body)

    return make


@pytest.fixture
def known(hold):
    """A held time with Mia's details: it is reserved for her."""

    def make(start=TEN, treatment="pen", areas=("face",), **details):
        booking = hold(start, treatment, areas)
        assert booking.call("put", "patient/", MIA | details).status == 200
        return booking

    return make


@pytest.fixture
def filled(api, known):
    """Mia's booking with its health form in, quiet but for ``other``."""

    def make(start=TEN, treatment="pen", areas=("face",), **other):
        booking = known(start, treatment, areas)
        given = form(api, treatment, areas, **other)
        booking.verdict = booking.call("put", "intake/", given).body
        return booking

    return make


def form(api, treatment="pen", areas=("face",), **other) -> dict[str, Any]:
    """The whole form as a program would fill it in from the questionnaire: the quiet answer everywhere."""
    from consultations.demo.loader import quiet_answers
    from treatments.selectors import visit_plan

    version = api("get", f"/questionnaire/?treatment={treatment}&areas={','.join(areas)}").body["version"]
    groups = {area.slug: area.group for area in visit_plan(modality=treatment, areas=areas).areas}
    return {"version": version, "answers": quiet_answers(treatment, groups, born=BORN, **other)}


def _booking(api, document):
    def call(method, rest="", body=None, **headers):
        return api(method, f"/bookings/{document['id']}/{rest}", body, token=document["token"], **headers)

    return SimpleNamespace(id=document["id"], token=document["token"], held=document, call=call)
