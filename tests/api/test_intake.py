import pytest

from bookings.models import Appointment
from clinic.people.models import Patient
from consultations.models import Submission
from tests.api.conftest import form

pytestmark = pytest.mark.django_db


def send(api, booking, **change):
    return booking.call("put", "intake/", form(api) | change)


def test_a_quiet_form_clears_the_booking(clinic, filled):
    booking = filled()
    assert booking.verdict["outcome"] == "ok"
    assert booking.call("get").body["clearance"] == "cleared"


def test_a_blood_thinner_goes_to_a_practitioner(clinic, filled):
    booking = filled(blood_thinner="yes", blood_thinner_name="Apixaban")
    assert (booking.verdict["outcome"], booking.verdict["findings"][0]["rule"]) == ("review", "blood_thinner.yes")
    assert booking.call("get").body["clearance"] == "review"


def test_a_stale_version_is_refused_and_nothing_is_kept(clinic, api, known):
    answer = send(api, known(), version="2020-01")
    assert (answer.status, answer.code) == (409, "stale_form")
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"scars": None}, ["scars"]),
        ({"scars": "perhaps"}, ["scars"]),
        ({"scars": True}, ["scars"]),
        ({"scars": {"value": "no"}}, ["scars"]),
        ({"shoe_size": "40"}, ["shoe_size"]),
        ({"blood_thinner": "yes"}, ["blood_thinner_name"]),
        ({"blood_thinner_name": "Apixaban"}, ["blood_thinner_name"]),
        ({"sun": "burn", "sun_on": "2027-03-02"}, ["sun_on"]),
        ({"sun": "burn", "sun_on": "yesterday"}, ["sun_on"]),
        ({"date_of_birth": "2031-01-01"}, ["date_of_birth"]),
        ({"other_conditions": "x" * 2001}, ["other_conditions"]),
        ({"other_conditions": ["x"]}, ["other_conditions"]),
        ({"scars": "perhaps", "acne": "perhaps"}, ["acne", "scars"]),
    ],
)
def test_wrong_answers_are_told_at_their_fields(clinic, api, known, change, fields):
    booking = known()
    answer = send(api, booking, answers=form(api)["answers"] | change)
    assert (answer.status, answer.code, answer.fields) == (422, "invalid", fields)
    assert not Submission.objects.exists()
    assert booking.call("get").body["clearance"] == "unknown"


def test_a_missing_answer_is_never_a_no(clinic, api, known):
    answers = form(api)["answers"]
    del answers["scars"]
    assert send(api, known(), answers=answers).fields == ["scars"]


def test_no_form_without_a_person(clinic, api, hold):
    answer = send(api, hold())
    assert (answer.status, answer.code) == (409, "details_missing")


def test_a_decline_frees_the_time_and_forgets_the_person(clinic, filled):
    booking = filled(isotretinoin="taking")
    assert booking.verdict["outcome"] == "decline"
    assert booking.verdict["findings"][0]["reason"]
    assert not Patient.objects.exists()
    assert not Submission.objects.exists()
    assert Appointment.objects.get().state == "cancelled"
    assert booking.call("post", "confirm/").status in (404, 409)


def test_a_date_beyond_the_visit_cannot_be_confirmed(clinic, filled):
    booking = filled(sun="burn", sun_on="2027-02-28")
    assert booking.verdict["outcome"] == "defer"
    assert booking.verdict["bookable_from"] > "2027-03-08"
    answer = booking.call("post", "confirm/")
    assert answer.status == 409
    assert Appointment.objects.get().state == "cancelled"


def test_the_same_form_twice_is_one_form(clinic, api, known):
    booking = known()
    assert send(api, booking).body == send(api, booking).body
    assert Submission.objects.count() == 1
