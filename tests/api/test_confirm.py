import pytest

from tests.api.test_consent import words

pytestmark = pytest.mark.django_db


def test_the_step_that_is_missing_is_named(clinic, hold, known):
    booking = hold("2027-03-08T10:00:00+03:00")
    assert (booking.call("post", "confirm/").status, booking.call("post", "confirm/").code) == (409, "details_missing")
    assert known("2027-03-09T10:00:00+03:00").call("post", "confirm/").code == "form_missing"


def test_consent_is_a_step_too(clinic, filled):
    answer = filled().call("post", "confirm/")
    assert (answer.status, answer.code) == (409, "consent_missing")


def test_a_cleared_patient_is_confirmed(clinic, filled):
    booking = filled()
    booking.call("put", "consent/", words())
    assert booking.call("post", "confirm/").body["state"] == "confirmed"
    assert booking.call("get").body["state"] == "confirmed"


def test_a_review_waits_for_a_practitioner(clinic, filled):
    booking = filled(blood_thinner="yes", blood_thinner_name="Apixaban")
    booking.call("put", "consent/", words())
    confirmed = booking.call("post", "confirm/").body
    assert (confirmed["state"], confirmed["clearance"]) == ("pending_review", "review")


def test_what_is_over_is_not_confirmed(clinic, filled):
    booking = filled()
    booking.call("put", "consent/", words())
    booking.call("post", "cancel/")
    answer = booking.call("post", "confirm/")
    assert (answer.status, answer.code) == (409, "wrong_state")


def test_a_hold_that_ran_out_is_not_confirmed(clinic, hold, time_machine):
    booking = hold()
    time_machine.move_to("2027-03-01T09:10:00+03:00", tick=False)
    assert booking.call("post", "confirm/").status == 409
