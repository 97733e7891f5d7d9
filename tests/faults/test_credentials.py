"""The provider no longer knows us: nobody's message is used up by that, and everything goes on by itself after."""

import datetime as dt
import smtplib

import pytest
from django.core.mail import EmailMessage

from clinic.messaging import limits
from clinic.messaging.models import Message
from clinic.messaging.plan import send_now
from clinic.messaging.reconcile import reconcile
from clinic.messaging.states import State
from clinic.messaging.sweep import sweep
from tests.faults.test_sending import now  # noqa: F401

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


@pytest.mark.parametrize("refusal", ["401", "403", "404"])
def test_revoked_in_the_middle_the_channel_pauses_and_goes_on_by_itself(fake, text, now, refusal, mailoutbox):  # noqa: F811
    fake.behave = lambda _to, number: "201" if number < 3 else refusal
    for number in range(8):
        text(now=now, number=number, email=f"p{number}@example.org")
    done = sweep(now=now, threads=1)
    assert (done["accepted"], done["paused"]) == (3, 1)
    assert limits.paused(now=now) == ("sms", "whatsapp")
    left = Message.objects.exclude(state=State.ACCEPTED)
    assert set(left.values_list("state", "attempts", "channel")) == {("pending", 0, "sms")}
    assert not mailoutbox  # nobody is told some other way because our account is shut
    for minutes in (1, 4):
        assert not sweep(now=now + minutes * MINUTE, threads=1)
    assert sweep(now=now + 6 * MINUTE, threads=1)["paused"] == 1  # one asks whether it is better
    fake.behave = lambda _to, _number: "201"
    assert not sweep(now=now + 12 * MINUTE, threads=1)  # refused again: a quarter of an hour
    assert sweep(now=now + 22 * MINUTE, threads=1)["accepted"] == 5
    assert len(fake.made) == len({made.to for made in fake.made}) == 8


def test_a_country_that_is_not_served_is_the_matter_of_that_one_message(fake, text, now, mailoutbox):  # noqa: F811
    fake.behave = lambda _to, number: "403_region" if number == 0 else "201"
    for number in range(2):
        text(now=now, number=number, email=f"p{number}@example.org")
    assert sweep(now=now, threads=1) == {"failed": 1, "accepted": 2}
    assert (len(fake.made), len(mailoutbox)) == (1, 1)
    assert not limits.paused(now=now)


def test_what_is_in_doubt_waits_while_the_provider_does_not_know_us(fake, text, now, settings):  # noqa: F811
    fake.behave = lambda _to, _number: "drop_made"
    text(now=now)
    sweep(now=now, threads=1)
    settings.TWILIO_AUTH_TOKEN, right = "wrong" * 6, settings.TWILIO_AUTH_TOKEN
    for minutes in range(7, 60, 2):
        reconcile(now=now + minutes * MINUTE)
    assert Message.objects.get().state == State.UNKNOWN
    settings.TWILIO_AUTH_TOKEN = right
    assert reconcile(now=now + 61 * MINUTE).bound == 1
    assert len(fake.posts) == 1


def test_the_mail_server_refuses_our_password(fake, text, now, monkeypatch):  # noqa: F811
    def refuse(_mail):
        raise smtplib.SMTPAuthenticationError(535, b"no")

    message = text(now=now + dt.timedelta(days=1), email="p@example.org")
    patient = message.patient
    patient.phone = ""
    patient.save()
    facts = {"link": "/b/t/", "day": "Monday", "time": "10:00", "place": "here"}
    email = send_now("booking_confirmed", key="mail", patient=patient, language="en", facts=facts, now=now)
    with monkeypatch.context() as broken:
        broken.setattr(EmailMessage, "send", refuse)
        assert sweep(now=now, threads=1) == {"paused": 1}
    email.refresh_from_db()
    assert (email.state, email.attempts, limits.paused(now=now)) == (State.PENDING, 0, ("email",))
    assert sweep(now=now + 6 * MINUTE, threads=1)["accepted"] == 1
