"""Some days to think between consent and treatment, where the clinic asks for them."""

import datetime as dt

import pytest

from bookings.selectors import free_starts, why_not
from bookings.services import lifecycle, moves
from clinic.errors import DomainError
from consultations import journey
from consultations.consent_words import consent_words
from consultations.services.consent import give_consent, withdraw
from tests.bookings.cast import NOW, at, make_patient, plan
from tests.consultations.cast import BORN, reserved, submit
from treatments.models import Modality

pytestmark = pytest.mark.django_db
DAYS = 7
LATER = NOW + dt.timedelta(days=3)


@pytest.fixture
def thinking(clinic, questionnaire):
    Modality.objects.filter(slug="pen").update(reflection_days=DAYS)


def agree(row, *, now=NOW):
    words = consent_words(row.modality.slug, "en")
    give_consent(row, version=words.version, typed_name="Elif Aydın", language="en", now=now)
    row.refresh_from_db()
    return journey.settle(row, now=now)


def booked(start, *, patient=None):
    row = reserved(start, patient=patient or make_patient(date_of_birth=BORN))
    submit(row)
    row.refresh_from_db()
    return row


def test_times_are_offered_from_a_day_on_which_one_can_have_thought(thinking):
    found = free_starts(plan=plan("pen"), first=dt.date(2027, 3, 1), last=dt.date(2027, 3, 12), now=NOW)
    assert min(found.starts).date() == dt.date(2027, 3, 9)
    (reason,) = why_not(plan=plan("pen"), start=at("2027-03-08 10:00"), now=NOW)
    assert (reason.code, "9 March 2027" in reason.sentence) == ("reflection", True)
    assert why_not(plan=plan("peel"), start=at("2027-03-08 10:00"), now=NOW) == []


def test_staff_cannot_shorten_it(thinking):
    assert [one.code for one in why_not(plan=plan("pen"), start=at("2027-03-08 10:00"), now=NOW, staff=True)] == [
        "reflection"
    ]


def test_a_consent_in_time_confirms(thinking):
    row = agree(booked("2027-03-09 10:00"))
    assert (row.state, row.reflection_ends) == ("confirmed", dt.date(2027, 3, 8))


def test_a_late_consent_asks_for_a_later_time_and_goes_on_there(thinking):
    row = agree(booked("2027-03-09 10:00"), now=LATER)
    assert (row.state, row.reflection_ends) == ("reserved", dt.date(2027, 3, 11))
    with pytest.raises(DomainError) as refusal:
        journey.finish(row, now=LATER)
    assert refusal.value.code == "reflection"
    with pytest.raises(DomainError):
        moves.move(row, start=at("2027-03-10 10:00"), now=LATER)
    assert moves.move(row, start=at("2027-03-11 10:00"), now=LATER).state == "confirmed"


def test_nobody_is_checked_in_before_it_is_over(thinking):
    row = agree(booked("2027-03-09 10:00"))
    row.reflection_ends = dt.date(2027, 3, 10)
    row.save(update_fields=["reflection_ends"])
    with pytest.raises(DomainError) as refusal:
        lifecycle.check_in(row, now=NOW)
    assert refusal.value.code == "reflection"


def test_who_agreed_to_the_same_words_before_has_thought_already(thinking):
    patient = make_patient(date_of_birth=BORN)
    agree(booked("2027-03-09 10:00", patient=patient))
    row = agree(booked("2027-04-12 10:00", patient=patient), now=NOW + dt.timedelta(days=40))
    assert (row.state, row.reflection_ends) == ("confirmed", dt.date(2027, 3, 8))


def test_taking_it_back_begins_anew(thinking):
    row = agree(booked("2027-03-09 10:00"))
    withdraw(row, choice="treatment", now=NOW)
    row.refresh_from_db()
    assert row.reflection_ends is None
    row = agree(row, now=LATER)
    assert row.reflection_ends == dt.date(2027, 3, 11)


def test_without_such_a_time_nothing_changes(clinic, questionnaire):
    row = agree(booked("2027-03-08 10:00"))
    assert (row.state, row.reflection_ends) == ("confirmed", None)
