"""What people send us: heard once, acted on at once, and kept for somebody to read.

Real webhooks and the demonstration's phones both come through `accept`.
"""

import datetime as dt
import uuid
from collections.abc import Mapping

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from clinic.crypto.search import blind_index
from clinic.messaging import consent, registry
from clinic.messaging.kinds import FREE_TEXT, KINDS
from clinic.messaging.models import Channel, InboundEvent, Message, Reply, WhatsAppWindow
from clinic.messaging.replies import answers, hearing, opting
from clinic.messaging.replies.hearing import Answer, ReplyEvent
from clinic.messaging.replies.red_flags import urgency_of
from clinic.messaging.replies.saying import URGENT_TEXT, close, say, told_to_get_help, withdraw_thanks
from clinic.messaging.states import IN_DOUBT, OUT
from clinic.people.models import Patient

LONGEST = 20_000
ANSWERABLE = dt.timedelta(days=10)
# Answers the outbox can give by itself: they promise nothing and only lead to a page.
OWN_ANSWER = {"move": "reply_move", "fine": "reply_fine", "unsure": "reply_unsure", "worried": "reply_worried"}
URGENCY_OF_CHOICE = {"unsure": "soon", "worried": "same_day"}


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
    body = (fields.get("Body") or fields.get("ButtonText") or "")[:LONGEST]
    if channel == Channel.WHATSAPP:
        WhatsAppWindow.objects.update_or_create(number=index, defaults={"last_inbound": now})
    about, choice = _meant(fields, body, index, now)
    urgency = urgency_of(body) or URGENCY_OF_CHOICE.get(choice, "")
    patient = about.patient if about else _writer(index)
    reply = Reply.objects.create(
        provider_id=sid, patient=patient, channel=channel, address=number, address_index=index, body=body, about=about,
        choice=choice, urgency=urgency, attached=answers.attached_in(fields), received_at=now,
    )  # fmt: skip
    word, words = answers.only_word(body), answers.keywords()
    opt = fields.get("OptOutType", "").upper()
    if opt == "STOP" or (word in words.stop and not choice):
        return opting.stop(reply, ambiguous=word in words.ambiguous, now=now)
    if opt == "START" or (word in words.start and consent.is_stopped(index, channel=channel)):
        return opting.start(reply, answered=bool(opt), now=now)
    if opt == "HELP" or (word in words.help and not choice and not urgency):
        return opting.help_(reply, answered=bool(opt), now=now)
    event = ReplyEvent(reply, about, choice, urgency, now)
    if urgency:
        hearing.tell_of_urgency(event)
    elif about and choice and not registry.is_current(about.ref, about.version):
        return close(reply, choice="too_late", answer=Answer("time_changed", about.facts), now=now)
    answer = hearing.ask(event) or _own_answer(event)
    if urgency_of(body):
        withdraw_thanks(index)
        say(reply, Answer(URGENT_TEXT[urgency], {"emergency": settings.EMERGENCY_NUMBER}), now)
        return reply  # stays unread: a person looks, whatever a handler did
    if reply.attached and not choice:
        answer = answer or Answer("reply_attached", {"emergency": settings.EMERGENCY_NUMBER})
        say(reply, answer, now, key=f"attached:{index}:{now:%Y%m%d%H}")
        return reply
    if answer is None and not told_to_get_help(index, now):
        say(reply, Answer("reply_received", {}), now, key=f"received:{index}:{now:%Y%m%d%p}")
    if answer is None:
        return reply
    return close(reply, choice=choice, answer=answer, now=now)


def _meant(fields: Mapping[str, str], body: str, index: str, now: dt.datetime) -> tuple[Message | None, str]:
    """Which message is answered, and with what. A button names its message; a number or a yes means the last question,
    unless a person has written since, or somebody else with this number is asked as well: then a person reads it.
    """
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
    lately = mine.filter(state__in=out, due_at__gt=now - ANSWERABLE).order_by("-due_at")
    last = lately.filter(kind__in=asked).first()
    if last:
        asked_by_a_person = lately.filter(kind=FREE_TEXT, due_at__gt=last.due_at).exists()
        choice = answers.choice_of(body, KINDS[last.kind].choices, labels_only=asked_by_a_person)
        if choice in URGENCY_OF_CHOICE or (choice and not _asked_of_others(lately.filter(kind__in=asked), last)):
            return last, choice
    theirs = mine.filter(patient__isnull=False)
    return theirs.filter(state__in=out).order_by("-due_at").first() or theirs.order_by("-created_at").first(), ""


def _asked_of_others(questions: QuerySet[Message], last: Message) -> bool:
    """Whether a question to somebody else with the same number is still open."""
    answered = Reply.objects.filter(about=OuterRef("pk")).exclude(choice="")
    return questions.exclude(patient=last.patient_id).exclude(Exists(answered)).exists()


def _writer(index: str) -> Patient | None:
    return Patient.objects.filter(phone_index=index).order_by("-created_at").first()


def _own_answer(event: ReplyEvent) -> Answer | None:
    kind = OWN_ANSWER.get(event.choice)
    if kind is None or "link" not in event.about.facts:
        return None
    facts = dict(event.about.facts) | {"emergency": settings.EMERGENCY_NUMBER}
    return Answer(kind, facts, handled=event.choice in {"move", "fine"})
