"""Every way in which one POST can go wrong. The provider's own log is the judge."""

import datetime as dt

import pytest

from clinic.messaging import consent, limits
from clinic.messaging.claiming import claim
from clinic.messaging.models import Attempt, Message
from clinic.messaging.reconcile import poll, reconcile
from clinic.messaging.sending import deliver
from clinic.messaging.states import State
from clinic.messaging.sweep import sweep

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def now(fake):
    moment = dt.datetime(2027, 5, 3, 9, 0, tzinfo=dt.UTC)
    fake.clock = lambda: moment
    return moment


def settle(now, minutes=7):
    return reconcile(now=now + minutes * MINUTE)


def test_a_plain_message_is_sent_once_with_its_code_and_callback(fake, text, now, settings):
    message = text(now=now)
    assert sweep(now=now, threads=1)["accepted"] == 1
    assert not sweep(now=now, threads=1)["accepted"]
    message.refresh_from_db()
    (made,) = fake.made
    attempt = Attempt.objects.get()
    assert made.callback == f"{settings.PUBLIC_URL}/hooks/twilio/status/{attempt.pk}/"
    assert made.body.endswith(f"#{message.code}.")
    assert (message.state, message.provider_id, made.to) == (State.ACCEPTED, made.sid, message.address)


@pytest.mark.parametrize("behaviour", ["201_html", "201_then_gone", "500_made", "drop_made", "hang_made", "trickle"])
def test_made_but_not_seen_is_found_and_bound(fake, text, now, behaviour):
    fake.behave = lambda _to, _number: behaviour
    message = text(now=now)
    assert sweep(now=now, threads=1)["unknown"] == 1
    assert settle(now).bound == 1
    message.refresh_from_db()
    assert (message.state, message.provider_id) == (State.ACCEPTED, fake.made[0].sid)
    assert Attempt.objects.get().provider_id == fake.made[0].sid
    assert len(fake.posts) == 1


@pytest.mark.parametrize("behaviour", ["500", "drop", "hang"])
def test_not_made_and_not_seen_is_looked_for_twice_then_sent_again(fake, text, now, behaviour):
    fake.behave = lambda _to, number: behaviour if number == 0 else "201"
    message = text(now=now)
    assert sweep(now=now, threads=1)["unknown"] == 1
    assert reconcile(now=now + 3 * MINUTE).waiting == 0  # not yet
    assert settle(now).waiting == 1
    assert settle(now, 7.5).waiting == 0  # the second look is a minute later
    assert settle(now, 9).resent == 1
    assert sweep(now=now + 9 * MINUTE, threads=1)["accepted"] == 1
    message.refresh_from_db()
    assert (message.state, message.attempts, len(fake.made)) == (State.ACCEPTED, 2, 1)


def test_a_one_time_code_is_never_sent_again(fake, now, text):
    from clinic.messaging.plan import send_now

    fake.behave = lambda _to, _number: "500"
    patient = text(now=now + dt.timedelta(days=1)).patient
    code = send_now(
        "sign_in_code", key="c", patient=patient, language="en", facts={"code": "123456", "minutes": 10}, now=now,
        not_after=now + dt.timedelta(hours=1),
    )  # fmt: skip
    sweep(now=now, threads=1)
    settle(now)
    settle(now, 9)
    code.refresh_from_db()
    assert (code.state, len(fake.posts)) == (State.NEEDS_PERSON, 1)


def test_what_was_never_made_is_over_when_its_time_is_and_not_sent_again(fake, text, now):
    fake.behave = lambda _to, _number: "drop"
    message = text(now=now, not_after=now + 8 * MINUTE)
    sweep(now=now, threads=1)
    settle(now)
    found = settle(now, 9)
    message.refresh_from_db()
    assert (found.resent, found.given_up, message.state) == (0, 1, State.EXPIRED)


def test_too_many_requests_waits_and_goes_later(fake, text, now):
    fake.behave = lambda _to, number: "429" if number == 0 else "201"
    message = text(now=now)
    assert sweep(now=now, threads=1)["retry"] == 1
    assert not sweep(now=now, threads=1)
    assert sweep(now=now + MINUTE, threads=1)["accepted"] == 1
    message.refresh_from_db()
    assert message.state == State.ACCEPTED


def test_nobody_listening_is_known_to_be_unsent(fake, text, now, settings):
    settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
    message = text(now=now)
    assert sweep(now=now, threads=1)["retry"] == 1
    message.refresh_from_db()
    assert message.state == State.PENDING


def test_an_opted_out_number_is_suppressed_and_the_next_message_goes_by_email(fake, text, now, mailoutbox):
    fake.behave = lambda _to, _number: "21610"
    message = text(now=now, email="p@example.org")
    assert sweep(now=now, threads=1) == {"suppressed": 1, "accepted": 1}
    message.refresh_from_db()
    assert message.state == State.SUPPRESSED
    assert consent.is_stopped(message.address_index)
    assert len(mailoutbox) == 1


def test_a_refused_message_falls_back_once_per_channel_and_ends_at_the_desk(fake, text, now):
    fake.behave = lambda _to, _number: "400"
    message = text(now=now)
    consent.record_consent(message.patient_id, channel="whatsapp", purpose="care", granted=True, source="test", now=now)
    sweep(now=now, threads=1)
    sweep(now=now, threads=1)
    rows = list(Message.objects.order_by("created_at").values_list("channel", "state"))
    assert rows == [("whatsapp", "failed"), ("sms", "failed"), ("desk", "needs_person")]
    assert [to for _behaviour, to in fake.posts] == [message.address]  # WhatsApp had no template: not even tried


def test_refused_credentials_stop_the_channel_and_burn_no_attempt(fake, text, now):
    fake.behave = lambda _to, _number: "401"
    for number in range(5):
        text(now=now, number=number)
    assert sweep(now=now, threads=1)["paused"] == 1
    assert set(Message.objects.values_list("state", "attempts")) == {("pending", 0)}
    assert limits.paused(now=now) == ("sms", "whatsapp")
    fake.behave = lambda _to, _number: "201"
    assert not sweep(now=now, threads=1)
    assert sweep(now=now + 6 * MINUTE, threads=1)["accepted"] == 5


def test_the_spend_breaker_stops_the_channel_until_it_is_reset(fake, text, now, settings):
    settings.MESSAGING = {**settings.MESSAGING, "daily_messages": 2}
    for number in range(4):
        text(now=now, number=number)
    assert 0 < sweep(now=now, threads=1)["accepted"] < 4
    assert "sms" in limits.paused(now=now)
    settings.MESSAGING = {**settings.MESSAGING, "daily_messages": 400}
    limits.reset("sms")
    sweep(now=now, threads=1)
    assert Message.objects.filter(state=State.ACCEPTED).count() == 4


def test_an_attempt_that_is_no_longer_ours_is_not_posted(fake, text, now):
    text(now=now)
    claimed = claim(now=now)
    assert deliver(claimed, now=now + MINUTE) is None
    assert not fake.posts


def test_stop_between_planning_and_claim_holds_it_back(fake, text, now):
    message = text(now=now)
    consent.stop(message.address_index, reason="keyword", now=now)
    sweep(now=now, threads=1)
    message.refresh_from_db()
    assert (message.state, fake.posts) == (State.SUPPRESSED, [])


@pytest.mark.parametrize(("kind", "state"), [("reminder_24h", State.NEEDS_PERSON), ("reminder_2h", State.SUPPRESSED)])
def test_who_can_no_longer_be_reached_is_for_a_person_but_not_for_an_extra(fake, text, now, kind, state):
    from clinic.messaging.plan import send_now

    patient = text(now=now + dt.timedelta(days=1)).patient
    consent.record_consent(patient.pk, channel="any", purpose="extra", granted=True, source="test", now=now)
    facts = {"day": "Monday", "time": "10:00", "place": "here", "link": "/b/t/"}
    message = send_now(kind, key="k", patient=patient, language="en", facts=facts, now=now)
    patient.phone = ""
    patient.save()
    sweep(now=now, threads=1)
    message.refresh_from_db()
    assert (message.channel, message.state, fake.posts) == ("desk", state, [])


def test_after_a_long_outage_what_is_no_longer_worth_sending_expires(fake, text, now):
    message = text(now=now, not_after=now + 30 * MINUTE)
    sweep(now=now + 3 * 60 * MINUTE, threads=1)
    message.refresh_from_db()
    assert (message.state, fake.posts) == (State.EXPIRED, [])


def test_the_provider_is_asked_after_what_is_not_final_twice(fake, text, now):
    message = text(now=now)
    sweep(now=now, threads=1)
    assert poll(now=now + 10 * MINUTE) == 0
    assert poll(now=now + 16 * MINUTE) == 1
    fake.made[0].status = "delivered"
    assert poll(now=now + 130 * MINUTE) == 1
    assert poll(now=now + 600 * MINUTE) == 0
    message.refresh_from_db()
    assert message.state == State.DELIVERED
