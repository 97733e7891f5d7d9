"""A POST with an Idempotency-Key is answered once, however often and from however many sides it is sent."""

import threading

import pytest
from django.db import connection
from django.test import Client

from bookings.models import Appointment
from tests.api.conftest import TEN
from tests.api.test_consent import words

GIVEN = {"treatment": "pen", "areas": ["face"], "start": TEN}
KEY = "5b0f4a52-0c5e-4a43-9f0b-6f5e3c1d7a90"
PATH = "/api/v1/bookings/"
SIDES = 50


@pytest.mark.django_db(transaction=True)
def test_the_same_key_from_fifty_sides_is_one_booking(transactional_db, request):
    request.getfixturevalue("clinic")
    answers, together = [], threading.Barrier(SIDES)

    def send():
        try:
            together.wait(30)
            got = Client().post(PATH, GIVEN, content_type="application/json", headers={"idempotency-key": KEY})
            answers.append((got.status_code, got.content))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(SIDES)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert len(answers) == SIDES
    assert {status for status, _body in answers} == {201}
    assert len({body for _status, body in answers}) == 1
    assert Appointment.objects.count() == 1


@pytest.mark.django_db
class TestKeys:
    def post(self, api, body=GIVEN, key=KEY, path="/bookings/", **more):
        return api("post", path, body, **{"idempotency-key": key}, **more)

    def test_another_body_is_refused(self, clinic, api):
        assert self.post(api).status == 201
        answer = self.post(api, GIVEN | {"start": "2027-03-09T10:00:00+03:00"})
        assert (answer.status, answer.code) == (422, "key_reused")
        assert Appointment.objects.count() == 1

    def test_the_order_of_names_in_a_body_is_no_other_body(self, clinic, api):
        first = self.post(api)
        assert self.post(api, dict(reversed(GIVEN.items()))) == first

    def test_a_refusal_is_remembered_too(self, clinic, api, hold):
        for who in ("ayse", "deniz"):
            hold(practitioner=who)
        first = self.post(api)
        assert (first.status, first.code) == (409, "slot_taken")
        Appointment.objects.update(hold_expires_at="2027-03-01T08:00:00+03:00")
        assert self.post(api) == first

    def test_confirm_move_and_cancel_are_answered_once(self, clinic, filled):
        booking = filled()
        booking.call("put", "consent/", words())
        for rest, body in (("confirm/", None), ("move/", {"start": "2027-03-10T11:00:00+03:00"}), ("cancel/", None)):
            first = booking.call("post", rest, body, **{"idempotency-key": KEY})
            assert first.status == 200
            assert booking.call("post", rest, body, **{"idempotency-key": KEY}) == first
        assert booking.call("get").body["version"] == 2

    @pytest.mark.parametrize("key", ["", "   ", "x" * 201])
    def test_a_key_that_is_none(self, clinic, api, key):
        answer = self.post(api, key=key)
        assert (answer.status, answer.code, answer.fields) == (422, "key_invalid", ["Idempotency-Key"])

    def test_a_guessed_key_does_not_give_somebody_elses_token(self, clinic, api):
        """A short key counts only from the address it came from."""
        first = self.post(api, key="1")
        assert self.post(api, key="1") == first
        stranger = Client(REMOTE_ADDR="203.0.113.9").post(
            PATH, GIVEN, content_type="application/json", headers={"idempotency-key": "1"}
        )
        assert first.body["token"] not in stranger.content.decode()

    def test_another_bookings_key_is_another_key(self, clinic, api, known, hold):
        mine, other = known(), hold("2027-03-09T10:00:00+03:00")
        mine.call("post", "cancel/", **{"idempotency-key": KEY})
        assert other.call("post", "cancel/", **{"idempotency-key": KEY}).body["id"] == other.id
