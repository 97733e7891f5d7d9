"""The desk finds a patient by any part of the name or any four digits."""

import pytest

from clinic.errors import Invalid
from clinic.people.names import first_name, fold
from clinic.people.phones import normalise
from clinic.people.selectors import search_patients
from clinic.people.services import upsert_patient

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cast():
    upsert_patient(name="Işıl Güneş", phone="+905325550141", email="isil@example.com")
    upsert_patient(name="José Martín Ibáñez", phone="+34612345678")


def found(query):
    return [patient.name for patient in search_patients(query)]


@pytest.mark.parametrize(
    "query", ["isil", "IŞIL", "güne", "gunes isil", "0532 555", "5550141", "isil@example.com", "555 01"]
)
def test_finds_isil(query):
    assert found(query) == ["Işıl Güneş"]


@pytest.mark.parametrize("query", ["ibanez", "jose mar", "3456", "+34 612"])
def test_finds_jose(query):
    assert found(query) == ["José Martín Ibáñez"]


@pytest.mark.parametrize("query", ["", "is", "9999", "isil@", "zz top", "%%%", "___"])
def test_finds_nobody(query):
    assert found(query) == []


def test_the_same_person_books_twice_and_stays_one_patient():
    again = upsert_patient(name="  işıl   güneş ", phone="+905325550141", email="attacker@example.com")
    assert again.email == "isil@example.com"
    assert found("isil") == ["Işıl Güneş"]


def test_a_family_shares_a_phone():
    upsert_patient(name="Deniz Güneş", phone="+905325550141")
    assert found("5550141") == ["Deniz Güneş", "Işıl Güneş"]


@pytest.mark.parametrize("typed", ["0532 555 01 41", "+90 532 5550141", "(532) 555-0141", "00905325550141"])
def test_any_spacing_is_one_number(typed):
    assert normalise(typed) == "+905325550141"


@pytest.mark.parametrize("typed", ["", "abc", "12", "+90 999", "+1 555"])
def test_what_is_no_number_is_refused_at_its_field(typed):
    with pytest.raises(Invalid) as refusal:
        normalise(typed)
    assert "phone" in refusal.value.fields


def test_folding_and_greeting():
    assert fold("  IŞIL  Güneş ") == "isil gunes"
    assert first_name("Dr. Selin Aydın") == "Selin"
