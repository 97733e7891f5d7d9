"""The demonstration's provider: keeps every text on a made-up phone, reports on it later, and can be told to misbehave.

It is a provider of its own: it knows addresses and attempts, not our messages, and talks back through the status path.
"""

import datetime as dt
import secrets

from django.utils import timezone

from clinic.crypto.search import blind_index
from clinic.messaging.channels.types import Envelope, Found, Outcome, Result, mark, marked
from clinic.messaging.models import DemoPhone, DemoText
from clinic.people.models import Patient

UNREACHABLE, NOT_ON_WHATSAPP = "30003", "63024"


def phone_of(address: str, *, email: bool = False) -> DemoPhone:
    """The person's phone shows their email as well; an address nobody has gets a phone of its own."""
    index = blind_index("email", address.strip().lower()) if email else blind_index("phone", address)
    owner = Patient.objects.filter(**{"email_index" if email else "phone_index": index}).order_by("created_at").first()
    if email and owner and owner.phone:
        return phone_of(owner.phone)
    phone, _new = DemoPhone.objects.get_or_create(address_index=index, defaults={"address": address, "patient": owner})
    return phone


def post(envelope: Envelope) -> Outcome:
    phone = phone_of(envelope.to, email=envelope.channel == "email")
    text = DemoText.objects.create(
        sid=f"SM{secrets.token_hex(16)}",
        phone=phone,
        outgoing=True,
        channel=envelope.channel,
        subject=envelope.subject,
        body=marked(envelope.body, envelope.code),
        buttons=[list(button) for button in envelope.buttons],
        status="queued",
        callback=envelope.attempt_id,
        at=timezone.now(),
    )
    return Outcome(result=Result.ACCEPTED, http_status=201, provider_id=text.sid, provider_status="queued")


def find(channel: str, to: str) -> list[Found] | None:
    phone = phone_of(to, email=channel == "email")
    return [_found(text) for text in phone.texts.filter(outgoing=True, channel=channel).order_by("-at")[:100]]


def fetch(provider_id: str) -> Found | None:
    text = DemoText.objects.filter(sid=provider_id).first()
    return _found(text) if text else None


def _found(text: DemoText) -> Found:
    return Found(provider_id=text.sid, status=text.status, body=text.body, created_at=text.at)


def report(*, now: dt.datetime | None = None) -> int:
    """Moves every text on: queued → sent → delivered where the phone is on, undelivered where it refuses."""
    from clinic.messaging.status import apply_status

    moved = 0
    for text in DemoText.objects.filter(outgoing=True, status__in=["queued", "sent"]).select_related("phone")[:500]:
        before, error = text.status, ""
        if text.phone.refuses:
            text.status, error = "undelivered", NOT_ON_WHATSAPP if text.channel == "whatsapp" else UNREACHABLE
        elif text.phone.online:
            text.status = "delivered"
        else:
            text.status = "sent"
        if text.status != before:
            text.save(update_fields=["status"])
            apply_status(text.callback, provider_id=text.sid, status=text.status, error_code=error, now=now)
            moved += 1
    return moved


def read(phone: DemoPhone, *, now: dt.datetime | None = None) -> int:
    """The person looks at the chat: what was delivered on WhatsApp is read."""
    from clinic.messaging.status import apply_status

    seen = list(phone.texts.filter(outgoing=True, channel="whatsapp", status="delivered"))
    for text in seen:
        text.status = "read"
        text.save(update_fields=["status"])
        apply_status(text.callback, provider_id=text.sid, status="read", now=now)
    return len(seen)


def without_mark(text: DemoText) -> str:
    """The text as the bubble shows it: the code at its end is for us."""
    head, _line, tail = text.body.rpartition("\n")
    return head if tail == mark(tail.strip("#.")) else text.body
