"""`kill -9` at every step of the protocol: a process of its own dies at exactly that point, and others carry on."""

import datetime as dt
import os
import signal

import pytest
from django.db import connection

from clinic.messaging import channels, claiming, sending, spend, status
from clinic.messaging import reconcile as settling
from clinic.messaging.models import Attempt, Message
from clinic.messaging.reconcile import poll, reconcile
from clinic.messaging.states import State
from clinic.messaging.sweep import sweep
from tests.faults.test_sending import now  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = dt.timedelta(minutes=1)
kept = []


def die(*_args, **_kwargs):
    os.kill(os.getpid(), signal.SIGKILL)


def before(place, name):
    return lambda: setattr(place, name, die)


def after(place, name):
    real = getattr(place, name)

    def arrange():
        setattr(place, name, lambda *args, **kwargs: die(real(*args, **kwargs)))

    return arrange


def dies(work, arrange=lambda: None, *, told=lambda _pid: None):
    """Runs `work` in a fork with a database connection of its own and sees it killed."""
    pid = os.fork()
    if pid == 0:
        try:
            kept.append(connection.connection)  # closing it here would end the parent's session
            connection.connection = None
            arrange()
            work()
        finally:
            os._exit(3)
    told(pid)
    _pid, end = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(end) and os.WTERMSIG(end) == signal.SIGKILL, "it did not come to that point"


def carry_on(now):  # noqa: F811
    """Everybody else, in the half hour after."""
    for minutes in (0, 1, 7, 8.5, 9, 10, 17, 18.5, 20, 30):
        sweep(now=now + minutes * MINUTE, threads=1)
        reconcile(now=now + minutes * MINUTE)
        poll(now=now + minutes * MINUTE)


SENDING = {
    "claim, before it is committed": before(claiming, "envelope_of"),
    "claim, committed": before(sending, "deliver"),
    "before the POST": before(channels, "post"),
    "after the POST": after(channels, "post"),
    "record, before it is committed": after(status, "hear"),
    "record, committed": before(spend, "count"),
}


@pytest.mark.parametrize("point", SENDING)
def test_while_sending(fake, text, now, point):  # noqa: F811
    text(now=now)
    dies(lambda: sweep(now=now, threads=1), SENDING[point])
    carry_on(now)
    assert len(fake.made) == len(fake.posts) == 1
    assert (Message.objects.get().state, Message.objects.get().provider_id) == (State.ACCEPTED, fake.made[0].sid)


def test_while_the_request_is_on_its_way(fake, text, now):  # noqa: F811
    """The provider has it in hand when the sender dies."""
    victim = []

    def behave(_to, number):
        while number == 0 and not victim:
            pass
        if number == 0:
            os.kill(victim[0], signal.SIGKILL)
        return "201"

    fake.behave = behave
    text(now=now)
    dies(lambda: sweep(now=now, threads=1), told=victim.append)
    carry_on(now)
    assert (len(fake.posts), len(fake.made)) == (1, 1)
    assert Message.objects.get().provider_id == fake.made[0].sid


LOOKING = {
    "taken": (before(channels, "find"), "drop_made"),
    "answered": (after(channels, "find"), "drop_made"),
    "found, before it is committed": (after(status, "hear"), "drop_made"),
    "absent twice, before it is committed": (after(settling, "_after_absence"), "drop"),
}


@pytest.mark.parametrize("point", LOOKING)
def test_while_settling_what_is_in_doubt(fake, text, now, point):  # noqa: F811
    arrange, behaviour = LOOKING[point]
    fake.behave = lambda _to, number: behaviour if number == 0 else "201"
    text(now=now)
    sweep(now=now, threads=1)
    if behaviour == "drop":
        reconcile(now=now + 7 * MINUTE)
    dies(lambda: reconcile(now=now + 8.5 * MINUTE), arrange)
    carry_on(now + 8.5 * MINUTE)
    assert len(fake.made) == 1
    assert (Message.objects.get().state, Message.objects.get().provider_id) == (State.ACCEPTED, fake.made[0].sid)


@pytest.mark.parametrize("arrange", [before(channels, "fetch"), after(channels, "fetch"), after(status, "hear")])
def test_while_asking_after_what_is_not_final(fake, text, now, arrange):  # noqa: F811
    """Also the last time: it is asked again, so that a failure nobody reported is still heard of."""
    text(now=now, not_after=now + dt.timedelta(hours=9), email="p@example.org")
    sweep(now=now, threads=1)
    poll(now=now + 16 * MINUTE)
    fake.made[0].status = "undelivered"
    dies(lambda: poll(now=now + 130 * MINUTE), arrange)
    assert poll(now=now + 150 * MINUTE) == 1
    assert list(Message.objects.order_by("created_at").values_list("channel", "state")) == [
        ("sms", "undelivered"),
        ("email", "pending"),
    ]


@pytest.mark.parametrize("arrange", [before(status, "fall_back"), after(status, "fall_back")])
def test_while_falling_back(fake, text, now, arrange, mailoutbox):  # noqa: F811
    fake.behave = lambda _to, _number: "400"
    text(now=now, email="p@example.org")
    dies(lambda: sweep(now=now, threads=1), arrange)
    carry_on(now)
    assert (len(mailoutbox), len(fake.made)) == (1, 0)
    assert list(Message.objects.order_by("created_at").values_list("channel", "state")) == [
        ("sms", "failed"),
        ("email", "sent"),
    ]


def test_while_hearing_a_callback(fake, text, now):  # noqa: F811
    text(now=now)
    sweep(now=now, threads=1)
    made, attempt = fake.made[0], Attempt.objects.get()
    made.status = "delivered"
    dies(
        lambda: status.apply_status(attempt.pk, provider_id=made.sid, status="delivered", now=now),
        after(status, "hear"),
    )
    assert Message.objects.get().state == State.ACCEPTED
    carry_on(now)
    assert Message.objects.get().state == State.DELIVERED
