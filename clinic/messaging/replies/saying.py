"""What the outbox says back by itself to somebody who wrote, on the channel and to the number they wrote from."""

import datetime as dt

from django.conf import settings
from django.utils import timezone

from clinic.messaging import caps, consent
from clinic.messaging.kinds import KINDS
from clinic.messaging.models import Channel, Message, Reply
from clinic.messaging.plan import send_now
from clinic.messaging.replies.hearing import Answer
from clinic.messaging.replies.red_flags import language_of
from clinic.messaging.states import State

URGENT_TEXT = {"emergency": "emergency_now", "same_day": "urgent_same_day", "soon": "urgent_soon"}
HELP_LASTS = dt.timedelta(hours=24)
THANKS = ["reply_received", "reply_fine"]


def told_to_get_help(index: str, now: dt.datetime) -> bool:
    """Whether this number has lately been told to call or go for help: a thank-you after it would soothe."""
    hurry = [URGENT_TEXT["emergency"], URGENT_TEXT["same_day"]]
    return Message.objects.filter(address_index=index, kind__in=hurry, due_at__gt=now - HELP_LASTS).exists()


def withdraw_thanks(index: str) -> None:
    """Thank-yous that have not left must not come after the word to get help, which is sent first."""
    waiting = Message.objects.filter(address_index=index, kind__in=THANKS, state=State.PENDING)
    waiting.update(state=State.CANCELLED, updated_at=timezone.now())


def close(reply: Reply, *, choice: str, answer: Answer, now: dt.datetime) -> Reply:
    if answer.handled:
        reply.unread, reply.read_at = False, now
    reply.choice = choice
    reply.save(update_fields=["unread", "read_at", "choice"])
    say(reply, answer, now, key=f"{reply.about_id}:{choice}" if choice else None)
    return reply


def say(reply: Reply, answer: Answer, now: dt.datetime, *, key: str | None = None) -> None:
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
    language = reply.patient.language if reply.patient else language_of(reply.body) or settings.LANGUAGE_CODE
    wanted = KINDS[answer.kind].variables | {"start", "deadline", "timezone"}
    send_now(
        answer.kind, key=key, ref=ref, language=language,
        facts={name: value for name, value in answer.facts.items() if name in wanted}, patient=reply.patient,
        channel=reply.channel, address=reply.address, now=now,
    )  # fmt: skip
