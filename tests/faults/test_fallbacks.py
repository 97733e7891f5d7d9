"""WhatsApp, then a text, then email, then a person: each once, however often the failure is told."""

import datetime as dt
import smtplib

import pytest
from django.core.mail import EmailMessage

from clinic.messaging import consent
from clinic.messaging.models import Attempt, Message, WhatsAppWindow
from clinic.messaging.states import REFUSED, State
from clinic.messaging.status import apply_status
from clinic.messaging.sweep import sweep
from tests.faults.test_sending import now  # noqa: F401
from tests.faults.test_steps import in_threads

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def everywhere(text, now):  # noqa: F811
    """A message to somebody who can be reached on WhatsApp, by text and by email."""
    message = text(now=now, email="p@example.org")
    consent.record_consent(message.patient_id, channel="whatsapp", purpose="care", granted=True, source="t", now=now)
    WhatsAppWindow.objects.create(number=message.address_index, last_inbound=now)
    return message


def fails(made, now, *, code="63024"):  # noqa: F811
    """The provider says so four times, from several sides at once."""
    attempt = Attempt.objects.get(pk=made.callback.rstrip("/").rsplit("/", 1)[1]).pk
    words = ["undelivered", "failed", "undelivered", "failed"]
    in_threads(
        4, lambda number: apply_status(attempt, provider_id=made.sid, status=words[number], error_code=code, now=now)
    )


def test_down_the_whole_way_once(fake, everywhere, now, monkeypatch):  # noqa: F811
    posted = []

    def refuse(mail):
        posted.append(mail)
        raise smtplib.SMTPRecipientsRefused({"p@example.org": (550, b"nobody")})

    monkeypatch.setattr(EmailMessage, "send", refuse)
    sweep(now=now, threads=1)
    fails(fake.made[0], now)
    sweep(now=now, threads=1)
    fails(fake.made[1], now, code="30003")
    for _time in range(3):
        sweep(now=now, threads=1)
    assert [made.to for made in fake.made] == [f"whatsapp:{everywhere.address}", everywhere.address]
    assert len(posted) == 1
    rows = list(Message.objects.order_by("created_at").values_list("channel", "state"))
    assert [channel for channel, _state in rows] == ["whatsapp", "sms", "email", "desk"]
    assert all(state in REFUSED for _channel, state in rows[:3])
    assert rows[3][1] == State.NEEDS_PERSON


def test_delivered_after_all_before_the_text_went_out_takes_the_text_back(fake, everywhere, now):  # noqa: F811
    sweep(now=now, threads=1)
    fails(fake.made[0], now)
    apply_status(None, provider_id=fake.made[0].sid, status="delivered", now=now)
    sweep(now=now, threads=1)
    assert len(fake.posts) == 1
    assert dict(Message.objects.values_list("channel", "state")) == {"whatsapp": "delivered", "sms": "cancelled"}


def test_a_failure_told_after_it_was_delivered_changes_nothing(fake, everywhere, now):  # noqa: F811
    sweep(now=now, threads=1)
    apply_status(None, provider_id=fake.made[0].sid, status="delivered", now=now)
    fails(fake.made[0], now)
    sweep(now=now, threads=1)
    assert (len(fake.posts), Message.objects.get().state) == (1, State.DELIVERED)


def test_what_failed_when_it_is_too_late_is_not_said_another_way(fake, everywhere, now):  # noqa: F811
    Message.objects.update(not_after=now + 30 * MINUTE)
    sweep(now=now, threads=1)
    fails(fake.made[0], now + 40 * MINUTE)
    assert Message.objects.count() == 1
