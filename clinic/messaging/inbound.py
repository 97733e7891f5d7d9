"""What people send us: heard once, acted on at once, and kept for somebody to read.

Real webhooks and the demonstration's phones both come through `accept`.
"""

import datetime as dt
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from clinic.crypto.search import blind_index
from clinic.messaging import answers, caps, consent, registry
from clinic.messaging.kinds import CARE, KINDS, MARKETING
from clinic.messaging.models import Channel, InboundEvent, Message, Reply, WhatsAppWindow
from clinic.messaging.plan import send_now
from clinic.messaging.red_flags import urgency_of
from clinic.messaging.states import IN_DOUBT, OUT
from clinic.people.models import Patient

log = logging.getLogger(__name__)

ANSWERABLE = dt.timedelta(days=10)
URGENT_TEXT = {"emergency": "emergency_now", "same_day": "urgent_same_day", "soon": "urgent_soon"}
# Answers the outbox can give by itself: they promise nothing and only lead to a page.
OWN_ANSWER = {"move": "reply_move", "fine": "reply_fine", "unsure": "reply_unsure", "worried": "reply_worried"}
URGENCY_OF_CHOICE = {"unsure": "soon", "worried": "same_day"}


@dataclass(frozen=True)
class ReplyEvent:
    """One reply as a higher floor sees it. `choice` is empty for free text; `about` is the message it answers, if
    any.
    """

    reply: Reply
    about: Message | None
    choice: str
    urgency: str
    now: dt.datetime

    @property
    def ref(self) -> str:
        return self.about.ref if self.about else ""

    @property
    def version(self) -> int:
        return self.about.version if self.about else 0

    @property
    def patient(self) -> Patient | None:
        return self.reply.patient

    @property
    def body(self) -> str:
        return self.reply.body


@dataclass(frozen=True)
class Answer:
    """What to say back: a kind of reply and its facts. `handled` False keeps the reply unread for the desk."""

    kind: str
    facts: Mapping[str, Any]
    handled: bool = True


Handler = Callable[[ReplyEvent], Answer | None]
_handlers: list[tuple[str, Handler]] = []
_urgent: list[Callable[[ReplyEvent], None]] = []


def on_reply(handler: Handler, *, prefix: str = "") -> Handler:
    """Registers a handler for replies about references that begin with `prefix` ("" = all). The first Answer is sent.

    Handlers run in the inbound transaction, for current versions only, and must bear being called twice.
    """
    if (prefix, handler) not in _handlers:
        _handlers.append((prefix, handler))
    return handler


def on_urgent(listener: Callable[[ReplyEvent], None]) -> None:
    """Registers somebody to be told of every reply with a red flag or a worry, before any answer is looked for.

    Runs in the inbound transaction. A listener that breaks loses nothing: the reply stays urgent and unread.
    """
    if listener not in _urgent:
        _urgent.append(listener)


def accept(fields: Mapping[str, str], *, now: dt.datetime | None = None) -> Reply | None:
    """Takes one inbound message in the provider's field names. None when it has been taken before or is no message."""
    now = now or timezone.now()
    sid = fields.get("MessageSid") or fields.get("SmsSid") or ""
    sender = fields.get("From", "")
    if not sid or not sender:
        return None
    with transaction.atomic():
        event = InboundEvent(
            kind="inbound", provider_id=sid[:64], raw=dict(fields), received_at=now, processed_at=now, id=uuid.uuid4()
        )
        InboundEvent.objects.bulk_create([event], ignore_conflicts=True)
        if not InboundEvent.objects.filter(pk=event.pk).exists():
            return None
        channel = Channel.WHATSAPP if sender.startswith("whatsapp:") else Channel.SMS
        _one_at_a_time(blind_index("phone", sender.removeprefix("whatsapp:")))
        return _take(fields, sid[:64], channel, sender.removeprefix("whatsapp:"), now)


def _one_at_a_time(index: str) -> None:
    """What one number writes is dealt with in turn: two messages at once are not both the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(index[:15], 16)])


def _take(fields: Mapping[str, str], sid: str, channel: str, number: str, now: dt.datetime) -> Reply:
    index = blind_index("phone", number)
    body = (fields.get("Body") or fields.get("ButtonText") or "")[:4000]
    if channel == Channel.WHATSAPP:
        WhatsAppWindow.objects.update_or_create(number=index, defaults={"last_inbound": now})
    about, choice = _meant(fields, body, index, now)
    urgency = urgency_of(body) or URGENCY_OF_CHOICE.get(choice, "")
    patient = about.patient if about else _writer(index)
    reply = Reply.objects.create(
        provider_id=sid, patient=patient, channel=channel, address=number, address_index=index, body=body, about=about,
        choice=choice, urgency=urgency, received_at=now,
    )  # fmt: skip
    word, words = answers.only_word(body), answers.keywords()
    opt = fields.get("OptOutType", "").upper()
    if opt == "STOP" or (word in words.stop and not choice):
        return _stop(reply, ambiguous=word in words.ambiguous, now=now)
    if opt == "START" or (word in words.start and consent.is_stopped(index, channel=channel)):
        return _start(reply, answered=bool(opt), now=now)
    if opt == "HELP" or (word in words.help and not choice and not urgency):
        return _help(reply, answered=bool(opt), now=now)
    event = ReplyEvent(reply, about, choice, urgency, now)
    if about and choice and not registry.is_current(about.ref, about.version):
        return _close(reply, choice="too_late", answer=Answer("time_changed", about.facts), now=now)
    if urgency:
        _tell_of_urgency(event)
    answer = _ask_handlers(event) or _own_answer(event)
    if urgency_of(body):
        _say(reply, Answer(URGENT_TEXT[urgency], {"emergency": settings.EMERGENCY_NUMBER}), now)
        return reply  # stays unread: a person looks, whatever a handler did
    if answer is None:
        _say(reply, Answer("reply_received", {}), now, key=f"received:{index}:{now:%Y%m%d%p}")
        return reply
    return _close(reply, choice=choice, answer=answer, now=now)


def _meant(fields: Mapping[str, str], body: str, index: str, now: dt.datetime) -> tuple[Message | None, str]:
    """Which message is answered, and with what. A button names its message; a number means the last question."""
    mine = Message.objects.filter(address_index=index)
    tapped = answers.button(fields.get("ButtonPayload", ""))
    if tapped:
        message = mine.filter(code=tapped[0]).first()
        if message and tapped[1] in KINDS[message.kind].choices:
            return message, tapped[1]
    original = fields.get("OriginalRepliedMessageSid")
    if original and (message := mine.filter(provider_id=original).first()):
        return message, answers.choice_of(body, KINDS[message.kind].choices)
    asked = [key for key, kind in KINDS.items() if kind.choices]
    out = sorted(OUT | IN_DOUBT)
    last = mine.filter(kind__in=asked, state__in=out, due_at__gt=now - ANSWERABLE).order_by("-due_at").first()
    if last and (choice := answers.choice_of(body, KINDS[last.kind].choices)):
        return last, choice
    theirs = mine.filter(patient__isnull=False)
    return theirs.filter(state__in=out).order_by("-due_at").first() or theirs.order_by("-created_at").first(), ""


def _writer(index: str) -> Patient | None:
    return Patient.objects.filter(phone_index=index).order_by("-created_at").first()


def _tell_of_urgency(event: ReplyEvent) -> None:
    for listener in _urgent:
        try:
            with transaction.atomic():
                listener(event)
        except Exception:
            log.exception("a listener for urgent replies failed")


def _ask_handlers(event: ReplyEvent) -> Answer | None:
    """A handler that breaks must not lose what somebody wrote: its work is undone and a person reads the reply."""
    for prefix, handler in _handlers:
        if not event.ref.startswith(prefix):
            continue
        try:
            with transaction.atomic():
                answer = handler(event)
        except Exception:
            log.exception("a reply handler failed")
            return None
        if answer:
            return answer
    return None


def _own_answer(event: ReplyEvent) -> Answer | None:
    kind = OWN_ANSWER.get(event.choice)
    if kind is None or "link" not in event.about.facts:
        return None
    facts = dict(event.about.facts) | {"emergency": settings.EMERGENCY_NUMBER}
    return Answer(kind, facts, handled=event.choice in {"move", "fine"})


def _close(reply: Reply, *, choice: str, answer: Answer, now: dt.datetime) -> Reply:
    if answer.handled:
        reply.unread, reply.read_at = False, now
    reply.choice = choice
    reply.save(update_fields=["unread", "read_at", "choice"])
    _say(reply, answer, now, key=f"{reply.about_id}:{choice}" if choice else None)
    return reply


def _say(reply: Reply, answer: Answer, now: dt.datetime, *, key: str | None = None) -> None:
    """Answers on the channel and to the number that wrote. The same key is answered once: a second tap stays silent.

    Where a number has been answered often enough, or no text may go to it, a person reads what it wrote instead.
    """
    key, ref = key or reply.provider_id, f"reply:{reply.address_index[:12]}"
    if Message.objects.filter(dedupe_key=f"{ref}:{key}"[:200]).exists():
        return
    reachable = reply.channel != Channel.SMS or consent.country_served(reply.address)
    if not reachable or not caps.may_answer(answer.kind, reply.address, reply.address_index, now=now):
        reply.unread, reply.read_at = True, None
        reply.save(update_fields=["unread", "read_at"])
        return
    language = reply.patient.language if reply.patient else settings.LANGUAGE_CODE
    wanted = KINDS[answer.kind].variables | {"start", "deadline", "timezone"}
    send_now(
        answer.kind, key=key, ref=ref, language=language,
        facts={name: value for name, value in answer.facts.items() if name in wanted}, patient=reply.patient,
        channel=reply.channel, address=reply.address, now=now,
    )  # fmt: skip


def _stop(reply: Reply, *, ambiguous: bool, now: dt.datetime) -> Reply:
    silent = consent.heard_stop(reply.address_index, channel=reply.channel, now=now)
    _decide(reply, silent, granted=False, now=now)
    reply.choice, reply.unread = "stop", ambiguous
    reply.save(update_fields=["choice", "unread"])
    return reply


def _start(reply: Reply, *, answered: bool, now: dt.datetime) -> Reply:
    """`answered`: the provider has said it to them already."""
    opened = consent.heard_start(reply.address_index, channel=reply.channel, now=now)
    _decide(reply, opened, granted=True, now=now)
    if not answered:
        return _close(reply, choice="start", answer=Answer("resumed", {}), now=now)
    reply.choice, reply.unread, reply.read_at = "start", False, now
    reply.save(update_fields=["choice", "unread", "read_at"])
    return reply


def _help(reply: Reply, *, answered: bool, now: dt.datetime) -> Reply:
    """Who we are and how to reach us, once a day. It may be a cry for help: a person reads it in any case."""
    if not answered:
        facts = {"emergency": settings.EMERGENCY_NUMBER}
        _say(reply, Answer("help", facts), now, key=f"help:{reply.address_index}:{now:%Y%m%d}")
    return reply


def _decide(reply: Reply, ways: list[str], *, granted: bool, now: dt.datetime) -> None:
    """Everybody with this number has decided. A STOP takes back marketing altogether, which START does not bring back."""
    for patient in Patient.objects.filter(phone_index=reply.address_index):
        decided = [(channel, CARE) for channel in ways]
        if not granted:
            given = consent.decisions(patient.pk)
            decided += [key for key, yes in given.items() if key[1] == MARKETING and yes]
        for channel, purpose in decided:
            consent.record_consent(
                patient.pk, channel=channel, purpose=purpose, granted=granted, source="keyword", now=now
            )
