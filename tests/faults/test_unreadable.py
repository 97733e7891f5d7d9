"""One message that cannot be made ready must not stand in the way of all the others."""

import datetime as dt

import pytest
from django.db import OperationalError, connection

from clinic.messaging import attempts, claiming, selectors
from clinic.messaging.models import Message
from clinic.messaging.states import State
from clinic.messaging.sweep import sweep
from tests.faults.test_sending import now  # noqa: F401

pytestmark = pytest.mark.django_db
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)


@pytest.fixture
def broken(text, now):  # noqa: F811
    """The one longest due is of a kind that a later version had."""
    message = text(now=now - MINUTE, number=1, not_after=now + 3 * HOUR)
    Message.objects.filter(pk=message.pk).update(kind="of_tomorrow")
    return message


def test_the_others_go_and_it_waits(fake, text, now, broken, caplog):  # noqa: F811
    others = [text(now=now, number=number) for number in (2, 3)]
    assert sweep(now=now, threads=1)["accepted"] == 2
    assert {made.to for made in fake.made} == {one.address for one in others}
    broken.refresh_from_db()
    assert (broken.state, broken.attempts, broken.due_at > now) == (State.PENDING, 0, True)
    assert "KeyError" in caplog.text and broken.address not in caplog.text


def test_once_it_can_be_made_ready_it_goes(fake, now, broken):  # noqa: F811
    sweep(now=now, threads=1)
    Message.objects.update(kind="booking_confirmed")
    assert sweep(now=now + 40 * MINUTE, threads=1)["accepted"] == 1
    assert Message.objects.get().error_class == ""


def test_before_it_is_too_late_a_person_is_told(fake, now, broken):  # noqa: F811
    for minutes in range(0, 200, 10):
        sweep(now=now + minutes * MINUTE, threads=1)
    assert [one.pk for one in selectors.for_a_person()] == [broken.pk]
    assert not fake.posts


def test_what_the_database_refuses_to_write_of_one_message_holds_up_no_other(fake, text, now, monkeypatch):  # noqa: F811
    refused, other = text(now=now - MINUTE, number=1), text(now=now, number=2)
    begin = attempts.begin

    def refuse(message, moment):
        begin(message, moment)
        if message.pk == refused.pk:
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE messaging_message SET not_after = due_at - interval '1 s' WHERE id = %s", [message.pk]
                )

    monkeypatch.setattr(attempts, "begin", refuse)
    assert sweep(now=now, threads=1)["accepted"] == 1
    assert {made.to for made in fake.made} == {other.address}
    refused.refresh_from_db()
    assert (refused.state, refused.attempts, refused.due_at > now) == (State.PENDING, 0, True)


def test_a_database_that_is_away_is_no_fault_of_the_message(fake, text, now, monkeypatch):  # noqa: F811
    def away(*_args, **_kwargs):
        raise OperationalError

    message = text(now=now)
    monkeypatch.setattr(claiming, "envelope_of", away)
    with pytest.raises(OperationalError):
        sweep(now=now, threads=1)
    before = message.due_at
    message.refresh_from_db()
    assert (message.state, message.due_at) == (State.PENDING, before)
