"""What staff say back: prepared answers, and a practitioner's own words. Each goes out once, however often it is sent."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.audit.services import record
from clinic.errors import DomainError, Invalid
from clinic.messaging import consent
from clinic.messaging.kinds import FREE_TEXT, KINDS, PREPARED
from clinic.messaging.models import Channel, Message, Reply, WhatsAppWindow
from clinic.messaging.plan import send_now
from clinic.messaging.windows import whatsapp_open
from clinic.messaging.wording import texts
from clinic.messaging.wording.rules import LONGEST
from clinic.messaging.wording.shipped import forbidden_word
from clinic.people.access import Actor
from clinic.people.models import Patient


def answer(
    patient: Patient,
    *,
    kind: str,
    key: uuid.UUID,
    facts: Mapping[str, Any],
    actor: Actor,
    now: dt.datetime | None = None,
) -> Message:
    """Sends one of the prepared answers in the patient's language. The same `key` is sent once.

    Raises Invalid for another kind, DomainError `no_address` where there is nowhere to write to.
    """
    if kind not in PREPARED:
        raise Invalid({"kind": [_("Choose one of the answers.")]})
    wanted = KINDS[kind].variables | {"start", "timezone"}
    known = {name: value for name, value in facts.items() if name in wanted}
    return _send(patient, kind, key=key, facts=known, actor=actor, now=now or timezone.now())


def write(
    patient: Patient, *, text: str, key: uuid.UUID, signed: str, actor: Actor, now: dt.datetime | None = None
) -> Message:
    """Sends a practitioner's own words, signed with their name. Refused when they would give health away on a locked
    phone. WhatsApp takes them only within a day of the patient's last word there; else they go as text or email.
    """
    words = texts.own_words(text)
    if not words:
        raise Invalid({"text": [_("Write something to send.")]})
    if len(text.replace("\r\n", "\n").strip()) > LONGEST:
        raise Invalid({"text": [_("Keep it to %(number)d characters, or call.") % {"number": LONGEST}]})
    if word := forbidden_word(words, names=[*patient.name.split(), settings.CLINIC_NAME]):
        sentence = _("“%(word)s” could be read on a locked phone. Say it without that word, or call.")
        raise Invalid({"text": [sentence % {"word": word}]})
    facts = {"text": words, "practitioner": signed}
    return _send(patient, FREE_TEXT, key=key, facts=facts, actor=actor, now=now or timezone.now())


_read: list[Callable[[list[Reply], Actor], None]] = []


def on_read(listener: Callable[[list[Reply], Actor], None]) -> None:
    """Registers somebody to be told which replies a member of staff has just read, in the same transaction."""
    if listener not in _read:
        _read.append(listener)


def mark_read(replies: Iterable[Reply], *, actor: Actor, now: dt.datetime | None = None) -> int:
    """Somebody at the clinic has read them. Returns how many were still unread."""
    with transaction.atomic():
        wanted = [reply.pk for reply in replies]
        found = Reply.objects.select_for_update().filter(pk__in=wanted, unread=True).order_by("pk")
        fresh = list(found)
        Reply.objects.filter(pk__in=[one.pk for one in fresh]).update(
            unread=False, read_at=now or timezone.now(), read_by=actor.user
        )
        for one in fresh:
            record("reply.read", subject=f"reply:{one.pk}", actor=actor)
        for listener in _read if fresh else ():
            listener(fresh, actor)
    return len(fresh)


def route(patient: Patient, *, kind: str, now: dt.datetime) -> tuple[str, str]:
    """Channel and address for an answer: WhatsApp while the person's own word there is fresh, else as they agreed."""
    found = [one for one in consent.routes(patient, KINDS[kind]) if one[0] != Channel.DESK]
    if kind == FREE_TEXT:
        found = [one for one in found if one[0] != Channel.WHATSAPP]
    if patient.phone and whatsapp_open(_last_inbound(patient), now):
        found.insert(0, (Channel.WHATSAPP, patient.phone))
    for channel, address in found:
        if not consent.is_stopped(consent.index_of(channel, address), channel=channel):
            return channel, address
    raise DomainError(
        "no_address", _("We have no number or email to which we may write. Please call, or speak at the next visit.")
    )


def _send(
    patient: Patient, kind: str, *, key: uuid.UUID, facts: Mapping[str, Any], actor: Actor, now: dt.datetime
) -> Message:
    ref = f"answer:{patient.pk}"
    with transaction.atomic():
        Patient.objects.select_for_update().get(pk=patient.pk)
        if sent := Message.objects.filter(dedupe_key=f"{ref}:{key}").first():
            return sent
        channel, address = route(patient, kind=kind, now=now)
        message = send_now(
            kind, key=str(key), ref=ref, language=patient.language, facts=facts, patient=patient,
            channel=channel, address=address, now=now,
        )  # fmt: skip
        record("message.answer", subject=f"message:{message.pk}", actor=actor, detail={"kind": kind})
    return message


def _last_inbound(patient: Patient) -> dt.datetime | None:
    number = consent.index_of(Channel.WHATSAPP, patient.phone)
    return WhatsAppWindow.objects.filter(number=number).values_list("last_inbound", flat=True).first()
