"""What changes between planning, claiming and sending: a visit is moved or cancelled, somebody writes STOP, or taps."""

import contextlib
import datetime as dt
import threading

import pytest
from django.db import connections, transaction
from django.utils import timezone

from bookings.models import Appointment
from bookings.services import moves
from bookings.services.lifecycle import cancel, record_clearance
from bookings.states import CancelReason, Clearance
from clinic.errors import DomainError
from clinic.messaging import claiming, sending
from clinic.messaging.models import InboundEvent, Message, Reply
from clinic.messaging.reconcile import reconcile
from clinic.messaging.states import State
from clinic.messaging.status import apply_status
from clinic.messaging.sweep import sweep
from tests.bookings import cast
from tests.bookings.cast import NOW, at
from tests.faults.fake_provider import ACCOUNT, post_signed
from tests.faults.test_steps import in_threads

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
DUE = NOW + 4 * HOUR  # the reminders of visits on the next morning


@pytest.fixture
def visits(fake):
    """Six visits by six people on Tuesday morning, each with a confirmation and a reminder that are due."""
    fake.clock = lambda: DUE
    cast.make_clinic()
    starts = [f"2027-03-02 {hour}" for hour in ("10:00", "11:00", "12:00")]
    people = [(start, who) for start in starts for who in ("ayse", "deniz")]
    return [
        cast.confirmed(start, "peel", practitioner=who, patient=cast.make_patient(f"Person {number}"))
        for number, (start, who) in enumerate(people)
    ]


def texts_of(fake, message) -> int:
    return sum(made.body.endswith(f"#{message.code}.") for made in fake.made)


def agrees(fake) -> None:
    """The provider's log against ours: what is accepted was made once, what is cancelled never."""
    for message in Message.objects.all():
        assert texts_of(fake, message) == (message.state == State.ACCEPTED), message


def test_moving_races_claiming_and_sending(fake, visits):
    """Each old reminder either went out before or not at all; each person is told once of the new time."""

    def work(number):
        if number < 2:
            sweep(now=DUE, threads=1)
        else:
            for row in visits if number == 2 else visits[::-1]:
                later = row.start + dt.timedelta(days=2)
                with contextlib.suppress(DomainError):  # the other mover was faster
                    moves.move(Appointment.objects.get(pk=row.pk), start=later, version=row.version, now=DUE)

    in_threads(4, work)
    sweep(now=DUE + MINUTE, threads=1)
    assert {row.version for row in Appointment.objects.all()} == {visits[0].version + 1}
    assert not Message.objects.filter(version=visits[0].version, state=State.PENDING).exists()
    for row in visits:
        moved = Message.objects.get(ref=row.ref, kind="moved")
        assert (moved.state, texts_of(fake, moved)) == (State.ACCEPTED, 1)
    agrees(fake)


@pytest.mark.parametrize("change", ["moved", "cancelled"])
def test_what_changed_between_claim_and_send_is_not_reminded_of_as_it_was(fake, visits, change):
    Message.objects.exclude(ref=visits[0].ref).delete()
    Message.objects.filter(kind__startswith="booking_confirmed").update(state=State.CANCELLED)
    claimed = claiming.claim(now=DUE)
    assert claimed.message.kind == "reminder_24h"
    row = Appointment.objects.get(pk=visits[0].pk)
    if change == "moved":
        moves.move(row, start=at("2027-03-04 10:00"), now=DUE)
    else:
        cancel(row, reason=CancelReason.PATIENT, now=DUE)
    sending.deliver(claimed, now=DUE)
    for minutes in (1, 2, 10):
        sweep(now=DUE + minutes * MINUTE, threads=1)
    assert Message.objects.get(pk=claimed.message.pk).state == State.CANCELLED
    assert [made.body.rsplit("#", 1)[1].strip(".") for made in fake.made] == [
        Message.objects.get(ref=row.ref, kind=change).code
    ]


@pytest.mark.parametrize("behaviour", ["drop", "429"])
def test_a_visit_cancelled_while_its_reminder_is_in_doubt_is_never_reminded_of(fake, visits, behaviour):
    """The reminder was not made. Without the cancellation it would be sent again."""
    fake.behave = lambda _to, number: behaviour if number == 0 else "201"
    Message.objects.exclude(ref=visits[0].ref).delete()
    Message.objects.filter(kind__startswith="booking_confirmed").update(state=State.CANCELLED)
    reminder = claiming.claim(now=DUE).message
    if behaviour == "429":
        cancel(visits[0], reason=CancelReason.PATIENT, now=DUE)
    sending.deliver(claiming.Claimed(reminder, claiming.envelope_of(reminder, DUE)), now=DUE - MINUTE)
    if behaviour == "drop":
        cancel(visits[0], reason=CancelReason.PATIENT, now=DUE)
    for minutes in (1, 7, 9, 11, 20):
        reconcile(now=DUE + minutes * MINUTE)
        sweep(now=DUE + minutes * MINUTE, threads=1)
    assert (texts_of(fake, reminder), Message.objects.get(pk=reminder.pk).state) == (0, State.CANCELLED)
    assert Message.objects.get(kind="cancelled").state == State.ACCEPTED


def test_a_visit_cancelled_while_its_reminder_falls_back_is_not_reminded_of_that_way_either(fake, visits):
    row = visits[0]
    Message.objects.exclude(ref=row.ref).delete()
    sweep(now=DUE, threads=1)
    reminder = Message.objects.get(ref=row.ref, kind="reminder_24h")
    row.patient.email = "p@example.org"
    row.patient.save()
    apply_status(None, provider_id=reminder.provider_id, status="undelivered", error_code="30003", now=DUE)
    assert Message.objects.get(parent=reminder).state == State.PENDING
    cancel(row, reason=CancelReason.PATIENT, now=DUE)
    assert Message.objects.get(parent=reminder).state == State.CANCELLED


@pytest.mark.parametrize("change", ["cancelled", "reopened", "nothing"])
def test_a_reminder_that_is_known_to_have_failed_only_after_the_visit_changed_is_not_sent_by_email(
    fake, visits, mailoutbox, change
):
    """The network may take hours to say so."""
    row = visits[0]
    Message.objects.exclude(ref=row.ref).delete()
    row.patient.email = "p@example.org"
    row.patient.save()
    sweep(now=DUE, threads=1)
    reminder = Message.objects.get(ref=row.ref, kind="reminder_24h")
    if change == "cancelled":
        cancel(Appointment.objects.get(pk=row.pk), reason=CancelReason.PATIENT, now=DUE)
    if change == "reopened":
        record_clearance(Appointment.objects.get(pk=row.pk), clearance=Clearance.REVIEW, now=DUE)
    apply_status(None, provider_id=reminder.provider_id, status="undelivered", error_code="30003", now=DUE + HOUR)
    sweep(now=DUE + HOUR, threads=1)
    assert Message.objects.get(parent=reminder).state == ("sent" if change == "nothing" else "cancelled")
    assert len(mailoutbox) == (change == "nothing")


def test_a_fallback_born_in_the_moment_in_which_its_visit_is_cancelled_is_not_sent(fake, visits, mailoutbox):
    """Who cancels cannot see it yet, and so cannot take it back."""
    row = visits[0]
    Message.objects.exclude(ref=row.ref).delete()
    row.patient.email = "p@example.org"
    row.patient.save()
    sweep(now=DUE, threads=1)
    reminder = Message.objects.get(ref=row.ref, kind="reminder_24h")
    born, cancelled = threading.Event(), threading.Event()

    def work(number):
        if number == 0:
            with transaction.atomic():
                apply_status(None, provider_id=reminder.provider_id, status="undelivered", error_code="30003", now=DUE)
                born.set()
                cancelled.wait(10)
        else:
            born.wait(10)
            cancel(Appointment.objects.get(pk=row.pk), reason=CancelReason.PATIENT, now=DUE)
            cancelled.set()

    in_threads(2, work)
    assert Message.objects.get(parent=reminder).state == State.PENDING
    sweep(now=DUE + MINUTE, threads=1)
    assert (mailoutbox, Message.objects.get(parent=reminder).state) == ([], State.CANCELLED)
    assert texts_of(fake, Message.objects.get(ref=row.ref, kind="cancelled")) == 1


@pytest.fixture
def webhook(fake, settings, live_server):
    """`say(number, …)`: a signed message of this number to us, over HTTP."""
    settings.PUBLIC_URL = live_server.url
    count = iter(range(100))

    def say(number, **fields):
        given = {"MessageSid": f"SM{next(count):032}", "AccountSid": ACCOUNT, "From": f"whatsapp:{number}", **fields}
        return post_signed(f"{live_server.url}/hooks/twilio/inbound/", given)

    yield say
    connections.close_all()


def test_stop_between_claim_and_send_holds_it_back_and_it_goes_by_email(fake, text, webhook, mailoutbox):
    now = timezone.now()
    message = text(now=now, email="p@example.org")
    Message.objects.update(crosses_quiet=True)
    claimed = claiming.claim(now=now)
    assert webhook(message.address, Body="STOP") == 200
    sending.deliver(claimed, now=now)
    for minutes in (1, 2, 10):
        sweep(now=now + minutes * MINUTE, threads=1)
    assert (fake.posts, len(mailoutbox)) == ([], 1)
    assert list(Message.objects.values_list("channel", "state")) == [("email", "sent")]


def test_stop_that_is_taken_back_lets_everything_go_again(fake, text, webhook):
    now = timezone.now()
    message = text(now=now)
    Message.objects.update(crosses_quiet=True)
    claimed = claiming.claim(now=now)
    webhook(message.address, Body="STOP")
    sending.deliver(claimed, now=now)
    webhook(message.address, Body="START")
    sweep(now=now + MINUTE, threads=1)
    assert texts_of(fake, message) == 1


def tapped(visits, webhook, choice, *, times=1):
    reminder = Message.objects.get(ref=visits[0].ref, kind="reminder_24h", version=visits[0].version)
    for _time in range(times):
        assert webhook(reminder.address, ButtonPayload=f"{reminder.code}.{choice}", Body="OK") == 200
    sweep(now=timezone.now() + MINUTE, threads=1)
    return list(Message.objects.filter(kind__in=["reply_confirmed", "time_changed", "reply_move"]))


def test_a_button_tapped_twice_is_answered_once(fake, visits, webhook):
    sweep(now=DUE, threads=1)
    (answer,) = tapped(visits, webhook, "confirm", times=2)
    assert (answer.kind, Reply.objects.count()) == ("reply_confirmed", 2)
    assert texts_of(fake, answer) == 1


def test_a_button_of_a_time_that_has_changed_confirms_nothing_and_says_so_once(fake, visits, webhook):
    sweep(now=DUE, threads=1)
    moves.move(Appointment.objects.get(pk=visits[0].pk), start=at("2027-03-04 10:00"), now=DUE)
    (answer,) = tapped(visits, webhook, "confirm", times=2)
    assert (answer.kind, texts_of(fake, answer)) == ("time_changed", 1)


def test_one_message_told_to_us_ten_times_at_once_is_heard_once(fake, visits, webhook):
    sweep(now=DUE, threads=1)
    reminder = Message.objects.get(ref=visits[0].ref, kind="reminder_24h", version=visits[0].version)
    same = {"MessageSid": "SM" + "7" * 32, "ButtonPayload": f"{reminder.code}.move", "Body": "Move"}
    in_threads(10, lambda _number: webhook(reminder.address, **same))
    sweep(now=timezone.now() + MINUTE, threads=1)
    assert (Reply.objects.count(), InboundEvent.objects.filter(kind="inbound").count()) == (1, 1)
    answer = Message.objects.get(kind="reply_move")
    assert texts_of(fake, answer) == 1
