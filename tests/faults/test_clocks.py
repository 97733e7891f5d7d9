"""Clocks that differ, processes that stand still, nights that are an hour shorter, and outages that last."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from clinic.messaging import claiming, selectors, sending
from clinic.messaging.channels.types import Outcome, Result
from clinic.messaging.models import Attempt, Message
from clinic.messaging.plan import Desired
from clinic.messaging.plan import reconcile as plan
from clinic.messaging.reconcile import reconcile
from clinic.messaging.states import State
from clinic.messaging.status import apply_status
from clinic.messaging.sweep import sweep
from clinic.people.models import Patient
from tests.faults.test_sending import now  # noqa: F401

pytestmark = pytest.mark.django_db
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
PLACES = {"link": "/b/t/", "place": "here", "day": "Monday", "time": "10:00"}


@pytest.fixture
def wrong_clock(monkeypatch):
    """This process's own clock, so far from the database's."""
    real = timezone.now

    def set_to(off: dt.timedelta) -> None:
        monkeypatch.setattr(timezone, "now", lambda: real() + off)

    return set_to


@pytest.fixture
def due(text):
    """A message that came due a second ago by the database's clock, at any hour of the day."""

    def queue(**more):
        message = text(now=timezone.now() - dt.timedelta(seconds=1), **more)
        Message.objects.filter(pk=message.pk).update(crosses_quiet=True)
        return message

    return queue


@pytest.mark.parametrize("off", [-10 * MINUTE, -2 * MINUTE, 2 * MINUTE, 10 * MINUTE])
def test_a_sender_whose_clock_is_wrong_keeps_its_lease_and_is_not_overtaken(fake, due, wrong_clock, off):
    due()
    wrong_clock(off)
    claimed = claiming.claim()
    wrong_clock(0 * MINUTE)
    settled = reconcile()  # another process, whose clock is right
    assert (settled.waiting, settled.bound, settled.resent) == (0, 0, 0)
    wrong_clock(off)
    assert sending.deliver(claimed).result == "accepted"
    assert len(fake.made) == 1


@pytest.mark.parametrize("off", [-10 * MINUTE, 10 * MINUTE])
def test_a_settler_whose_clock_is_wrong_does_not_take_what_is_being_sent(fake, due, wrong_clock, off):
    due()
    claimed = claiming.claim()
    wrong_clock(off)
    reconcile()
    reconcile()
    assert Message.objects.get().state == State.SENDING
    wrong_clock(0 * MINUTE)
    sending.deliver(claimed)
    assert len(fake.made) == 1


def test_a_sender_whose_clock_is_ahead_sends_nothing_before_it_is_due(fake, text, wrong_clock):
    text(now=timezone.now() + HOUR)
    wrong_clock(2 * HOUR)
    sweep(threads=1)
    assert not fake.posts


@pytest.mark.parametrize("off", [-10 * MINUTE, 10 * MINUTE])
def test_what_a_process_with_a_wrong_clock_no_longer_wants_is_not_sent(fake, due, off):
    """A visit is cancelled while its reminder is being sent, and while another's is in doubt."""
    claimed, doubted = due(number=1), due(number=2)
    fake.behave = lambda _to, _number: "drop"
    posting = [claiming.claim(), claiming.claim()]
    by_key = {one.message.pk: one for one in posting}
    sending.deliver(by_key[doubted.pk])
    with pytest.MonkeyPatch.context() as patched:
        real = timezone.now
        patched.setattr(timezone, "now", lambda: real() + off)
        for row in (claimed, doubted):
            plan(row.ref, [])
    sending.deliver(by_key[claimed.pk])
    assert [to for _behaviour, to in fake.posts] == [doubted.address]
    for minutes in (7, 9, 10):
        reconcile(now=timezone.now() + minutes * MINUTE)
        sweep(now=timezone.now() + minutes * MINUTE, threads=1)
    assert len(fake.posts) == 1
    assert set(Message.objects.values_list("state", flat=True)) == {State.CANCELLED}


@pytest.mark.parametrize("left", [-60, 5])
def test_a_sender_that_stood_still_until_its_lease_is_too_short_for_an_answer_does_not_post(fake, due, left):
    """By the database's clock: its own may have stood still as well. Five seconds are less than the provider may take."""
    message = due()
    claimed = claiming.claim()
    Message.objects.filter(pk=message.pk).update(lease_until=timezone.now() + dt.timedelta(seconds=left))
    assert sending.deliver(claimed) is None
    assert not fake.posts


def test_a_sender_that_stood_still_while_others_settled_and_sent_posts_nothing(fake, text, now):  # noqa: F811
    text(now=now)
    frozen = claiming.claim(now=now)
    for minutes in (7, 8.5):
        reconcile(now=now + minutes * MINUTE)
    sweep(now=now + 9 * MINUTE, threads=1)
    assert sending.deliver(frozen, now=now) is None
    assert len(fake.made) == 1


@pytest.mark.parametrize("result", [Result.FAILED, Result.RETRY, Result.UNKNOWN, Result.SUPPRESSED])
def test_what_comes_of_an_attempt_that_was_given_up_changes_nothing_any_more(fake, text, now, result):  # noqa: F811
    text(now=now)
    frozen = claiming.claim(now=now)
    for minutes in (7, 8.5):
        reconcile(now=now + minutes * MINUTE)
    sweep(now=now + 9 * MINUTE, threads=1)
    sending.record(frozen.envelope, Outcome(result=result, http_status=400, error_code="30005"), now=now + 10 * MINUTE)
    assert (Message.objects.get().state, Message.objects.get().provider_id) == (State.ACCEPTED, fake.made[0].sid)


@pytest.mark.parametrize("result", [Result.FAILED, Result.RETRY, Result.UNKNOWN])
def test_what_a_callback_has_said_already_is_not_unsaid_by_the_answer(fake, text, now, result):  # noqa: F811
    text(now=now)
    claimed = claiming.claim(now=now)
    apply_status(claimed.envelope.attempt_id, provider_id="SM1", status="delivered", now=now)
    sending.record(claimed.envelope, Outcome(result=result, error_code="30005"), now=now + MINUTE)
    assert (Message.objects.get().state, Message.objects.get().provider_id) == (State.DELIVERED, "SM1")
    assert Attempt.objects.get().provider_id == "SM1"


@pytest.mark.parametrize("behind", [-40 * MINUTE, 40 * MINUTE])
def test_a_provider_whose_clock_differs_is_believed_by_the_code_in_the_text(fake, text, now, behind):  # noqa: F811
    fake.behave = lambda _to, number: "drop_made" if number == 0 else "201"
    fake.clock = lambda: now + behind
    text(now=now)
    sweep(now=now, threads=1)
    assert reconcile(now=now + 7 * MINUTE).bound == 1
    assert len(fake.made) == 1


NIGHTS = [("2027-03-27", "2027-03-28"), ("2027-10-30", "2027-10-31"), ("2027-06-01", "2027-06-02")]


@pytest.mark.parametrize(("evening", "morning"), NIGHTS)
def test_a_reminder_of_the_night_leaves_at_eight_also_when_the_clocks_change(fake, evening, morning):
    berlin = ZoneInfo("Europe/Berlin")
    person = Patient.objects.create(name="Jonas", phone="+491701234567", language="en", timezone="Europe/Berlin")
    meant = dt.datetime.fromisoformat(f"{evening}T22:30").replace(tzinfo=berlin)
    eight = dt.datetime.fromisoformat(f"{morning}T08:00").replace(tzinfo=berlin).astimezone(dt.UTC)
    wish = Desired(
        kind="reminder_24h", ref="visit:1", version=1, patient_id=person.pk, due_at=meant, language="en",
        not_after=eight + 12 * HOUR, facts=PLACES,
    )  # fmt: skip
    plan("visit:1", [wish], now=meant - HOUR)
    moment = meant.astimezone(dt.UTC)
    while moment < eight:
        sweep(now=moment, threads=1)
        assert not fake.posts, moment
        moment += 30 * MINUTE
    for minutes in (0, 1, 60):
        sweep(now=eight + minutes * MINUTE, threads=1)
    assert len(fake.made) == 1


def test_three_hours_without_a_provider_then_what_is_still_worth_it_goes_once_and_the_rest_never(
    fake,
    text,
    now,  # noqa: F811
    settings,
):
    settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
    for number in range(8):
        text(now=now, number=number, not_after=now + (HOUR if number % 2 else 9 * HOUR))
    for minutes in range(0, 180, 10):
        sweep(now=now + minutes * MINUTE, threads=1)
    settings.TWILIO_BASE_URL = fake.url
    for minutes in range(180, 240, 10):
        sweep(now=now + minutes * MINUTE, threads=1)
        reconcile(now=now + minutes * MINUTE)
    assert len(fake.posts) == len({made.to for made in fake.made}) == 4
    states = dict(Message.objects.values_list("not_after", "state"))
    assert states == {now + HOUR: State.EXPIRED, now + 9 * HOUR: State.ACCEPTED}


def test_a_provider_that_cannot_be_reached_is_seen_although_everything_is_put_off(fake, text, now, settings):  # noqa: F811
    settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
    text(now=now, not_after=now + 9 * HOUR)
    seen = []
    for seconds in (0, 6, 40, 170, 400):
        moment = now + dt.timedelta(seconds=seconds)
        sweep(now=moment, threads=1)
        report = selectors.status_report(now=moment)
        seen.append((report["standing_still"], report["oldest_due_seconds"], report["due"]))
    assert seen == [(False, 0, 0)] * 3 + [(True, 170, 1), (True, 400, 1)]
    settings.TWILIO_BASE_URL = fake.url
    sweep(now=now + HOUR, threads=1)
    assert not selectors.status_report(now=now + HOUR)["standing_still"]


def test_three_hours_in_which_the_provider_takes_nothing_and_hangs_up(fake, text, now):  # noqa: F811
    """In doubt all that time: looked up, sent again, in doubt again. Made once in the end."""
    fake.behave = lambda _to, _number: "drop"
    text(now=now, not_after=now + 9 * HOUR)
    for minutes in range(0, 180, 2):
        sweep(now=now + minutes * MINUTE, threads=1)
        reconcile(now=now + minutes * MINUTE)
    assert (len(fake.made), Message.objects.get().absent < 3) == (0, True)
    fake.behave = lambda _to, _number: "201"
    for minutes in range(180, 200, 2):
        sweep(now=now + minutes * MINUTE, threads=1)
        reconcile(now=now + minutes * MINUTE)
    assert (len(fake.made), Message.objects.get().state) == (1, State.ACCEPTED)
