import pytest

from bookings.models import Appointment

pytestmark = pytest.mark.django_db


def test_the_time_is_free_at_once(clinic, hold, known):
    booking = known()
    gone = booking.call("post", "cancel/")
    assert (gone.status, gone.body["state"]) == (200, "cancelled")
    assert Appointment.objects.get().cancelled_reason == "patient"
    assert hold(practitioner=booking.held["practitioner"])


def test_once_more_is_no_error(clinic, known):
    booking = known()
    first = booking.call("post", "cancel/")
    assert booking.call("post", "cancel/").body == first.body
