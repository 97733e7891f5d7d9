"""The audit can be added to and nothing else; row triggers write names of columns, never values."""

import pytest
from django.db import Error, connection, transaction

from clinic.audit.models import Entry
from clinic.audit.services import acting, record
from clinic.people.access import Actor
from clinic.people.models import Patient

pytestmark = pytest.mark.django_db


def test_an_entry_cannot_be_changed_or_removed():
    entry = record("test.act", subject="thing:1")
    for sql in ("UPDATE audit_entry SET actor = 'nobody' WHERE id = %s", "DELETE FROM audit_entry WHERE id = %s"):
        with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [entry.pk])


def test_a_changed_row_writes_which_columns_and_who():
    patient = Patient.objects.create(name="Elif Kaya", phone="+905325550141")
    with transaction.atomic(), acting(Actor("patient", patient_id="p1")):
        patient.name = "Elif Demir"
        patient.save()
    entry = Entry.objects.filter(subject=f"people_patient:{patient.pk}", action="row.update").get()
    assert entry.actor == "patient:p1"
    assert {"name", "name_search"} <= set(entry.fields)
    assert "Demir" not in str(entry.detail)


def test_raw_sql_is_audited_too():
    patient = Patient.objects.create(name="Elif Kaya")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_patient SET language = 'tr' WHERE id = %s", [patient.pk])
    assert Entry.objects.filter(subject=f"people_patient:{patient.pk}", action="row.update").get().fields == [
        "language"
    ]
