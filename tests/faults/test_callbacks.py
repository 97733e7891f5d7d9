"""Callbacks over real HTTP: lost, doubled, shuffled, before the answer, forged, behind a proxy."""

import threading
import time

import pytest
from django.db import connections

from clinic.messaging.models import Attempt, Message
from clinic.messaging.reconcile import poll
from clinic.messaging.states import State
from clinic.messaging.sweep import sweep
from tests.faults.fake_provider import post_signed
from tests.faults.test_sending import MINUTE, now  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def public(fake, settings, live_server):
    settings.PUBLIC_URL = live_server.url
    yield live_server.url
    connections.close_all()


def wait_until(true, seconds=10):
    stop = time.monotonic() + seconds
    while not true() and time.monotonic() < stop:
        time.sleep(0.05)
    assert true()


@pytest.mark.parametrize("before", [0.0, 1.0])
def test_every_message_ends_delivered_however_its_callbacks_come(public, fake, text, now, before):  # noqa: F811
    fake.callbacks, fake.double, fake.before_response = ("delivered", "sent", "queued"), 0.5, before
    for number in range(15):
        text(now=now, number=number)
    sweep(now=now, threads=1)
    wait_until(lambda: Message.objects.filter(state=State.DELIVERED).count() == 15)
    assert len(fake.posts) == 15


def test_lost_callbacks_are_asked_for(public, fake, text, now):  # noqa: F811
    fake.callbacks, fake.lose = ("delivered",), 1.0
    text(now=now)
    sweep(now=now, threads=1)
    fake.made[0].status = "delivered"
    assert poll(now=now + 16 * MINUTE) == 1
    assert Message.objects.get().state == State.DELIVERED


def test_forged_callbacks_change_nothing(public, fake, text, now):  # noqa: F811
    text(now=now)
    sweep(now=now, threads=1)
    made = fake.made[0]
    assert fake.call_back(made, "failed", token="f" * 32) == 403
    assert Message.objects.get().state == State.ACCEPTED


def test_behind_a_proxy_the_public_address_counts_not_the_one_we_hear(public, fake, text, now, settings):  # noqa: F811
    settings.PUBLIC_URL = "https://clinic.example"
    text(now=now)
    sweep(now=now, threads=1)
    made = fake.made[0]
    assert made.callback.startswith("https://clinic.example/hooks/")
    inside = made.callback.replace("https://clinic.example", public)
    fields = {"MessageSid": made.sid, "MessageStatus": "delivered"}
    assert post_signed(inside, fields) == 403  # signed for the inner address
    assert post_signed(inside, fields, signed_for=made.callback) == 204
    assert Message.objects.get().state == State.DELIVERED


def test_a_failed_callback_many_times_at_once_makes_one_fallback(public, fake, text, now):  # noqa: F811
    text(now=now, email="p@example.org")
    sweep(now=now, threads=1)
    made = fake.made[0]
    calls = [threading.Thread(target=fake.call_back, args=[made, word]) for word in ("failed", "undelivered") * 5]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    assert Message.objects.filter(parent__isnull=False).count() == 1
    assert Attempt.objects.count() == 1
