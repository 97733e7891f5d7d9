"""Writes about people."""

import datetime as dt

from django.db import connection, transaction

from clinic.crypto.search import blind_index
from clinic.people.models import Patient
from clinic.people.names import fold


@transaction.atomic
def upsert_patient(
    *,
    name: str,
    phone: str,
    email: str = "",
    date_of_birth: dt.date | None = None,
    language: str = "en",
) -> Patient:
    """The patient with this phone number and (folded) name, made new where there is none.

    A phone may be shared in a family, so a different name on a known number is a different patient. Contact
    details of a known patient are filled in where empty and never overwritten from a form anybody can send.
    ``phone`` is E.164. Whoever names the same number at the same time waits: two tabs make one person, not two.
    """
    _one_at_a_time(blind_index("phone", phone))
    same_phone = Patient.objects.select_for_update(no_key=True).filter(phone_index=blind_index("phone", phone))
    patient = same_phone.filter(name_search=fold(name)).order_by("created_at").first()
    if patient is None:
        return Patient.objects.create(
            name=" ".join(name.split()), phone=phone, email=email, date_of_birth=date_of_birth, language=language
        )
    patient.email = patient.email or email
    patient.date_of_birth = patient.date_of_birth or date_of_birth
    patient.language = language
    patient.save()
    return patient


def _one_at_a_time(index: str) -> None:
    """Until the transaction ends. A row that isn't there yet can't be locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"phone:{index}"])
