"""Rows read by a statement that is written out are what a queryset would have read."""

import datetime as dt

import pytest
from django.db import connection

from clinic.people.models import Patient
from clinic.rows import Columns

pytestmark = pytest.mark.django_db


@pytest.fixture
def somebody():
    return Patient.objects.create(
        name="Işıl Güneş", phone="+905325550140", email="isil@example.com", date_of_birth=dt.date(1990, 5, 1)
    )


def read(columns, where="true"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns.of('found')} FROM people_patient found WHERE {where}")  # noqa: S608
        return [columns.read(values) for values in cursor.fetchall()]


def test_every_field_is_as_a_queryset_reads_it(somebody):
    [found] = read(Columns(Patient))
    wanted = Patient.objects.get()
    assert found == wanted
    for field in Patient._meta.concrete_fields:
        assert getattr(found, field.attname) == getattr(wanted, field.attname), field.attname
    assert found.phone == "+905325550140"
    assert not found._state.adding


def test_what_was_left_out_is_read_when_it_is_asked_for(somebody, django_assert_num_queries):
    [named], [without] = read(Columns(Patient, "id", "phone")), read(Columns(Patient, but=("phone", "name")))
    with django_assert_num_queries(0):
        assert (named.pk, named.phone, without.email) == (somebody.pk, somebody.phone, somebody.email)
    with django_assert_num_queries(3):
        assert (named.name, without.name, without.phone) == (somebody.name, somebody.name, somebody.phone)


def test_a_row_without_a_key_is_none(somebody):
    columns = Columns(Patient)
    assert columns.read([None] * len(columns)) is None


def test_it_can_be_saved_again(somebody):
    [found] = read(Columns(Patient))
    found.phone = "+905325550141"
    found.save()
    assert Patient.objects.get().phone == "+905325550141"
