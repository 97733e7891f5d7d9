"""A held time, and another one instead."""

import pytest

from bookings.models import Appointment
from clinic.errors import DomainError
from consultations.services.holding import reserve_held
from tests.bookings.cast import NOW, at, held, make_clinic, reserved

pytestmark = pytest.mark.django_db
MIA = {"name": "Mia Çelik", "phone": "0532 555 01 77"}


def test_another_time_that_cannot_be_hers_leaves_her_the_one_she_had():
    make_clinic()
    other = reserved("2027-03-03 10:00", "consult")
    row = held("2027-03-02 10:00", "peel")
    mia = {"name": other.patient.name, "phone": other.patient.phone}
    with pytest.raises(DomainError) as refusal:
        reserve_held(row, start=at("2027-03-03 10:00"), now=NOW, **mia)
    assert refusal.value.code == "patient_busy"
    row.refresh_from_db()
    assert row.state == "held"
    assert Appointment.objects.count() == 2


def test_another_time_is_taken_and_the_first_given_back_in_one_step():
    make_clinic()
    row = held("2027-03-02 10:00", "peel")
    mine = reserve_held(row, start=at("2027-03-03 10:00"), now=NOW, **MIA)
    row.refresh_from_db()
    assert (row.state, mine.state, mine.start) == ("lapsed", "reserved", at("2027-03-03 10:00"))
    assert reserve_held(held("2027-03-02 10:00", "peel"), now=NOW, **MIA | {"name": "Can Çelik"}).state == "reserved"
