"""The cast: Elif has WhatsApp, Jonas only texts, Sofia only email."""

import datetime as dt
import uuid

import pytest

from clinic.messaging.consent import record_consent
from clinic.messaging.plan import Desired
from clinic.people.models import Patient

NOON = dt.datetime(2027, 5, 3, 9, 0, tzinfo=dt.UTC)  # Monday, 12:00 in Istanbul


@pytest.fixture
def now():
    return NOON


@pytest.fixture
def elif_(db):
    patient = Patient.objects.create(
        name="Elif Aydın", phone="+905325550101", email="elif@example.org", language="tr", timezone="Europe/Istanbul"
    )
    record_consent(
        patient.pk, channel="whatsapp", purpose="care", granted=True, source="test", now=NOON - dt.timedelta(days=9)
    )
    return patient


@pytest.fixture
def jonas(db):
    return Patient.objects.create(name="Jonas Weber", phone="+491701234567", language="en", timezone="Europe/Berlin")


@pytest.fixture
def sofia(db):
    return Patient.objects.create(name="Sofía Ruiz", email="sofia@example.org", language="es", timezone="Europe/Madrid")


@pytest.fixture
def wish(elif_):
    """A desired reminder for Elif tomorrow noon; any field can be given."""
    ref = f"visit:{uuid.uuid4()}"

    def make(**changes):
        facts = {
            "start": "2027-05-06T07:30:00+00:00",
            "timezone": "Europe/Istanbul",
            "place": "Moda Caddesi 12",
            "link": "/b/t/",
        }
        given = {
            "kind": "reminder_24h", "ref": ref, "version": 1, "patient_id": elif_.pk, "language": "en",
            "due_at": NOON + dt.timedelta(hours=3), "facts": facts,
        }  # fmt: skip
        return Desired(**given | changes)

    make.ref = ref
    return make
