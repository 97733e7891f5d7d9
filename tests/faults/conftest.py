import datetime as dt

import pytest

from clinic.messaging import limits
from clinic.messaging.plan import send_now
from clinic.people.models import Patient
from tests.faults.fake_provider import ACCOUNT, TOKEN, FakeProvider


@pytest.fixture
def fake(settings):
    """A provider at another address, and an outbox whose minutes are squeezed into a second."""
    with FakeProvider() as provider:
        settings.MESSAGE_PROVIDER = "twilio"
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN
        settings.TWILIO_BASE_URL = provider.url
        settings.TWILIO_SMS_FROM, settings.TWILIO_WHATSAPP_FROM = "+15005550006", "+905325550140"
        settings.TWILIO_MESSAGING_SERVICE_SID = ""
        settings.MESSAGING = {
            "read_timeout": 0.6, "connect_timeout": 0.5, "threads": 1, "sms_per_second": 0, "whatsapp_per_second": 0,
        }  # fmt: skip
        limits.forget_remembered()
        yield provider
        limits.forget_remembered()


@pytest.fixture
def text(db):
    """Queues a text message (no answer, may be sent again) to a new person and returns it."""

    def queue(*, now: dt.datetime, email: str = "", number: int = 1, **more):
        patient = Patient.objects.create(
            name=f"Person {number}", phone=f"+9053255{number:05d}", email=email, language="en"
        )
        facts = {"link": "/b/t/", "day": "Monday", "time": "10:00", "place": "here"}
        return send_now(
            "booking_confirmed", key=f"n{number}", patient=patient, language="en", facts=facts, now=now, **more
        )

    return queue
