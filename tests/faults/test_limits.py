"""Caps, pace and pauses on the way out. The provider's own log is the judge of what left."""

import datetime as dt
import threading

import pytest
from django.db import connection

from clinic.errors import DomainError
from clinic.messaging import caps, consent, desk, limits, spend
from clinic.messaging.claiming import Paced, claim
from clinic.messaging.models import ChannelState, Message, RateBucket
from clinic.messaging.plan import send_now
from clinic.messaging.sending import deliver
from clinic.messaging.states import State
from clinic.messaging.status import apply_status
from clinic.messaging.sweep import sweep
from clinic.people.access import Actor

pytestmark = pytest.mark.django_db
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
PHONE = "+905325550101"


@pytest.fixture
def now(fake):
    moment = dt.datetime(2027, 5, 3, 9, 0, tzinfo=dt.UTC)
    fake.clock = lambda: moment
    return moment


@pytest.fixture
def squeeze(settings):
    def to(**numbers):
        settings.MESSAGING = {**settings.MESSAGING, **numbers}

    return to


def say(key, *, now, kind="reply_fine", phone=PHONE, channel="sms", **more):
    facts = {"link": "/b/t/", "emergency": "112"}
    return send_now(kind, key=key, language="en", facts=facts, channel=channel, address=phone, now=now, **more)


def to_number(patient, key, *, now, **more):
    facts = {"link": "/b/t/", "day": "Monday", "time": "10:00", "place": "here"}
    return send_now("booking_confirmed", key=key, patient=patient, language="en", facts=facts, now=now, **more)


# -- one number, one range ----------------------------------------------------------------------------------------------


def test_one_number_gets_its_share_of_an_hour_and_the_rest_in_the_next(fake, text, now, squeeze):
    squeeze(hourly_per_number=3)
    patient = text(now=now).patient
    for number in range(4):
        to_number(patient, f"m{number}", now=now)
    assert sweep(now=now, threads=1)["accepted"] == 3
    waiting = Message.objects.filter(state=State.PENDING)
    assert set(waiting.values_list("due_at", "error_class", "error_code")) == {(now + HOUR, "held", "number_hour")}
    assert sweep(now=now + HOUR, threads=1)["accepted"] == 2
    assert set(Message.objects.values_list("state", "error_class")) == {(State.ACCEPTED, "")}
    assert len(fake.made) == 5


def test_a_code_is_counted_when_it_is_asked_for_and_not_held_back_by_what_the_number_got_today(
    fake, text, now, squeeze
):
    squeeze(hourly_per_number=1)
    patient = text(now=now).patient
    sweep(now=now, threads=1)
    for number in range(2):
        facts = {"code": "123456", "minutes": "10"}
        send_now("sign_in_code", key=f"c{number}", patient=patient, language="en", facts=facts, channel="sms", now=now)
    assert sweep(now=now, threads=1)["accepted"] == 2


def test_what_would_be_too_late_then_goes_to_a_person(fake, text, now, squeeze):
    squeeze(hourly_per_number=1)
    patient = text(now=now).patient
    late = to_number(patient, "late", now=now + dt.timedelta(seconds=1), not_after=now + 20 * MINUTE)
    sweep(now=now + MINUTE, threads=1)
    late.refresh_from_db()
    assert (late.state, late.error_code, len(fake.made)) == (State.NEEDS_PERSON, "number_hour", 1)


def test_a_day_has_an_end_too_and_both_channels_count_together(fake, text, now, squeeze):
    squeeze(daily_per_number=1)
    patient = text(now=now).patient
    consent.record_consent(patient.pk, channel="whatsapp", purpose="care", granted=True, source="test", now=now)
    say("s", now=now, phone=patient.phone)
    sweep(now=now, threads=1)
    rows = Message.objects.order_by("channel").values_list("channel", "state", "error_code")
    assert list(rows) == [("sms", State.ACCEPTED, ""), ("whatsapp", State.PENDING, "number_day")]


def test_a_range_of_numbers_is_held_as_one_and_its_neighbour_is_not(fake, text, now, squeeze):
    squeeze(hourly_per_prefix=2)
    for number in range(4):
        say(f"r{number}", now=now, phone=f"+9053255501{number:02}", not_after=now + 2 * HOUR)
    say("other", now=now, phone="+905425550101")
    assert sweep(now=now, threads=1)["accepted"] == 3
    assert Message.objects.filter(error_code="prefix_hour", due_at=now + HOUR).count() == 2


def test_what_is_known_not_to_have_left_uses_up_nothing(fake, text, now, squeeze):
    squeeze(hourly_per_number=1)
    fake.behave = lambda _to, number: "429" if number == 0 else "201"
    text(now=now)
    assert sweep(now=now, threads=1)["retry"] == 1
    assert sweep(now=now + MINUTE, threads=1)["accepted"] == 1


def test_no_number_and_no_beginning_of_one_is_in_a_key(fake, text, now):
    message = text(now=now)
    say("x", now=now)
    sweep(now=now, threads=1)
    caps.may_ask("code", phone=PHONE, address="10.0.0.1", by_number=3, by_address=10, by_prefix=9, now=now)
    keys = " ".join(RateBucket.objects.values_list("key", flat=True))
    assert "number:hour:" in keys and "prefix:hour:" in keys
    for digits in (PHONE[1:], PHONE[3:], caps.prefix_of(PHONE), "5325550", "10.0.0.1", message.address_index):
        assert digits not in keys


def test_the_emergency_text_passes_every_cap_and_the_spend_breaker(fake, text, now, squeeze):
    squeeze(hourly_per_number=1, hourly_per_prefix=1, daily_messages=1)
    say("a", now=now)
    sweep(now=now, threads=1)
    say("b", now=now)
    sweep(now=now, threads=1)
    assert "sms" in limits.paused(now=now)
    say("help", now=now, kind="emergency_now")
    assert sweep(now=now, threads=1)["accepted"] == 1
    assert "112" in fake.made[-1].body and len(fake.made) == 2


# -- money --------------------------------------------------------------------------------------------------------------


def test_the_day_is_over_when_its_money_is(fake, text, now, squeeze):
    squeeze(daily_cents=25, sms_cents={"*": 99, "TR": 4.5}, daily_messages=999)
    for number in range(12):
        text(now=now, number=number)
    sweep(now=now, threads=1)
    assert (len(fake.made), spend.today(now).segments, spend.today(now).cents) == (6, 6, 27)  # the sixth reached 25
    assert ChannelState.objects.get(channel="sms").reason == "spend"


def test_opening_it_begins_a_new_allowance_and_keeps_what_was_sent_on_record(fake, text, now, squeeze):
    squeeze(daily_cents=25, sms_cents={"*": 5})
    for number in range(12):
        text(now=now, number=number)
    sweep(now=now, threads=1)
    before = spend.today(now).cents
    limits.reset("sms")
    assert not spend.today(now).over
    sweep(now=now, threads=1)
    assert spend.today(now).cents == 2 * before
    assert "sms" in limits.paused(now=now)


def test_the_allowance_is_there_again_after_midnight(fake, text, now, squeeze):
    squeeze(daily_messages=2)
    for number in range(3):
        text(now=now, number=number)
    sweep(now=now, threads=1)
    assert len(fake.made) == 2
    assert sweep(now=now + dt.timedelta(hours=23), threads=1)["accepted"] == 1


# -- where texts may go ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phone", ["+18095551234", "+904440123", "+909001234567", "+34901123456", "+447012345678"])
def test_no_text_leaves_for_an_unserved_or_paid_number_whatever_wrote_it(fake, now, phone):
    message = say("x", now=now, phone=phone)
    sweep(now=now, threads=1)
    message.refresh_from_db()
    assert (message.state, message.error_code, fake.posts) == (State.FAILED, "country", [])


def test_a_whatsapp_message_that_failed_does_not_become_a_text_to_another_country(fake, now):
    say("x", now=now, phone="+18095551234", channel="whatsapp", kind="emergency_now")
    fake.behave = lambda _to, _number: "400"
    sweep(now=now, threads=1)
    sweep(now=now, threads=1)
    assert list(Message.objects.order_by("created_at").values_list("channel", "state")) == [
        ("whatsapp", State.FAILED),
        ("desk", State.NEEDS_PERSON),
    ]


# -- pace -----------------------------------------------------------------------------------------------------------------


def test_a_sender_keeps_its_pace_and_what_waits_is_not_claimed(fake, text, now, squeeze):
    squeeze(sms_per_second=2)
    for number in range(5):
        text(now=now, number=number)
    assert sweep(now=now, threads=1)["accepted"] == 1  # one in each half second
    with pytest.raises(Paced) as turn:
        claim(now=now)
    assert 0 < turn.value.seconds <= 0.5
    assert set(Message.objects.exclude(state=State.ACCEPTED).values_list("state", "attempts", "lease_until")) == {
        (State.PENDING, 0, None)
    }
    assert sweep(now=now + dt.timedelta(seconds=0.5), threads=1)["accepted"] == 1


def test_another_sender_goes_on_meanwhile(fake, text, now, squeeze):
    squeeze(sms_per_second=1)
    for number in range(2):
        text(now=now, number=number)
    say("w", now=now, channel="whatsapp", phone="+905425550101", kind="reply_fine")
    sweep(now=now, threads=1)
    states = dict(Message.objects.values_list("channel", "state").filter(channel="whatsapp"))
    assert states["whatsapp"] != State.PENDING


def test_who_waits_for_a_code_does_not_wait_behind_a_morning_of_reminders(fake, text, now, squeeze):
    squeeze(sms_per_second=1)
    for number in range(3):
        text(now=now - HOUR, number=number)
    code = send_now(
        "sign_in_code", key="c", language="en", facts={"code": "123456", "minutes": "10"}, channel="sms", address=PHONE,
        now=now,
    )  # fmt: skip
    sweep(now=now, threads=1)
    code.refresh_from_db()
    assert (code.state, len(fake.made)) == (State.ACCEPTED, 1)


@pytest.mark.django_db(transaction=True)
def test_ten_workers_keep_one_pace(fake, text, now, squeeze):
    squeeze(sms_per_second=20)
    for number in range(10):
        text(now=now, number=number)
    got, gate = [], threading.Barrier(10)

    def work():
        try:
            gate.wait()
            got.append(claim(now=now))
        except Paced:
            got.append("paced")
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _one in range(10)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    assert len([one for one in got if one not in (None, "paced")]) == 2  # in a tenth of a second
    assert Message.objects.filter(state=State.SENDING).count() == 2


def test_what_waits_its_turn_is_not_standing_still(fake, text, now, squeeze):
    from clinic.messaging import selectors

    squeeze(sms_per_second=1)
    for number in range(2):
        text(now=now - 10 * MINUTE, number=number)
    sweep(now=now, threads=1)
    assert not selectors.standing_still(now=now)
    assert selectors.standing_still(now=now + 5 * MINUTE)


# -- refused credentials ----------------------------------------------------------------------------------------------------


def test_a_refused_account_rests_longer_each_time_and_is_tried_with_one_message(fake, text, now):
    fake.behave = lambda _to, _number: "401"
    for number in range(5):
        text(now=now, number=number)
    moment, tried = now, []
    for rest in (5, 15, 60, 60):
        sweep(now=moment, threads=1)
        tried.append(len(fake.posts))
        until = ChannelState.objects.get(channel="sms").paused_until
        assert (until - moment) == rest * MINUTE
        assert not sweep(now=until - dt.timedelta(seconds=1), threads=1)
        moment = until
    assert tried == [1, 2, 3, 4]
    fake.behave = lambda _to, _number: "201"
    assert sweep(now=moment, threads=1)["accepted"] == 5
    assert not ChannelState.objects.exclude(reason="").exists()


def test_while_one_tries_nobody_else_does(fake, text, now):
    fake.behave = lambda _to, _number: "401"
    for number in range(3):
        text(now=now, number=number)
    sweep(now=now, threads=1)
    later = now + 6 * MINUTE
    trial = claim(now=later)
    assert trial and claim(now=later) is None
    assert set(Message.objects.values_list("state", flat=True)) == {State.SENDING, State.PENDING}
    fake.behave = lambda _to, _number: "201"
    deliver(trial, now=later)
    assert sweep(now=later, threads=1)["accepted"] == 2


def test_a_trial_that_died_makes_room_for_the_next(fake, text, now):
    fake.behave = lambda _to, _number: "401"
    for number in range(2):
        text(now=now, number=number)
    sweep(now=now, threads=1)
    assert claim(now=now + 6 * MINUTE)
    assert claim(now=now + 6 * MINUTE) is None
    assert claim(now=now + 8 * MINUTE)


def test_an_answer_about_one_message_opens_the_account_too(fake, text, now):
    fake.behave = lambda _to, _number: "401"
    for number in range(2):
        text(now=now, number=number)
    sweep(now=now, threads=1)
    fake.behave = lambda _to, number: "400" if number == 0 else "201"
    fake.posts.clear()
    assert sweep(now=now + 6 * MINUTE, threads=1)["accepted"] == 1
    assert limits.paused(now=now + 6 * MINUTE) == ()


# -- opted out --------------------------------------------------------------------------------------------------------------


def test_after_a_stop_only_what_concerns_the_visit_goes_by_email(fake, text, now, mailoutbox):
    patient = text(now=now, email="p@example.org").patient
    consent.record_consent(patient.pk, channel="any", purpose="extra", granted=True, source="test", now=now)
    facts = {"time": "10:00", "place": "here"}
    send_now("reminder_2h", key="e", patient=patient, language="en", facts=facts, now=now)
    consent.stop(patient.phone_index, reason="keyword", now=now)
    sweep(now=now, threads=1)
    sweep(now=now, threads=1)
    assert fake.posts == []
    assert [mail.subject for mail in mailoutbox] == ["Your visit on Monday"]
    assert list(Message.objects.filter(kind="reminder_2h").values_list("state", flat=True)) == [State.SUPPRESSED]


@pytest.mark.parametrize("told", ["before", "by the provider", "by the provider later"])
def test_what_concerns_the_visit_of_somebody_who_opted_out_and_has_no_email_is_told_by_a_person(fake, text, now, told):
    """They would stand before a closed door: nobody else knows that the word did not reach them."""
    message = text(now=now)
    facts = {"day": "Monday", "time": "10:00", "link": "/b/t/"}
    send_now("reply_confirmed", key="r", patient=message.patient, language="en", facts=facts, now=now)
    if told == "before":
        consent.stop(message.address_index, reason="keyword", now=now)
    if told == "by the provider":
        fake.behave = lambda _to, _number: "21610"
    sweep(now=now, threads=1)
    if told == "by the provider later":
        for one in Message.objects.all():
            apply_status(None, provider_id=one.provider_id, status="failed", error_code="21610", now=now)
    [left] = Message.objects.filter(state=State.NEEDS_PERSON)
    assert (left.parent, left.channel, left.kind) == (message, "desk", "booking_confirmed")


def test_21610_stops_the_channel_it_was_said_of(fake, text, now):
    fake.behave = lambda _to, _number: "21610"
    message = text(now=now)
    sweep(now=now, threads=1)
    assert consent.is_stopped(message.address_index, channel="sms")
    assert not consent.is_stopped(message.address_index, channel="whatsapp")


def test_sending_again_by_hand_does_not_get_past_an_opt_out(fake, text, now, django_user_model):
    message = text(now=now)
    consent.stop(message.address_index, reason="keyword", now=now)
    Message.objects.update(state=State.NEEDS_PERSON)
    user = django_user_model.objects.create_user("d@clinic.example", "long enough word", name="Deniz", role="desk")
    desk.send_again(message, actor=Actor("desk", user=user), now=now)
    sweep(now=now, threads=1)
    message.refresh_from_db()
    assert (message.state, fake.posts) == (State.SUPPRESSED, [])


def test_what_a_person_has_to_say_is_not_sent_again_where_all_ways_are_stopped_but_by_another_that_is_open(
    fake, text, now, django_user_model, mailoutbox
):
    """It would be held back once more and leave their list unsaid."""
    message = text(now=now)
    consent.stop(message.address_index, reason="keyword", now=now)
    sweep(now=now, threads=1)
    waiting = Message.objects.get(state=State.NEEDS_PERSON)
    user = django_user_model.objects.create_user("d@clinic.example", "long enough word", name="Deniz", role="desk")
    with pytest.raises(DomainError) as refused:
        desk.send_again(waiting, actor=Actor("desk", user=user), now=now)
    assert refused.value.code == "no_address"
    message.patient.email = "p@example.org"
    message.patient.save()
    desk.send_again(waiting, actor=Actor("desk", user=user), now=now)
    sweep(now=now, threads=1)
    assert ([mail.to for mail in mailoutbox], fake.posts) == ([["p@example.org"]], [])


@pytest.mark.parametrize("when", ["before it was asked for", "after the claim"])
def test_the_emergency_text_goes_to_somebody_who_has_opted_out_too(fake, now, when):
    index = consent.index_of("sms", PHONE)
    if when == "before it was asked for":
        consent.stop(index, reason="keyword", now=now)
    say("help", now=now, kind="emergency_now")
    claimed = claim(now=now)
    consent.stop(index, reason="keyword", now=now)
    deliver(claimed, now=now)
    assert len(fake.made) == 1 and "112" in fake.made[0].body
