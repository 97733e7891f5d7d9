import datetime as dt

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from clinic.messaging import checks, desk, limits, selectors
from clinic.messaging.consent import stop
from clinic.messaging.forget import forget
from clinic.messaging.models import Consent, Heartbeat, Message, Suppression
from clinic.messaging.plan import reconcile, send_now
from clinic.messaging.states import State
from clinic.messaging.sweep import sweep
from clinic.people.access import Actor
from clinic.people.models import User

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def actor():
    user = User.objects.create_user("desk@clinic.example", "long enough word", name="Deniz", role="desk")
    return Actor("desk", user=user)


def test_the_database_refuses_unknown_states_and_changed_histories(wish, now, elif_):
    reconcile(wish.ref, [wish()], now=now)
    stop("0" * 32, reason="test", now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.update(state="teleported")
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.update(state=State.SENDING)  # in doubt without attempt and lease
    for history in (Consent, Suppression):
        with pytest.raises(DatabaseError), transaction.atomic():
            history.objects.update(at=now)
        with pytest.raises(DatabaseError), transaction.atomic():
            history.objects.all().delete()


def test_a_limit_counts_every_taker(now):
    taken = [limits.take("codes:x", limit=3, window=HOUR, now=now) for _time in range(5)]
    assert taken == [True, True, True, False, False]
    assert limits.take("codes:x", limit=3, window=HOUR, now=now + HOUR)


def test_the_report_tells_when_messages_stand_still(wish, now):
    Heartbeat.objects.create(component="sweep", at=now)
    assert not selectors.status_report(now=now)["standing_still"]
    reconcile(wish.ref, [wish(due_at=now + HOUR)], now=now)
    report = selectors.status_report(now=now + HOUR + dt.timedelta(minutes=3))
    assert (report["oldest_due_seconds"], report["due"], report["standing_still"]) == (180, 1, True)


def test_what_nobody_can_be_told_waits_for_the_desk_which_sends_or_closes_it(now, actor, settings):
    from clinic.people.models import Patient

    settings.MESSAGE_PROVIDER = "demo"
    lost = Patient.objects.create(name="Noor Haddad")
    for key in ("a", "b"):
        send_now("contact_changed", key=key, patient=lost, language="ar", now=now)
    sweep(now=now, threads=1)
    one, two = selectors.for_a_person()
    desk.done_by_hand(one, actor=actor, now=now)
    lost.email = "noor@example.org"
    lost.save()
    desk.send_again(two, actor=actor, now=now)
    sweep(now=now, threads=1)
    assert not selectors.for_a_person()
    assert {row.state for row in Message.objects.all()} == {State.CANCELLED, State.DELIVERED}


def test_a_thread_shows_both_sides_in_words(wish, elif_, now, settings):
    from clinic.messaging.replies import inbound

    settings.MESSAGE_PROVIDER = "demo"
    reconcile(wish.ref, [wish(at_once=True, due_at=now)], now=now)
    sweep(now=now, threads=1)
    inbound.accept({"MessageSid": "SM1", "From": "whatsapp:" + elif_.phone, "Body": "Thanks!"}, now=now + HOUR)
    bubbles = selectors.thread(elif_.pk)
    assert [(one.way, one.stand) for one in bubbles] == [("out", "delivered"), ("in", "unread"), ("out", "queued")]
    assert selectors.unread_count() == 1


def test_old_texts_are_forgotten_but_not_that_they_were_sent(wish, now):
    reconcile(wish.ref, [wish(at_once=True, due_at=now)], now=now)
    Message.objects.update(state=State.DELIVERED)
    assert forget(now=now + dt.timedelta(days=89)) == 0
    assert forget(now=now + dt.timedelta(days=91)) == 1
    message = Message.objects.get()
    assert (message.body, message.facts, message.state) == ("", {}, State.DELIVERED)


def test_codes_are_forgotten_after_a_day(jonas, now):
    facts = {"code": "493027", "minutes": "10"}
    send_now("sign_in_code", key="a", patient=jonas, language="en", facts=facts, now=now)
    Message.objects.update(state=State.DELIVERED)
    assert forget(now=now + 23 * HOUR) == 0
    assert forget(now=now + 25 * HOUR) == 1


def test_production_refuses_the_demo_provider(settings):
    settings.PRODUCTION, settings.MESSAGE_PROVIDER = True, "demo"
    assert [found.id for found in checks.provider_is_real()] == ["messaging.E002"]
    settings.PRODUCTION = False
    assert checks.provider_is_real() == checks.messages_are_sound() == []
