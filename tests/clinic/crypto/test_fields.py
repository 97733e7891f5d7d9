"""Sealed fields: unreadable in the database, bound to their row, refused where they would leak."""

import datetime as dt
import io
import uuid

import pytest
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db import connection

from clinic.crypto.keyring import CannotOpen, Keyring
from clinic.people.models import Patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def elif_():
    return Patient.objects.create(
        name="Elif Kaya", phone="+905325550141", email="elif@example.com", date_of_birth=dt.date(1991, 4, 2)
    )


def raw(patient, column):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM people_patient WHERE id = %s", [patient.pk])
        return bytes(cursor.fetchone()[0])


def test_reads_back_what_was_written(elif_):
    again = Patient.objects.get(pk=elif_.pk)
    assert (again.phone, again.email, again.date_of_birth) == ("+905325550141", "elif@example.com", dt.date(1991, 4, 2))


def test_nothing_readable_lies_in_the_database(elif_):
    assert b"905325550141" not in raw(elif_, "phone")
    assert b"1991" not in raw(elif_, "date_of_birth")


def test_a_value_moved_to_another_row_does_not_open(elif_):
    other = Patient.objects.create(name="Mert Aksoy", phone="+905325550142")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_patient SET phone = %s WHERE id = %s", [raw(elif_, "phone"), other.pk])
    with pytest.raises(CannotOpen):
        _ = Patient.objects.get(pk=other.pk).phone


def test_a_value_moved_to_another_column_does_not_open(elif_):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_patient SET email = phone WHERE id = %s", [elif_.pk])
    with pytest.raises(CannotOpen):
        _ = Patient.objects.get(pk=elif_.pk).email


def test_update_without_a_row_is_refused(elif_):
    with pytest.raises(FieldError):
        Patient.objects.filter(pk=elif_.pk).update(phone="+905325550199")


def test_filtering_on_a_sealed_field_is_refused():
    with pytest.raises(FieldError):
        Patient.objects.filter(phone="+905325550141").exists()


def test_saving_without_reading_keeps_the_sealed_bytes(elif_):
    before = raw(elif_, "email")
    again = Patient.objects.get(pk=elif_.pk)
    again.name = "Elif Kaya Demir"
    again.save(update_fields=["name"])
    assert raw(elif_, "email") == before


def test_deferred_fields_open_when_read(elif_):
    assert Patient.objects.only("name").get(pk=elif_.pk).phone == "+905325550141"


def test_values_give_sealed_bytes_not_plain_text(elif_):
    value = Patient.objects.values_list("phone", flat=True).get(pk=elif_.pk)
    assert repr(value) == "<sealed>"


def test_rotation_seals_every_row_again_and_old_keys_can_go(elif_, settings):
    old = settings.FIELD_KEYS
    new = "k2:" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY="
    settings.FIELD_KEYS = f"{new},{old}"
    call_command("rotate_field_keys", verbosity=0, stdout=io.StringIO())
    assert Keyring.key_of(raw(elif_, "phone")) == "k2"
    settings.FIELD_KEYS = new
    assert Patient.objects.get(pk=elif_.pk).phone == "+905325550141"


def test_a_key_of_the_wrong_length_is_refused():
    from django.core.exceptions import ImproperlyConfigured

    with pytest.raises(ImproperlyConfigured):
        Keyring({"k1": b"short"})


def test_a_random_value_does_not_open():
    ring = Keyring({"k1": b"0" * 32})
    with pytest.raises(CannotOpen):
        ring.open(uuid.uuid4().bytes, "a.b:c")
