import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.messaging.channels import demo
from clinic.messaging.models import DemoPhone, DemoText, Message, Reply
from clinic.messaging.plan import reconcile
from clinic.messaging.states import State
from clinic.messaging.sweep import sweep

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def phone(wish, now, settings):
    """Elif's phone with the reminder on it."""
    settings.MESSAGE_PROVIDER = "demo"
    reconcile(wish.ref, [wish(at_once=True, due_at=now)], now=now)
    assert sweep(now=now, threads=1)["accepted"] == 1
    return DemoPhone.objects.get()


def state():
    return Message.objects.get(kind="reminder_24h").state


def test_a_message_arrives_and_is_delivered(phone, client):
    assert state() == State.DELIVERED
    page = client.get(reverse("messaging:phone", args=[phone.pk])).content.decode()
    assert "Hello Elif" in page
    assert "#" + Message.objects.get().code not in page
    assert "Elif Aydın" in client.get(reverse("messaging:phones")).content.decode()


def test_a_typed_answer_takes_the_path_of_a_real_one(phone, client):
    client.post(reverse("messaging:phone_write", args=[phone.pk]), {"body": "2"})
    assert (Reply.objects.get().choice, state()) == ("move", State.READ)
    sweep(threads=1)
    assert DemoText.objects.filter(outgoing=True).count() == 2


def test_a_tapped_button_carries_its_payload(phone, client):
    text = DemoText.objects.get()
    client.post(reverse("messaging:phone_write", args=[phone.pk]), {"text": text.pk, "tap": "1"})
    assert Reply.objects.get().choice == "move"


@pytest.mark.parametrize("fields", [{"text": "x", "tap": "0"}, {"text": "", "tap": "9"}, {"body": "  "}, {}])
def test_nonsense_writes_nothing(phone, client, fields):
    client.post(reverse("messaging:phone_write", args=[phone.pk]), fields)
    assert not Reply.objects.exists()


def test_a_message_that_waits_can_be_let_go(phone, client, wish, now):
    later = timezone.now() + DAY
    other = wish(ref="other:1", kind="moved", due_at=later, not_after=later + DAY)
    reconcile(other.ref, [other], now=timezone.now())
    message = Message.objects.get(kind="moved")
    for url in (reverse("messaging:phones"), reverse("messaging:phone", args=[phone.pk])):
        assert reverse("messaging:phone_let_go", args=[message.pk]) in client.get(url).content.decode()
    answer = client.post(reverse("messaging:phone_let_go", args=[message.pk]))
    assert answer["Location"] == reverse("messaging:phone", args=[phone.pk])
    sweep(threads=1)
    message.refresh_from_db()
    assert message.state == State.DELIVERED


def test_switched_off_it_waits_and_arrives_later(phone, client, wish, now):
    client.post(reverse("messaging:phone_switch", args=[phone.pk]), {"name": "online"})
    reconcile(wish.ref, [wish(kind="moved", at_once=True, due_at=now)], now=now)
    sweep(now=now, threads=1)
    assert Message.objects.get(kind="moved").state == State.SENT
    client.post(reverse("messaging:phone_switch", args=[phone.pk]), {"name": "online"})
    demo.report(now=now)
    assert Message.objects.get(kind="moved").state == State.DELIVERED


def test_a_phone_that_refuses_sends_it_down_the_other_ways_to_the_desk(phone, client, wish, now):
    client.post(reverse("messaging:phone_switch", args=[phone.pk]), {"name": "refuses"})
    reconcile(wish.ref, [wish(kind="moved", at_once=True, due_at=now)], now=now)
    for _round in range(4):
        sweep(now=now, threads=1)
    assert list(Message.objects.filter(kind="moved").order_by("created_at").values_list("channel", "state")) == [
        ("whatsapp", "undelivered"), ("sms", "undelivered"), ("email", "undelivered"), ("desk", "needs_person"),
    ]  # fmt: skip


def test_there_are_no_demo_phones_with_a_real_provider_or_in_production(phone, client, settings):
    for name, value in (("MESSAGE_PROVIDER", "twilio"), ("PRODUCTION", True)):
        before = getattr(settings, name)
        setattr(settings, name, value)
        assert client.get(reverse("messaging:phones")).status_code == 404
        assert client.post(reverse("messaging:phone_write", args=[phone.pk]), {"body": "1"}).status_code == 404
        setattr(settings, name, before)


def test_getting_a_page_changes_nothing(phone, client):
    before = state()
    client.get(reverse("messaging:phone", args=[phone.pk]))
    assert state() == before
    assert client.get(reverse("messaging:phone_seen", args=[phone.pk])).status_code == 405
