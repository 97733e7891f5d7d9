"""What is in doubt, and what can be mistaken for it."""

import datetime as dt
import uuid

import pytest

from clinic.messaging import channels, claiming, sending
from clinic.messaging.models import Attempt, Message
from clinic.messaging.plan import send_now
from clinic.messaging.reconcile import reconcile
from clinic.messaging.states import State
from clinic.messaging.status import apply_status
from clinic.messaging.sweep import sweep
from tests.faults.test_sending import now  # noqa: F401

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


def settle(now, *minutes):  # noqa: F811
    for one in minutes or (7, 8.5, 10):
        reconcile(now=now + one * MINUTE)


@pytest.mark.parametrize("listed", ["newest first", "oldest first"])
def test_of_two_messages_with_the_same_words_to_the_same_number_each_is_bound_to_its_own(fake, text, now, listed):  # noqa: F811
    """Both were made and nobody saw it; the provider lists them in either order."""
    fake.behave = lambda _to, _number: "drop_made"
    first = text(now=now)
    sweep(now=now, threads=1)  # it is looked for before the second
    later = now + dt.timedelta(seconds=1)
    second = send_now(
        "booking_confirmed", key="again", patient=first.patient, language="en", facts=first.facts, now=later
    )
    assert first.body == second.body
    sweep(now=later, threads=1)
    if listed == "oldest first":
        fake.made.reverse()
    settle(now)
    by_code = {made.body.rsplit("#", 1)[1].strip("."): made.sid for made in fake.made}
    assert dict(Message.objects.values_list("code", "provider_id")) == by_code
    assert len(fake.posts) == 2


def test_a_twin_that_arrived_is_not_taken_for_the_one_that_did_not(fake, text, now):  # noqa: F811
    fake.behave = lambda _to, number: "drop" if number == 0 else "201"
    first = text(now=now)
    send_now("booking_confirmed", key="again", patient=first.patient, language="en", facts=first.facts, now=now)
    sweep(now=now, threads=1)
    settle(now)
    sweep(now=now + 10 * MINUTE, threads=1)
    by_code = {made.body.rsplit("#", 1)[1].strip("."): made.sid for made in fake.made}
    assert dict(Message.objects.values_list("code", "provider_id")) == by_code
    assert len(fake.made) == 2


@pytest.mark.parametrize("behaviour", ["drop", "drop_made"])
def test_two_messages_with_one_code_to_one_number_are_never_both_bound_to_the_same_text(fake, text, now, behaviour):  # noqa: F811
    """Six letters may repeat. What is another's already is not taken for ours."""
    fake.behave = lambda _to, number: behaviour if number == 0 else "201"
    first = text(now=now)
    send_now("booking_confirmed", key="again", patient=first.patient, language="en", facts=first.facts, now=now)
    Message.objects.update(code="ABC234")
    sweep(now=now, threads=1)
    settle(now)
    sweep(now=now + 10 * MINUTE, threads=1)
    assert sorted(Message.objects.values_list("provider_id", flat=True)) == sorted(made.sid for made in fake.made)
    assert len(fake.made) == 2


def test_what_bears_our_code_but_was_made_long_before_we_tried_is_not_ours(fake, text, now):  # noqa: F811
    fake.behave = lambda _to, number: "drop" if number == 0 else "201"
    message = text(now=now)
    sweep(now=now, threads=1)
    fake.clock = lambda: now - dt.timedelta(days=30)
    fake.make({"To": message.address, "Body": f"of old #{message.code}."})
    fake.clock = lambda: now
    settle(now)
    assert Message.objects.get().state == State.PENDING


def test_a_callback_that_comes_while_the_provider_is_asked_is_not_undone(fake, text, now, monkeypatch):  # noqa: F811
    """Looked for twice and not in the list yet; the second time the callback is faster than the answer."""
    fake.behave = lambda _to, _number: "drop_made"
    text(now=now)
    sweep(now=now, threads=1)
    attempt, looks = Attempt.objects.get(), []

    def find(_channel, _address):
        looks.append(1)
        if len(looks) == 2:
            apply_status(attempt.pk, provider_id="SM1", status="delivered", now=now)
        return []

    monkeypatch.setattr(channels, "find", find)
    settle(now)
    assert len(looks) == 2
    assert (Message.objects.get().state, Message.objects.get().provider_id) == (State.DELIVERED, "SM1")


def test_a_callback_of_an_attempt_that_nobody_made_says_nothing(fake, text, now):  # noqa: F811
    text(now=now)
    sweep(now=now, threads=1)
    known = Message.objects.get().provider_id
    assert not apply_status(uuid.uuid4(), provider_id=known, status="failed", now=now)
    assert Message.objects.get().state == State.ACCEPTED


def test_what_is_sent_again_goes_before_what_came_due_after_it(fake, text, now):  # noqa: F811
    fake.behave = lambda _to, number: "drop" if number == 0 else "201"
    first = text(now=now, number=1)
    sweep(now=now, threads=1)
    waiting = [text(now=now + number * MINUTE, number=number) for number in (2, 3)]
    settle(now)
    sweep(now=now + 10 * MINUTE, threads=1)
    assert [made.to for made in fake.made] == [first.address, *(one.address for one in waiting)]


def test_one_that_a_person_was_asked_about_and_that_did_go_out_is_taken_off_their_list(fake, text, now):  # noqa: F811
    """The provider was slow: absent twice, then a callback after all. The code is not sent again meanwhile."""
    fake.behave = lambda _to, _number: "500"
    patient = text(now=now + dt.timedelta(days=1)).patient
    facts = {"code": "123456", "minutes": 10}
    code = send_now(
        "sign_in_code", key="c", patient=patient, language="en", facts=facts, now=now,
        not_after=now + dt.timedelta(hours=1),
    )  # fmt: skip
    sweep(now=now, threads=1)
    settle(now)
    code.refresh_from_db()
    assert code.state == State.NEEDS_PERSON
    attempt = Attempt.objects.get(message=code)
    apply_status(attempt.pk, provider_id="SM" + "9" * 32, status="delivered", now=now + 12 * MINUTE)
    code.refresh_from_db()
    assert (code.state, len(fake.posts)) == (State.DELIVERED, 1)


def test_a_callback_that_comes_when_it_is_about_to_be_sent_again_stops_that(fake, text, now):  # noqa: F811
    """Absent twice, claimed again; then the first attempt's callback. The second POST is not begun."""
    fake.behave = lambda _to, _number: "drop"
    text(now=now)
    sweep(now=now, threads=1)
    first = Attempt.objects.get()
    settle(now)
    later = now + 10 * MINUTE
    again = claiming.claim(now=later)
    apply_status(first.pk, provider_id="SM" + "9" * 32, status="sent", now=later)
    assert sending.deliver(again, now=later) is None
    assert len(fake.posts) == 1
    assert Message.objects.get().state == State.SENT


def test_the_first_attempts_callback_after_the_second_was_sent_is_kept_on_its_own_row(fake, text, now):  # noqa: F811
    """What stays possible: made after it was found absent twice. The second stays bound; the first is on record."""
    fake.behave = lambda _to, number: "drop" if number == 0 else "201"
    text(now=now)
    sweep(now=now, threads=1)
    first = Attempt.objects.get()
    settle(now)
    sweep(now=now + 10 * MINUTE, threads=1)
    apply_status(first.pk, provider_id="SM" + "9" * 32, status="failed", now=now + 11 * MINUTE)
    first.refresh_from_db()
    message = Message.objects.get()
    assert (message.state, message.provider_id, first.provider_id) == (
        State.ACCEPTED,
        fake.made[0].sid,
        "SM" + "9" * 32,
    )


def test_the_answer_of_a_first_attempt_that_comes_after_it_was_given_up_is_taken(fake, text, now):  # noqa: F811
    """The sender stood still after its POST until it had been found absent and put back: its answer ends that."""
    text(now=now)
    claimed = claiming.claim(now=now)
    settle(now)
    assert Message.objects.get().state == State.PENDING
    outcome = channels.post(claimed.envelope)
    sending.record(claimed.envelope, outcome, now=now + 10 * MINUTE)
    assert not sweep(now=now + 11 * MINUTE, threads=1)
    assert (Message.objects.get().state, len(fake.made)) == (State.ACCEPTED, 1)


def test_a_text_in_a_whatsapp_template_is_found_by_its_code_too(fake, text, now, settings):  # noqa: F811
    from clinic.messaging import consent
    from clinic.messaging.wording import approving

    row = approving.submit("booking_confirmed", "en")
    fake.content.decide(row.content_sid, "approved")
    approving.sync()
    fake.behave = lambda _to, _number: "500_made"
    message = text(now=now)
    consent.record_consent(message.patient_id, channel="whatsapp", purpose="care", granted=True, source="t", now=now)
    sweep(now=now, threads=1)
    settle(now, 7)
    message.refresh_from_db()
    assert (message.channel, message.state, len(fake.posts)) == ("whatsapp", State.ACCEPTED, 1)


def test_what_an_earlier_look_did_not_find_says_nothing_about_the_attempt_made_meanwhile(fake, text, now, monkeypatch):  # noqa: F811
    """Two settlers at once: while the first waits for the provider, the second gives the attempt up and another begins."""
    fake.behave = lambda _to, number: "drop" if number == 0 else "drop_made"
    text(now=now)
    sweep(now=now, threads=1)
    settle(now, 7)
    find = channels.find

    def slow(*address):
        found = find(*address)
        monkeypatch.setattr(channels, "find", find)
        settle(now, 10)
        sweep(now=now + 10 * MINUTE, threads=1)
        return found

    monkeypatch.setattr(channels, "find", slow)
    settle(now, 8.5)
    message = Message.objects.get()
    assert (message.state, message.attempts, message.absent, len(fake.made)) == (State.UNKNOWN, 2, 0, 1)
    settle(now, 17)
    assert Message.objects.get().state == State.ACCEPTED


def test_each_attempt_is_looked_for_twice_whatever_was_looked_for_before(fake, text, now):  # noqa: F811
    """The first was looked for once when its sender said that it had never left."""
    fake.behave = lambda _to, _number: "drop"
    text(now=now)
    first = claiming.claim(now=now)
    settle(now, 7)
    not_sent = channels.Outcome(result=channels.Result.RETRY, error_code="connect")
    sending.record(first.envelope, not_sent, now=now + 8 * MINUTE)
    sweep(now=now + 9 * MINUTE, threads=1)
    settle(now, 16)
    assert (Message.objects.get().state, len(fake.posts)) == (State.UNKNOWN, 1)
    settle(now, 18)
    assert Message.objects.get().state == State.PENDING


def test_an_email_that_was_taken_in_the_moment_it_is_looked_at_is_on_nobodys_list(fake, text, now, monkeypatch):  # noqa: F811
    from clinic.messaging import reconcile as settling

    message = text(now=now, email="p@example.org")
    Message.objects.update(state=State.CANCELLED)
    email = send_now("contact_changed", key="e", patient=message.patient, channel="email", language="en", now=now)
    Message.objects.filter(pk=email.pk).update(fixed_address=True)
    claimed = claiming.claim(now=now)
    outcome = channels.post(claimed.envelope)

    def searchable():
        if Message.objects.get(pk=email.pk).state == State.UNKNOWN:
            sending.record(claimed.envelope, outcome, now=now + 7 * MINUTE)
        return False

    monkeypatch.setattr(settling, "_searchable", searchable)
    settle(now, 7)
    assert (outcome.result, Message.objects.get(pk=email.pk).state) == ("accepted", State.SENT)


def test_an_email_in_doubt_is_never_sent_again_but_waits_for_a_person(fake, text, now, monkeypatch):  # noqa: F811
    from django.core.mail import EmailMessage

    sent = []

    def send(mail):
        sent.append(mail)
        raise ConnectionResetError

    monkeypatch.setattr(EmailMessage, "send", send)
    message = text(now=now, email="p@example.org")
    Message.objects.filter(pk=message.pk).update(state=State.CANCELLED)
    email = send_now("contact_changed", key="e", patient=message.patient, channel="email", language="en", now=now)
    Message.objects.filter(pk=email.pk).update(fixed_address=True)
    sweep(now=now, threads=1)
    settle(now)
    email.refresh_from_db()
    assert (email.channel, email.state, len(sent)) == ("email", State.NEEDS_PERSON, 1)


def test_a_sender_whose_message_somebody_else_is_sending_now_posts_nothing(fake, text, now):  # noqa: F811
    """It stood still from its claim on; the other one has a lease of its own, which is none for the first."""
    text(now=now)
    frozen = claiming.claim(now=now)
    settle(now)
    again = claiming.claim(now=now + 10 * MINUTE)
    assert again.message.pk == frozen.message.pk
    assert sending.deliver(frozen, now=now + 10 * MINUTE) is None
    assert sending.deliver(again, now=now + 10 * MINUTE).result == "accepted"
    assert len(fake.posts) == 1
