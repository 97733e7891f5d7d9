"""Workers are killed at random points while 500 messages go out through a provider that fails in every way."""

import datetime as dt
import random

import pytest

from clinic.messaging.models import Message
from clinic.messaging.states import OUT
from tests.faults import drill
from tests.faults.fake_provider import FakeProvider
from tests.faults.fleet import Fleet, ticks

MESSAGES, FEWER = 500, 300
FAILURES = {
    "201": 78,
    "201_html": 2,
    "201_then_gone": 2,
    "500_made": 3,
    "500": 3,
    "drop_made": 3,
    "drop": 3,
    "429": 4,
    "hang_made": 1,
    "hang": 1,
}


def failing(seed: int):
    chance = random.Random(seed)
    return lambda _to, _number: chance.choices(list(FAILURES), FAILURES.values())[0]


def queue(count: int, *, first: int = 0) -> None:
    """Committed, due now, to as many people; quiet hours do not matter to them."""
    from clinic.messaging.plan import Desired, reconcile
    from clinic.people.models import Patient

    now = dt.datetime.now(dt.UTC)
    for number in range(first, first + count):
        person = Patient.objects.create(name=f"Person {number}", phone=f"+90532{number:07d}", language="en")
        ref = f"drill:{person.pk}"
        facts = {"link": "/b/t/", "day": "Monday", "time": "10:00", "place": "here"}
        wish = Desired(
            kind="booking_confirmed",
            ref=ref,
            version=1,
            patient_id=person.pk,
            due_at=now,
            language="en",
            facts=facts,
            at_once=True,
            crosses_quiet=True,
            not_after=now + dt.timedelta(hours=6),
        )
        reconcile(ref, [wish], now=now)


@pytest.mark.django_db(transaction=True)
def test_killed_workers_neither_double_nor_lose_a_message():
    queue(MESSAGES)
    with FakeProvider(behave=failing(7), latency=0.03, hang_seconds=1.5) as fake:
        with drill.Senders(drill.environment(fake), workers=2, threads=4) as senders:
            ran = drill.run(fake, senders, kills=12, every=(0.05, 0.6), limit=90)
        verdict = drill.judge(fake)
    assert ran["kills"]["sender"] >= 5, ran
    assert (verdict["duplicates"], verdict["lost"], verdict["in doubt"]) == (0, 0, 0), (ran, verdict)
    assert Message.objects.filter(state__in=sorted(OUT)).count() == verdict["made"] == MESSAGES, (ran, verdict)


@pytest.mark.django_db(transaction=True)
def test_killed_celery_workers_and_clocks_neither_double_nor_lose_a_message(tmp_path):
    """Two workers and two beats on a Valkey of their own, as in production but for the intervals."""
    queue(FEWER)
    with FakeProvider(behave=failing(8), latency=0.05, hang_seconds=1.5) as fake:
        env = drill.environment(fake, threads=2, settings_too=ticks(0.4))
        with Fleet(tmp_path, env, workers=2, beats=2, concurrency=2) as fleet:
            ran = drill.run(fake, fleet, kills=8, every=(0.2, 1.0), limit=120)
        verdict = drill.judge(fake)
    assert ran["kills"]["worker"] >= 2, (ran, fleet.logs())
    assert (verdict["duplicates"], verdict["lost"], verdict["in doubt"]) == (0, 0, 0), (ran, verdict)
    assert Message.objects.filter(state__in=sorted(OUT)).count() == verdict["made"] == FEWER, (ran, verdict)
