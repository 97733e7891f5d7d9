import pytest

from bookings.models import Appointment
from tests.api.conftest import TEN

pytestmark = pytest.mark.django_db
GIVEN = {"treatment": "pen", "areas": ["face"], "start": TEN}


def test_a_free_start_is_held_for_ten_minutes(clinic, api):
    made = api("post", "/bookings/", GIVEN)
    assert (made.status, made.body["state"]) == (201, "held")
    assert made.body["hold_expires_at"] == "2027-03-01T09:10:00+03:00"
    assert (made.body["start"], made.body["end"]) == (TEN, "2027-03-08T11:15:00+03:00")
    assert (made.body["practitioner"], made.body["room"]) == ("ayse", "room-1")
    assert len(made.body["token"]) == 43


def test_a_taken_start_says_which_are_nearest_and_they_can_be_had(clinic, api, hold):
    hold(practitioner="ayse")
    problem = api("post", "/bookings/", GIVEN | {"practitioner": "ayse"})
    assert (problem.status, problem.code, problem.fields) == (409, "slot_taken", ["start"])
    assert hold(problem.body["nearest"][0], practitioner="ayse").held["practitioner"] == "ayse"


def test_a_practitioner_who_was_asked_for_is_given(clinic, hold):
    assert hold(practitioner="deniz").held["practitioner"] == "deniz"


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"areas": ["elbow"]}, 422, "area_not_offered", "areas"),
        ({"areas": []}, 400, "invalid", "areas"),
        ({"areas": "face"}, 400, "invalid", "areas"),
        ({"start": "2027-03-08T07:00:00+03:00"}, 422, "start_not_possible", "start"),
        ({"start": "2027-03-14T10:00:00+03:00"}, 422, "start_not_possible", "start"),
        ({"start": "2027-03-08T10:03:00+03:00"}, 422, "start_not_possible", "start"),
        ({"start": "2027-03-08T10:00:30+03:00"}, 422, "start_not_possible", "start"),
        ({"start": "2027-02-01T10:00:00+03:00"}, 422, "start_not_possible", "start"),
        ({"start": "2027-03-08T10:00:00"}, 400, "invalid", "start"),
        ({"start": "9999-12-31T23:59:59-12:00"}, 400, "invalid", "start"),
        ({"start": "0001-01-01T00:00:00+14:00"}, 400, "invalid", "start"),
        ({"start": 7}, 400, "invalid", "start"),
        ({"practitioner": "nobody"}, 422, "invalid", "practitioner"),
        ({"treatment": "magic"}, 404, "unknown_treatment", None),
        ({"treatment": {}}, 400, "invalid", "treatment"),
        ({"language": "xx"}, 400, "invalid", "language"),
    ],
)
def test_what_cannot_be_booked_is_told_at_its_field(clinic, api, change, status, code, field):
    answer = api("post", "/bookings/", GIVEN | change)
    assert (answer.status, answer.code) == (status, code)
    assert answer.fields == ([field] if field else [])
    assert not Appointment.objects.exists()


def test_an_instant_may_be_written_in_any_zone(clinic, hold):
    assert hold("2027-03-08T07:00:00Z").held["start"] == TEN


def test_the_same_area_twice_is_one_area(clinic, api):
    answer = api("post", "/bookings/", GIVEN | {"areas": ["face", "face"]})
    assert answer.status == 201
    assert answer.body["areas"] == ["face"]
    assert answer.body["price"] == "3000.00"


@pytest.mark.parametrize("body", [[], "x", 7, None, {}])
def test_a_body_that_is_no_booking(clinic, api, body):
    assert api("post", "/bookings/", body).status == 400
