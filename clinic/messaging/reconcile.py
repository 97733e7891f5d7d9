"""Settling what is in doubt by looking, never by sending again; and asking after what is not final."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from clinic.messaging import channels, status
from clinic.messaging.channels.types import Found, mark
from clinic.messaging.config import option
from clinic.messaging.kinds import KINDS
from clinic.messaging.models import Attempt, Channel, Message
from clinic.messaging.states import IN_DOUBT, State

CLOCKS_DIFFER = dt.timedelta(minutes=5)


@dataclass
class Settled:
    bound: int = 0
    resent: int = 0
    waiting: int = 0
    given_up: int = 0


def reconcile(*, now: dt.datetime | None = None, limit: int = 500) -> Settled:
    """Looks up every message in doubt whose lease is over by the doubt time. Several runs at once share the work."""
    settled = Settled()
    for _turn in range(limit):
        moment = now or timezone.now()
        message = _take(moment)
        if message is None:
            break
        if message.channel == Channel.EMAIL and not _searchable():
            found: list[Found] | None = []
        else:
            found = channels.find(message.channel, message.address)
        _settle(message, found, moment, settled)
    return settled


def _searchable() -> bool:
    from django.conf import settings

    return settings.MESSAGE_PROVIDER == "demo"


def _next_look(at: dt.datetime) -> dt.datetime:
    """The lease that makes a message due for looking at this instant."""
    return at - dt.timedelta(seconds=option("doubt_seconds"))


def _take(now: dt.datetime) -> Message | None:
    """One message in doubt, put off for the next look before this one begins: a reconciler that dies loses nothing."""
    with transaction.atomic():
        message = (
            Message.objects.select_for_update(skip_locked=True)
            .filter(state__in=IN_DOUBT, lease_until__lte=_next_look(now))
            .order_by("lease_until")
            .first()
        )
        if message:
            message.state = State.UNKNOWN
            message.lease_until = _next_look(now + dt.timedelta(seconds=option("absent_seconds")))
            message.save(update_fields=["state", "lease_until", "updated_at"])
        return message


def _settle(seen: Message, found: list[Found] | None, now: dt.datetime, settled: Settled) -> None:
    with transaction.atomic():
        message = Message.objects.select_for_update(of=("self",)).select_related("patient").get(pk=seen.pk)
        if message.state not in IN_DOUBT or message.attempt_id != seen.attempt_id:
            return  # a callback or the sender itself was faster
        if found is None:
            settled.waiting += 1
            return
        match = _match(message, found)
        if match:
            Attempt.objects.filter(pk=message.attempt_id).update(provider_id=match.provider_id)
            status.hear(
                message, provider_id=match.provider_id, status=match.status, error_code=match.error_code, now=now
            )
            settled.bound += 1
            return
        message.absent += 1
        unsearchable = message.channel == Channel.EMAIL and not _searchable()
        if unsearchable:
            message.state = State.NEEDS_PERSON
        elif message.absent >= 2:
            message.state = _after_absence(message, now)
        if message.state == State.PENDING:
            message.due_at, message.absent, settled.resent = now, 0, settled.resent + 1
        elif message.state == State.UNKNOWN:
            settled.waiting += 1
        else:
            settled.given_up += 1
        if message.state != State.UNKNOWN:
            message.lease_until = None
        message.save(update_fields=["absent", "state", "due_at", "lease_until", "updated_at"])


def _after_absence(message: Message, now: dt.datetime) -> str:
    """Twice the provider did not have it: send again where the kind allows and it is still worth it."""
    if now > message.not_after:
        return State.EXPIRED
    return State.PENDING if KINDS[message.kind].resend else State.NEEDS_PERSON


def _match(message: Message, found: list[Found]) -> Found | None:
    """Same code in the text, created no earlier than we tried, and nobody else's."""
    first = message.tries.order_by("started_at").values_list("started_at", flat=True).first()
    bound = set(
        Message.objects.filter(provider_id__in=[one.provider_id for one in found]).values_list("provider_id", flat=True)
    )
    for one in found:
        young = one.created_at is None or one.created_at >= first - CLOCKS_DIFFER
        if mark(message.code) in one.body and young and one.provider_id not in bound:
            return one
    return None


def poll(*, now: dt.datetime | None = None, limit: int = 200) -> int:
    """Asks after messages that are not final 15 minutes and 2 hours after they were accepted. Returns how many were
    asked.
    """
    now = now or timezone.now()
    asked = 0
    due = list(Message.objects.filter(check_at__lte=now).order_by("check_at")[:limit])
    for message in due:
        later = message.accepted_at + dt.timedelta(seconds=option("poll_seconds")[1])
        following = later if later > message.check_at and later > now else None
        if not Message.objects.filter(pk=message.pk, check_at=message.check_at).update(check_at=following):
            continue
        asked += 1
        answer = channels.fetch(message.channel, message.provider_id)
        if answer:
            status.apply_status(
                None, provider_id=answer.provider_id, status=answer.status, error_code=answer.error_code, now=now
            )
    return asked
