import pytest

from tests.api.conftest import TEN
from tests.api.test_consent import words

pytestmark = pytest.mark.django_db
LATER = "2027-03-10T11:00:00+03:00"


def test_the_new_time_is_taken_and_the_old_one_free(clinic, hold, known):
    booking = known()
    moved = booking.call("post", "move/", {"start": LATER})
    assert (moved.status, moved.body["start"], moved.body["version"]) == (200, LATER, 2)
    assert moved.body["practitioner"] == booking.held["practitioner"]
    assert hold(TEN, practitioner=booking.held["practitioner"])


def test_a_confirmed_visit_stays_confirmed(clinic, filled):
    booking = filled()
    booking.call("put", "consent/", words())
    booking.call("post", "confirm/")
    assert booking.call("post", "move/", {"start": LATER}).body["state"] == "confirmed"


def test_a_taken_time_leaves_everything_as_it_was(clinic, hold, known):
    for who in ("ayse", "deniz"):
        hold(LATER, practitioner=who)
    booking = known()
    answer = booking.call("post", "move/", {"start": LATER})
    assert (answer.status, answer.code, answer.fields) == (409, "slot_taken", ["start"])
    assert answer.body["nearest"]
    assert booking.call("get").body["start"] == TEN


@pytest.mark.parametrize(
    ("start", "status"),
    [("2027-03-10T07:00:00+03:00", 422), ("2027-03-10T11:01:00+03:00", 422), ("soon", 400), (None, 400)],
)
def test_where_it_cannot_go(clinic, known, start, status):
    answer = known().call("post", "move/", {"start": start})
    assert (answer.status, answer.fields) == (status, ["start"])


def test_what_is_cancelled_does_not_move(clinic, known):
    booking = known()
    booking.call("post", "cancel/")
    answer = booking.call("post", "move/", {"start": LATER})
    assert (answer.status, answer.code) == (409, "wrong_state")
