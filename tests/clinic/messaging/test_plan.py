import datetime as dt

import pytest
from django.db import transaction

from clinic.messaging.models import Attempt, Message
from clinic.messaging.plan import Reconciled, reconcile, send_now
from clinic.messaging.states import State

HOUR = dt.timedelta(hours=1)
pytestmark = pytest.mark.django_db


def test_what_is_desired_is_written_once(wish, now):
    assert reconcile(wish.ref, [wish()], now=now) == Reconciled(inserted=1)
    assert reconcile(wish.ref, [wish()], now=now) == Reconciled()
    message = Message.objects.get()
    assert (message.channel, message.address, message.state) == ("whatsapp", "+905325550101", "pending")
    assert "Thursday 6 May at 10:30" in message.body
    assert "Hello Elif" in message.body


def test_a_move_cancels_the_old_version_and_writes_the_new(wish, now):
    reconcile(wish.ref, [wish()], now=now)
    assert reconcile(wish.ref, [wish(version=2)], now=now) == Reconciled(inserted=1, cancelled=1)
    assert set(Message.objects.values_list("version", "state")) == {(1, "cancelled"), (2, "pending")}


def test_a_changed_due_time_or_text_changes_the_row_in_place(wish, now):
    reconcile(wish.ref, [wish()], now=now)
    later = wish(due_at=now + 5 * HOUR, language="tr")
    assert reconcile(wish.ref, [later], now=now) == Reconciled(changed=1)
    message = Message.objects.get()
    assert message.due_at == now + 5 * HOUR
    assert message.body.startswith("Merhaba Elif")


def test_a_link_made_on_demand_is_made_once(wish, now):
    calls = []
    facts = wish().facts | {"link": lambda: calls.append(1) or "/b/secret/"}
    for _again in range(3):
        reconcile(wish.ref, [wish(facts=facts)], now=now)
    assert len(calls) == 1
    assert "/b/secret/" in Message.objects.get().body


def test_a_message_whose_moment_has_passed_is_merged_not_sent(wish, now):
    assert reconcile(wish.ref, [wish(due_at=now - HOUR)], now=now) == Reconciled()
    assert reconcile(wish.ref, [wish(kind="booking_confirmed", due_at=now, at_once=True)], now=now).inserted == 1


def test_a_pending_message_stays_when_the_sweep_was_late(wish, now):
    reconcile(wish.ref, [wish()], now=now)
    assert reconcile(wish.ref, [wish()], now=now + 4 * HOUR) == Reconciled()
    assert Message.objects.get().state == State.PENDING


def test_quiet_hours_move_it_to_the_morning_of_the_reader(wish, now):
    night = dt.datetime(2027, 5, 4, 19, 30, tzinfo=dt.UTC)  # 22:30 in Istanbul
    reconcile(wish.ref, [wish(due_at=night)], now=now)
    assert Message.objects.get().due_at == dt.datetime(2027, 5, 5, 5, 0, tzinfo=dt.UTC)


def test_wanted_again_after_cancelling_is_the_same_row(wish, now):
    reconcile(wish.ref, [wish()], now=now)
    reconcile(wish.ref, [], now=now)
    assert reconcile(wish.ref, [wish()], now=now) == Reconciled(inserted=1)
    assert Message.objects.get().state == State.PENDING


def test_what_was_sent_is_left_alone(wish, now):
    reconcile(wish.ref, [wish()], now=now)
    Message.objects.update(state=State.ACCEPTED)
    assert reconcile(wish.ref, [], now=now) == Reconciled()
    assert reconcile(wish.ref, [wish(due_at=now + 9 * HOUR)], now=now) == Reconciled()


def test_rolled_back_with_the_business_it_belongs_to(wish, now):
    with pytest.raises(RuntimeError), transaction.atomic():  # noqa: PT012
        reconcile(wish.ref, [wish()], now=now)
        raise RuntimeError
    assert not Message.objects.exists()


def test_text_and_address_are_sealed_in_the_database(wish, now):
    reconcile(wish.ref, [wish()], now=now)
    stored = Message.objects.values_list("body", "address", "facts").get()
    assert not any(word in bytes(value) for value in stored for word in (b"Elif", b"5325550101", b"/b/t/"))


def test_people_without_whatsapp_get_a_text_and_without_phone_an_email(wish, now, jonas, sofia):
    for person, channel in ((jonas, "sms"), (sofia, "email")):
        message = send_now("contact_changed", key=str(person.pk), patient=person, language="en", now=now)
        assert message.channel == channel


def test_the_same_key_is_sent_once(jonas, now):
    one = send_now(
        "sign_in_code", key="a", patient=jonas, language="en", facts={"code": "123456", "minutes": 10}, now=now
    )
    two = send_now(
        "sign_in_code", key="a", patient=jonas, language="en", facts={"code": "999999", "minutes": 10}, now=now
    )
    assert one.pk == two.pk
    assert "123456" in two.body


def planned_and(wish, now, *, outcome, state=State.CANCELLED):
    """A message that was tried once with this end, and then no longer wanted."""
    reconcile(wish.ref, [wish()], now=now)
    row = Message.objects.get()
    attempt = Attempt.objects.create(message=row, started_at=now, ended_at=now, outcome=outcome)
    Message.objects.update(state=state, attempts=1, attempt_id=attempt.pk, lease_until=now)
    return row


@pytest.mark.parametrize(("outcome", "state"), [("retry", "pending"), ("unknown", "cancelled"), ("", "cancelled")])
def test_wanted_again_after_a_try_only_where_that_is_known_not_to_have_gone_out(wish, now, outcome, state):
    row = planned_and(wish, now, outcome=outcome)
    reconcile(wish.ref, [wish()], now=now)
    row.refresh_from_db()
    assert row.state == state


def test_wanted_again_while_it_is_in_doubt_may_be_sent_again(wish, now):
    row = planned_and(wish, now, outcome="unknown", state=State.UNKNOWN)
    Message.objects.update(due_at=now)
    before = row.not_after
    reconcile(wish.ref, [], now=now)
    row.refresh_from_db()
    assert (row.not_after, row.error_class) == (now, "withdrawn")
    reconcile(wish.ref, [wish()], now=now)
    row.refresh_from_db()
    assert (row.not_after, row.error_class, row.state) == (before, "", State.UNKNOWN)


@pytest.mark.parametrize("worth", [dt.timedelta(days=1), 5 * HOUR])
def test_a_moment_that_an_edit_put_into_the_past_is_now_and_does_not_expire_unsent(wish, now, worth):
    """What was planned to be said is said at once; a moment that passed before anything was planned is left out."""
    reconcile(wish.ref, [wish(due_at=now + 9 * HOUR, not_after=now + 20 * HOUR)], now=now)
    earlier = wish(due_at=now - 10 * HOUR, not_after=now - 10 * HOUR + worth)
    assert reconcile(wish.ref, [earlier], now=now) == Reconciled(changed=1)
    row = Message.objects.get()
    assert (row.due_at, row.not_after) == (now, max(now - 10 * HOUR + worth, now + 20 * HOUR * (worth < 10 * HOUR)))
    assert reconcile(wish.ref, [earlier], now=now + HOUR) == Reconciled()
