import uuid
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from twilio.request_validator import RequestValidator

from clinic.messaging.claiming import claim
from clinic.messaging.models import Attempt, InboundEvent, Message, Reply, Suppression
from clinic.messaging.plan import reconcile
from clinic.messaging.states import State

pytestmark = pytest.mark.django_db
TOKEN = "t" * 32


@pytest.fixture(autouse=True)
def provider(settings):
    settings.PUBLIC_URL = "https://clinic.example"
    settings.TWILIO_AUTH_TOKEN = TOKEN


@pytest.fixture
def attempt(wish, now):
    reconcile(wish.ref, [wish(at_once=True, due_at=now)], now=now)
    return Attempt.objects.get(pk=claim(now=now).envelope.attempt_id)


def post(address, fields, *, signature=None, **headers):
    """As the provider posts; the proxy in front speaks plain http to us under another name."""
    pairs = [(key, one) for key, value in fields.items() for one in (value if isinstance(value, list) else [value])]
    if signature is None:
        signature = RequestValidator(TOKEN).compute_signature("https://clinic.example" + address, _Many(fields))
    extra = {"HTTP_X_TWILIO_SIGNATURE": signature} if signature else {}
    client = Client(enforce_csrf_checks=True)
    return client.post(address, urlencode(pairs), "application/x-www-form-urlencoded", **extra, **headers)


class _Many(dict):
    def getlist(self, name):
        return self[name] if isinstance(self[name], list) else [self[name]]


def status_url(attempt):
    return reverse("messaging:status", args=[attempt.pk])


def test_a_signed_status_binds_and_merges(attempt):
    assert post(status_url(attempt), {"MessageSid": "SM1", "MessageStatus": "delivered"}).status_code == 204
    message = Message.objects.get()
    assert (message.state, message.provider_id) == (State.DELIVERED, "SM1")


@pytest.mark.parametrize("signature", ["", "nonsense", "ümlaut"])
def test_unsigned_is_forbidden_and_writes_nothing(attempt, signature):
    answer = post(status_url(attempt), {"MessageSid": "SM1", "MessageStatus": "read"}, signature=signature)
    assert answer.status_code == 403
    assert Message.objects.get().state == State.SENDING
    assert not InboundEvent.objects.exists()


def test_signed_with_another_key_or_for_another_address_is_forbidden(attempt):
    fields = {"MessageSid": "SM1", "MessageStatus": "read"}
    other_key = RequestValidator("x" * 32).compute_signature("https://clinic.example" + status_url(attempt), fields)
    other_place = RequestValidator(TOKEN).compute_signature("https://evil.example" + status_url(attempt), fields)
    for signature in (other_key, other_place):
        assert post(status_url(attempt), fields, signature=signature).status_code == 403


@pytest.mark.parametrize(
    "passed_on",
    [
        {"HTTP_X_FORWARDED_PROTO": "http"},
        {"HTTP_HOST": "localhost:8000"},
        {"HTTP_X_FORWARDED_HOST": "evil.example", "HTTP_X_FORWARDED_PROTO": "ftp"},
        {"HTTP_HOST": "127.0.0.1", "HTTP_X_FORWARDED_PROTO": "http", "HTTP_X_FORWARDED_PORT": "81"},
    ],
)
@pytest.mark.parametrize("proxies", [(), ("127.0.0.1",)])
def test_whatever_a_proxy_makes_of_scheme_and_host_the_signature_holds(attempt, settings, passed_on, proxies):
    settings.TRUSTED_PROXIES = proxies
    fields = {"MessageSid": "SM1", "MessageStatus": "delivered", "Twice": ["b", "a", "b"]}
    assert post(status_url(attempt), fields, **passed_on).status_code == 204
    assert Message.objects.get().state == State.DELIVERED


def test_the_same_status_a_hundred_times_has_one_effect(attempt):
    for _again in range(100):
        assert post(status_url(attempt), {"MessageSid": "SM1", "MessageStatus": "sent"}).status_code == 204
    assert InboundEvent.objects.count() == 1


def test_order_does_not_matter_and_a_late_failure_changes_nothing(attempt):
    for word in ("read", "queued", "failed", "sent", "delivered"):
        post(status_url(attempt), {"MessageSid": "SM1", "MessageStatus": word, "ErrorCode": "30008"})
    assert Message.objects.get().state == State.READ


def test_unknown_attempts_words_and_fields_are_answered_politely(attempt):
    unknown = reverse("messaging:status", args=[uuid.uuid4()])
    assert post(unknown, {"MessageSid": "SM9", "MessageStatus": "sent"}).status_code == 204
    assert (
        post(status_url(attempt), {"MessageSid": "SM1", "MessageStatus": "teleported", "New": "1"}).status_code == 204
    )
    assert post(status_url(attempt), {"Something": "else"}).status_code == 204


def test_a_failed_whatsapp_becomes_one_text_message(attempt):
    for word in ("undelivered", "failed", "undelivered"):
        post(status_url(attempt), {"MessageSid": "SM1", "MessageStatus": word, "ErrorCode": "63024"})
    assert list(Message.objects.order_by("created_at").values_list("channel", "state")) == [
        ("whatsapp", "undelivered"),
        ("sms", "pending"),
    ]


def test_a_status_for_another_attempt_of_the_same_message_does_not_unbind(attempt):
    post(status_url(attempt), {"MessageSid": "SM1", "MessageStatus": "sent"})
    post(status_url(attempt), {"MessageSid": "SM2", "MessageStatus": "failed"})
    assert (Message.objects.get().provider_id, Message.objects.get().state) == ("SM1", State.SENT)


def test_an_inbound_message_is_taken_once(elif_):
    fields = {
        "MessageSid": "SM5",
        "From": "whatsapp:+905325550101",
        "Body": "Merhaba, bir sorum var",
        "Numbers": ["1", "2"],
    }
    for _again in range(3):
        answer = post(reverse("messaging:inbound"), fields)
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml")
    reply = Reply.objects.get()
    assert (reply.patient, reply.unread, reply.body) == (elif_, True, "Merhaba, bir sorum var")


@pytest.mark.parametrize("signature", ["", "nonsense", "ümlaut"])
def test_a_forged_inbound_message_silences_nobody_and_is_not_kept(elif_, signature):
    fields = {"MessageSid": "SM6", "From": "whatsapp:+905325550101", "Body": "STOP"}
    assert post(reverse("messaging:inbound"), fields, signature=signature).status_code == 403
    assert not (Reply.objects.exists() or InboundEvent.objects.exists() or Suppression.objects.exists())
    assert post(reverse("messaging:inbound"), fields).status_code == 200
    assert (Reply.objects.get().choice, Suppression.objects.filter(stopped=True).count()) == ("stop", 2)


def test_only_post(attempt):
    assert Client().get(status_url(attempt)).status_code == 405
