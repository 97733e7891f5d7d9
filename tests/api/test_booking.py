import pytest

from bookings.models import Appointment

pytestmark = pytest.mark.django_db


def test_it_says_where_the_booking_stands(clinic, known):
    booking = known()
    got = booking.call("get")
    assert (got.status, got.body["id"], got.body["state"]) == (200, booking.id, "reserved")
    assert got.body["form_due_at"]
    assert "token" not in got.body


def test_it_never_says_an_answer(clinic, filled):
    booking = filled(blood_thinner="yes", blood_thinner_name="Apixaban", other_conditions="Raynaud")
    told = repr(booking.call("get").body)
    assert "clearance" in told
    assert not any(word in told for word in ("Apixaban", "Raynaud", "blood_thinner", "finding"))


def test_another_bookings_token_opens_nothing(clinic, api, hold):
    mine, other = hold(), hold("2027-03-09T10:00:00+03:00")
    assert api("get", f"/bookings/{mine.id}/", token=other.token).code == "not_found"


def test_a_token_opens_nothing_a_day_after_the_visit(clinic, filled, time_machine):
    booking = filled()
    ends = Appointment.objects.get().end
    time_machine.move_to(ends.replace(day=ends.day + 2))
    assert booking.call("get").status == 404
