import json

import pytest
from django.urls import reverse

from bookings.models import Appointment, IdempotentRequest
from bookings.selectors import books
from clinic.people.models import Link, Patient, User
from tests.bookings.cast import NOW, at, confirmed, held, make_clinic, make_patient, reserved

pytestmark = pytest.mark.django_db
MIA = {
    "name": "Mia Çelik",
    "phone": "0532 555 01 77",
    "email": "mia@example.org",
    "date_of_birth": "1990-05-01",
    "language": "en",
    "consents": {"whatsapp": True},
}


@pytest.fixture(autouse=True)
def _at_nine(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def api(client):
    def call(method, path, body=None, *, token=None, **headers):
        if token:
            headers["authorization"] = f"Bearer {token}"
        data = json.dumps(body) if body is not None else None
        answer = getattr(client, method)(f"/api/v1{path}", data, content_type="application/json", headers=headers)
        return answer.status_code, answer.json()

    return call


def hold(api, start="2027-03-02T10:00:00+03:00", **more):
    return api("post", "/bookings/", {"treatment": "pen", "areas": ["face"], "start": start, **more})


def test_free_times_of_a_week(clinic, client):
    held("2027-03-02 10:00")
    asked = {"treatment": "pen", "areas": "face", "from": "2027-03-02", "to": "2027-03-07"}
    answer = client.get("/api/v1/availability/", asked).json()
    assert answer["timezone"] == "Europe/Istanbul"
    assert [day["date"] for day in answer["days"]] == [f"2027-03-0{n}" for n in range(2, 8)]
    assert answer["days"][0]["starts"][:2] == ["2027-03-02T09:00:00+03:00", "2027-03-02T09:15:00+03:00"]
    assert "2027-03-02T10:00:00+03:00" not in answer["days"][0]["starts"]
    assert answer["days"][5]["starts"] == []


@pytest.mark.django_db(transaction=True)
def test_a_day_and_a_month_take_one_query_once_the_diaries_are_known(client, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(books, "_kept", {})  # a process that has not looked yet, whatever ran in it before
    make_clinic()
    asked = {"treatment": "pen", "areas": "face", "from": "2027-03-02", "to": "2027-03-02"}
    with django_assert_num_queries(4):  # changes, everything, treatment, areas
        before = client.get("/api/v1/availability/", asked).json()
    held("2027-03-02 10:00")
    for last, queries in (("2027-03-02", 2), ("2027-03-02", 1), ("2027-03-31", 1)):
        with django_assert_num_queries(queries):
            after = client.get("/api/v1/availability/", asked | {"to": last}).json()
    assert len(after["days"][0]["starts"]) < len(before["days"][0]["starts"])


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"from": "soon"}, 400, "from"),
        ({"to": ""}, 400, "to"),
        ({"to": "2027-03-01"}, 400, "to"),
        ({"to": "2027-06-30"}, 400, "to"),
        ({"areas": ""}, 400, "areas"),
        ({"areas": "elbow"}, 422, "areas"),
        ({"practitioner": "nobody"}, 422, "practitioner"),
        ({"location": "nowhere"}, 422, "location"),
    ],
)
def test_wrong_questions_are_answered_at_the_field(clinic, client, change, status, field):
    asked = {"treatment": "pen", "areas": "face", "from": "2027-03-02", "to": "2027-03-07"} | change
    answer = client.get("/api/v1/availability/", asked)
    assert answer.status_code == status
    assert answer["content-type"] == "application/problem+json"
    assert list(answer.json()["fields"]) == [field]


def test_an_unknown_treatment_is_not_found(clinic, client):
    asked = {"treatment": "magic", "areas": "face", "from": "2027-03-02", "to": "2027-03-07"}
    assert client.get("/api/v1/availability/", asked).json()["code"] == "unknown_treatment"


def test_a_booking_from_hold_to_cancelled(clinic, api):
    status, made = hold(api, practitioner="deniz")
    assert (status, made["state"], made["practitioner"]) == (201, "held", "deniz")
    assert made["hold_expires_at"] == "2027-03-01T09:10:00+03:00"
    own = {"token": made["token"]}
    path = f"/bookings/{made['id']}"
    status, reserved_ = api("put", f"{path}/patient/", MIA, **own)
    assert (status, reserved_["state"], reserved_["form_due_at"]) == (200, "reserved", "2027-03-01T11:00:00+03:00")
    assert api("put", f"{path}/patient/", MIA, **own)[0] == 200
    status, moved = api("post", f"{path}/move/", {"start": "2027-03-03T11:00:00+03:00"}, **own)
    assert (status, moved["start"], moved["version"]) == (200, "2027-03-03T11:00:00+03:00", 2)
    assert api("get", f"{path}/", **own) == (200, moved)
    status, gone = api("post", f"{path}/cancel/", {}, **own)
    assert (status, gone["state"]) == (200, "cancelled")
    assert Patient.objects.get().phone == "+905325550177"


def test_a_taken_start_is_409_with_the_nearest(clinic, api):
    hold(api)
    status, problem = hold(api)
    assert (status, problem["code"], list(problem["fields"])) == (409, "slot_taken", ["start"])
    assert problem["nearest"][0] == "2027-03-02T09:00:00+03:00"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"start": "2027-03-02T07:00:00+03:00"}, 422, "start"),
        ({"start": "2027-03-02T10:00:00"}, 400, "start"),
        ({"start": "tomorrow"}, 400, "start"),
        ({"start": None}, 400, "start"),
        ({"areas": []}, 400, "areas"),
        ({"areas": ["elbow"]}, 422, "areas"),
        ({"practitioner": "nobody"}, 422, "practitioner"),
    ],
)
def test_wrong_bookings_are_answered_at_the_field(clinic, api, body, status, field):
    given = {"treatment": "pen", "areas": ["face"], "start": "2027-03-02T10:00:00+03:00"} | body
    answer = api("post", "/bookings/", given)
    assert (answer[0], list(answer[1]["fields"])) == (status, [field])
    assert not Appointment.objects.exists()


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"phone": "12"}, 422, "phone"),
        ({"phone": ""}, 400, "phone"),
        ({"name": "-"}, 422, "name"),
        ({"email": "mia"}, 400, "email"),
        ({"date_of_birth": "2027-03-02"}, 422, "date_of_birth"),
        ({"date_of_birth": "1.5.1990"}, 400, "date_of_birth"),
        ({"language": "xx"}, 400, "language"),
    ],
)
def test_wrong_details_are_answered_at_the_field(clinic, api, change, status, field):
    _, made = hold(api)
    answer = api("put", f"/bookings/{made['id']}/patient/", MIA | change, token=made["token"])
    assert (answer[0], list(answer[1]["fields"])) == (status, [field])
    assert not Patient.objects.exists()


def test_several_wrong_details_are_told_together(clinic, api):
    _, made = hold(api)
    wrong = MIA | {"phone": "12", "date_of_birth": "2099-01-01"}
    _, problem = api("put", f"/bookings/{made['id']}/patient/", wrong, token=made["token"])
    assert sorted(problem["fields"]) == ["date_of_birth", "phone"]


def test_nobody_else_sees_a_booking_and_cannot_tell_it_from_none(clinic, api):
    row, other = reserved("2027-03-02 10:00"), hold(api, "2027-03-03T10:00:00+03:00")[1]
    unknown = api("get", "/bookings/00000000-0000-4000-8000-000000000000/", token=other["token"])
    assert unknown[0] == 404
    for method, path in (("get", ""), ("post", "move/"), ("post", "cancel/"), ("put", "patient/")):
        body = None if method == "get" else {}
        for token in (other["token"], "x" * 43, None):
            assert api(method, f"/bookings/{row.pk}/{path}", body, token=token) == unknown


def test_staff_come_by_session(clinic, client):
    row = confirmed("2027-03-02 10:00")
    client.force_login(User.objects.create_user("desk@example.org", role="desk", name="Desk"))
    assert client.get(f"/api/v1/bookings/{row.pk}/").status_code == 200


def test_what_is_not_asked_for_changes_nothing(clinic, api):
    status, made = hold(
        api, state="confirmed", clearance="cleared", end="2027-03-02T23:00:00+03:00", price="1.00", id="1", role="owner"
    )
    assert (status, made["state"], made["clearance"], made["price"]) == (201, "held", "unknown", "3000.00")


def test_the_token_is_stored_nowhere(clinic, api):
    _, made = hold(api)
    stored = repr(list(Link.objects.values())) + repr(list(Appointment.objects.values()))
    assert made["token"] not in stored


def test_the_same_key_gives_the_same_booking(clinic, api):
    body = {"treatment": "pen", "areas": ["face"], "start": "2027-03-02T10:00:00+03:00"}
    first = api("post", "/bookings/", body, **{"Idempotency-Key": "k1"})
    again = api("post", "/bookings/", body, **{"Idempotency-Key": "k1"})
    assert first == again
    assert Appointment.objects.count() == 1
    changed = api("post", "/bookings/", body | {"areas": ["neck"]}, **{"Idempotency-Key": "k1"})
    assert (changed[0], changed[1]["code"]) == (422, "key_reused")
    assert api("post", "/bookings/", body, **{"Idempotency-Key": "k2"})[0] == 409
    sealed = bytes(IdempotentRequest.objects.values_list("answer", flat=True).first())
    assert first[1]["token"].encode() not in sealed


def test_a_get_changes_nothing(clinic, api):
    row = reserved("2027-03-02 10:00", patient=make_patient())
    before = list(Appointment.objects.values())
    api("get", f"/bookings/{row.pk}/", token="x" * 43)
    assert list(Appointment.objects.values()) == before


def test_the_schema_names_every_route(clinic, client):
    schema = client.get("/api/v1/schema/", headers={"accept": "application/json"}).json()
    assert {reverse("api-bookings"), reverse("api-availability")} <= set(schema["paths"])
    assert at("2027-03-02 10:00")
