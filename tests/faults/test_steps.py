"""Dying at each step. Every step commits before the next begins, so stopping there is what a kill leaves behind."""

import datetime as dt
import threading

import pytest
from django.db import connection, transaction

from clinic.messaging import channels, claiming, sending
from clinic.messaging.models import Attempt, Message
from clinic.messaging.plan import reconcile as plan
from clinic.messaging.reconcile import reconcile
from clinic.messaging.states import State
from clinic.messaging.status import apply_status
from clinic.messaging.sweep import sweep
from tests.faults.test_sending import now  # noqa: F401

MINUTE = dt.timedelta(minutes=1)


def settle(now):  # noqa: F811
    reconcile(now=now + 7 * MINUTE)
    reconcile(now=now + 9 * MINUTE)
    sweep(now=now + 9 * MINUTE, threads=1)


@pytest.mark.django_db
def test_after_the_claim(fake, text, now):  # noqa: F811
    message = text(now=now)
    claiming.claim(now=now)
    settle(now)
    message.refresh_from_db()
    assert (message.state, len(fake.made), message.attempts) == (State.ACCEPTED, 1, 2)


@pytest.mark.django_db
def test_after_the_post_before_the_record(fake, text, now):  # noqa: F811
    message = text(now=now)
    channels.post(claiming.claim(now=now).envelope)
    settle(now)
    message.refresh_from_db()
    assert (message.state, len(fake.made), message.provider_id) == (State.ACCEPTED, 1, fake.made[0].sid)


@pytest.mark.django_db
def test_after_the_post_when_the_callback_comes(fake, text, now):  # noqa: F811
    message = text(now=now)
    channels.post(claiming.claim(now=now).envelope)
    apply_status(Attempt.objects.get().pk, provider_id=fake.made[0].sid, status="delivered", now=now)
    settle(now)
    message.refresh_from_db()
    assert (message.state, len(fake.posts)) == (State.DELIVERED, 1)


@pytest.mark.django_db
def test_the_callback_is_faster_than_the_answer(fake, text, now):  # noqa: F811
    message = text(now=now)
    claimed = claiming.claim(now=now)
    outcome = channels.post(claimed.envelope)
    apply_status(claimed.envelope.attempt_id, provider_id=outcome.provider_id, status="sent", now=now)
    sending.record(claimed.envelope, outcome, now=now)
    message.refresh_from_db()
    assert (message.state, message.provider_id) == (State.SENT, outcome.provider_id)


@pytest.mark.django_db
def test_during_reconciling(fake, text, now, monkeypatch):  # noqa: F811
    fake.behave = lambda _to, number: "drop_made" if number == 0 else "201"
    message = text(now=now)
    sweep(now=now, threads=1)
    with monkeypatch.context() as broken:
        broken.setattr(channels, "find", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            reconcile(now=now + 7 * MINUTE)
    settle(now + 2 * MINUTE)
    message.refresh_from_db()
    assert (message.state, len(fake.posts)) == (State.ACCEPTED, 1)


@pytest.mark.django_db
def test_a_provider_that_cannot_be_asked_counts_as_no_answer(fake, text, now, settings):  # noqa: F811
    fake.behave = lambda _to, number: "drop_made" if number == 0 else "201"
    text(now=now)
    sweep(now=now, threads=1)
    settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
    for minutes in range(7, 30, 2):
        reconcile(now=now + minutes * MINUTE)
    assert Message.objects.get().state == State.UNKNOWN
    settings.TWILIO_BASE_URL = fake.url
    assert reconcile(now=now + 40 * MINUTE).bound == 1


def in_threads(count, work):
    def run(number):
        try:
            work(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_many_sweeps_at_once_send_each_message_once(fake, text, now, settings):  # noqa: F811
    settings.MESSAGING = {**settings.MESSAGING, "sweeps": 8}
    for number in range(40):
        text(now=now, number=number)
    in_threads(6, lambda _number: sweep(now=now, threads=2))
    assert len(fake.posts) == len({made.to for made in fake.made}) == 40
    assert set(Message.objects.values_list("state", flat=True)) == {State.ACCEPTED}


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_holds_is_passed_over_not_waited_for(fake, text, now):  # noqa: F811
    held, free = text(now=now - MINUTE, number=1), text(now=now, number=2)
    claimed = []
    with transaction.atomic():
        Message.objects.select_for_update().get(pk=held.pk)
        worker = threading.Thread(target=in_threads, args=[1, lambda _number: claimed.append(claiming.claim(now=now))])
        worker.start()
        worker.join(10)
    worker.join()
    assert [one.message.pk for one in claimed] == [free.pk]


@pytest.mark.django_db(transaction=True)
def test_cancelling_races_claiming_and_one_of_them_wins(fake, text, now):  # noqa: F811
    rows = [text(now=now, number=number) for number in range(20)]

    def work(number):
        if number == 0:
            sweep(now=now, threads=1)
        else:
            for row in rows[::-1]:
                plan(row.ref, [], now=now)

    in_threads(2, work)
    sent = {made.to for made in fake.made}
    for row in Message.objects.all():
        assert (row.state == State.ACCEPTED) == (row.address in sent)
        assert row.state in {State.ACCEPTED, State.CANCELLED}


@pytest.mark.django_db(transaction=True)
def test_callbacks_doubled_and_shuffled_from_many_sides(fake, text, now):  # noqa: F811
    message = text(now=now)
    sweep(now=now, threads=1)
    attempt, sid = Attempt.objects.get().pk, fake.made[0].sid
    words = ["delivered", "sent", "queued", "failed", "sent", "read", "delivered", "undelivered"]
    in_threads(8, lambda number: apply_status(attempt, provider_id=sid, status=words[number], now=now))
    message.refresh_from_db()
    assert message.state == State.READ
    assert not Message.objects.filter(parent=message, state=State.PENDING).exists()
