"""Every kind in every language leaves at its moment and not before, on the way it should."""

import datetime as dt

import pytest

from clinic.messaging.channels.demo import without_mark
from clinic.messaging.kinds import KINDS, SAMPLES
from clinic.messaging.models import DemoText, Message
from clinic.messaging.plan import Desired, reconcile
from clinic.messaging.states import State
from clinic.messaging.sweep import sweep
from clinic.messaging.wording import retiming
from clinic.messaging.wording.shipped import LANGUAGES
from clinic.people.access import Actor
from clinic.people.models import User

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_kind_leaves_at_its_moment(code, elif_, now, settings):
    from clinic.messaging.consent import record_consent

    settings.MESSAGE_PROVIDER, settings.RATE_LIMITS = "demo", False  # all to one number within an hour
    record_consent(elif_.pk, channel="any", purpose="extra", granted=True, source="test", now=now)
    ref = "visit:1"
    wishes = [
        Desired(
            kind=kind, ref=ref, version=1, patient_id=elif_.pk, due_at=now + (number + 1) * MINUTE, language=code,
            facts={name: SAMPLES[name] for name in KINDS[kind].variables},
        )
        for number, kind in enumerate(KINDS)
    ]  # fmt: skip
    assert reconcile(ref, wishes, now=now).inserted == len(KINDS)
    for number, kind in enumerate(KINDS):
        sweep(now=now + (number + 1) * MINUTE - dt.timedelta(seconds=1), threads=1)
        assert DemoText.objects.count() == number, kind
        sweep(now=now + (number + 1) * MINUTE, threads=1)
        assert DemoText.objects.count() == number + 1, kind
    shown = {without_mark(text) for text in DemoText.objects.all()}
    assert shown == {row.body for row in Message.objects.all()}
    assert set(Message.objects.values_list("state", flat=True)) == {State.DELIVERED}


def test_a_reminder_planned_for_the_night_leaves_at_eight(wish, now, settings):
    settings.MESSAGE_PROVIDER = "demo"
    reconcile(wish.ref, [wish(due_at=dt.datetime(2027, 5, 4, 20, 0, tzinfo=dt.UTC))], now=now)  # 23:00 in Istanbul
    for moment in (dt.datetime(2027, 5, 4, 20, 1, tzinfo=dt.UTC), dt.datetime(2027, 5, 5, 4, 59, tzinfo=dt.UTC)):
        sweep(now=moment, threads=1)
        assert not DemoText.objects.exists()
    sweep(now=dt.datetime(2027, 5, 5, 5, 0, tzinfo=dt.UTC), threads=1)
    assert DemoText.objects.count() == 1


def test_what_nobody_sent_by_day_wakes_nobody_up(wish, now, settings):
    settings.MESSAGE_PROVIDER = "demo"
    afternoon, eight = dt.datetime(2027, 5, 4, 14, 0, tzinfo=dt.UTC), dt.datetime(2027, 5, 5, 5, 0, tzinfo=dt.UTC)
    reconcile(wish.ref, [wish(due_at=afternoon, not_after=eight + 60 * MINUTE)], now=now)
    sweep(now=dt.datetime(2027, 5, 4, 20, 0, tzinfo=dt.UTC), threads=1)  # 23:00 in Istanbul
    assert (DemoText.objects.count(), Message.objects.get().due_at) == (0, eight)
    sweep(now=eight, threads=1)
    assert DemoText.objects.count() == 1


def test_the_clinics_own_quiet_hours_hold_at_the_claim_too(wish, now, settings, elif_):
    settings.MESSAGE_PROVIDER = "demo"
    five, nine = dt.datetime(2027, 5, 4, 14, 0, tzinfo=dt.UTC), dt.datetime(2027, 5, 5, 6, 0, tzinfo=dt.UTC)
    reconcile(wish.ref, [wish(due_at=five, not_after=nine + 60 * MINUTE)], now=now)
    owner = Actor("owner", user=User.objects.create(email="o@example.org", name="Olga", role="owner"))
    retiming.change_quiet_hours(start=dt.time(18), end=dt.time(9), actor=owner, now=now)
    sweep(now=five + 90 * MINUTE, threads=1)  # 18:30 in Istanbul
    assert (DemoText.objects.count(), Message.objects.get().due_at) == (0, nine)
    sweep(now=nine, threads=1)
    assert DemoText.objects.count() == 1


def test_what_is_of_no_use_in_the_morning_is_not_sent_then(wish, now, settings):
    settings.MESSAGE_PROVIDER = "demo"
    night = dt.datetime(2027, 5, 4, 20, 0, tzinfo=dt.UTC)
    late = wish(due_at=night - dt.timedelta(hours=6), not_after=night + dt.timedelta(hours=2))
    reconcile(wish.ref, [late], now=now)
    for moment in (night, night + dt.timedelta(hours=9)):
        sweep(now=moment, threads=1)
    assert (DemoText.objects.count(), Message.objects.get().state) == (0, State.EXPIRED)


def test_what_must_be_said_before_the_morning_is_said_in_the_night(wish, now):
    night = dt.datetime(2027, 5, 3, 20, 0, tzinfo=dt.UTC)  # 23:00 in Istanbul, the visit is at 07:30
    cancelled = wish(kind="cancelled", at_once=True, due_at=night, not_after=night + dt.timedelta(hours=8))
    reconcile(wish.ref, [cancelled], now=night)
    assert Message.objects.get().due_at == night


def test_a_reminder_whose_appointment_has_moved_on_is_cancelled_at_the_claim(wish, now, monkeypatch):
    from clinic.messaging import registry

    monkeypatch.setitem(registry._references, "visit", registry.Reference(lambda _ref, version: version == 2, str))
    reconcile(wish.ref, [wish(at_once=True, due_at=now)], now=now)
    sweep(now=now, threads=1)
    assert Message.objects.get().state == State.CANCELLED


def test_a_reminder_whose_appointment_moves_on_after_the_claim_is_not_posted(wish, now, monkeypatch, settings):
    from clinic.messaging import claiming, registry, sending

    settings.MESSAGE_PROVIDER = "demo"
    current = {"version": 1}
    is_current = registry.Reference(lambda _ref, version: version == current["version"], str)
    monkeypatch.setitem(registry._references, "visit", is_current)
    reconcile(wish.ref, [wish(at_once=True, due_at=now)], now=now)
    claimed = claiming.claim(now=now)
    current["version"] = 2
    sending.deliver(claimed, now=now)
    sweep(now=now + 10 * MINUTE, threads=1)
    assert (DemoText.objects.count(), Message.objects.get().state) == (0, State.CANCELLED)
