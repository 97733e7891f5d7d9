"""Settling what is in doubt by looking, never by sending again; and asking after what is not final."""

import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from clinic.messaging import channels, clock, status
from clinic.messaging.channels.types import Found, mark
from clinic.messaging.config import option
from clinic.messaging.kinds import KINDS
from clinic.messaging.models import Attempt, Channel, Message
from clinic.messaging.states import IN_DOUBT, State

# The code in the text already says which message it is. A provider's clock that is a little behind ours must not hide
# it: what is not found is sent again.
CLOCKS_DIFFER = dt.timedelta(days=1)
ASKED_FOR = dt.timedelta(days=1)


@dataclass
class Settled:
    bound: int = 0
    resent: int = 0
    waiting: int = 0
    given_up: int = 0

    def __add__(self, other: "Settled") -> "Settled":
        return Settled(
            self.bound + other.bound, self.resent + other.resent, self.waiting + other.waiting,
            self.given_up + other.given_up,
        )  # fmt: skip


def reconcile(*, now: dt.datetime | None = None, limit: int = 500, threads: int = 1) -> Settled:
    """Looks up every message in doubt whose lease is over by the doubt time. Several runs at once share the work, and
    each ends after `sweep_seconds`.
    """
    stop = time.monotonic() + option("sweep_seconds")
    if threads == 1:
        return _look_up(now, limit, stop)
    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(lambda _number: _in_thread(now, limit // threads, stop), range(threads)), Settled())


def _in_thread(now: dt.datetime | None, limit: int, stop: float) -> Settled:
    try:
        return _look_up(now, limit, stop)
    finally:
        connection.close()


def _look_up(now: dt.datetime | None, limit: int, stop: float) -> Settled:
    settled = Settled()
    for _turn in range(limit):
        message = _take(now) if time.monotonic() < stop else None
        if message is None:
            break
        if message.channel == Channel.EMAIL and not _searchable():
            found: list[Found] | None = []
        else:
            found = channels.find(message.channel, message.address)
        _settle(message, found, message.moment, settled)
    return settled


def _searchable() -> bool:
    from django.conf import settings

    return settings.MESSAGE_PROVIDER == "demo"


def _take(now: dt.datetime | None) -> Message | None:
    """One message in doubt, put off for the next look before this one begins: a reconciler that dies loses nothing."""
    doubt = dt.timedelta(seconds=option("doubt_seconds"))
    with transaction.atomic():
        message = (
            Message.objects.select_for_update(skip_locked=True)
            .annotate(moment=clock.instant(now))
            .filter(state__in=IN_DOUBT, lease_until__lte=clock.instant(now) - doubt)
            .order_by("lease_until")
            .first()
        )
        if message:
            message.state = State.UNKNOWN
            message.lease_until = message.moment + dt.timedelta(seconds=option("absent_seconds")) - doubt
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
            message.absent, settled.resent = 0, settled.resent + 1  # still due when it was: ahead of what came after it
        elif message.state == State.UNKNOWN:
            settled.waiting += 1
        else:
            settled.given_up += 1
        if message.state != State.UNKNOWN:
            message.lease_until = None
        message.save(update_fields=["absent", "state", "lease_until", "updated_at"])


def _after_absence(message: Message, now: dt.datetime) -> str:
    """Twice the provider did not have it: send again where the kind allows and it is still worth it."""
    if now > message.not_after:
        return status.over(message)
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
    asked. One that got no answer, or whose asker died, is asked after again, for a day.
    """
    now = now or timezone.now()
    stop = time.monotonic() + option("sweep_seconds")
    asked = 0
    due = list(Message.objects.filter(check_at__lte=now).order_by("check_at")[:limit])
    for message in due:
        if time.monotonic() > stop:
            break
        asked += _ask_after(message, now)
    return asked


def _ask_after(message: Message, now: dt.datetime) -> bool:
    again = now + dt.timedelta(seconds=option("ask_again_seconds"))
    if now > message.accepted_at + ASKED_FOR:
        again = None
    mine = Message.objects.filter(pk=message.pk, check_at=message.check_at)
    if not mine.update(check_at=again):
        return False  # somebody else asks
    answer = channels.fetch(message.channel, message.provider_id)
    if answer:
        later = message.accepted_at + dt.timedelta(seconds=option("poll_seconds")[1])
        following = later if later > message.check_at and later > now else None
        status.apply_status(
            None, provider_id=answer.provider_id, status=answer.status, error_code=answer.error_code, now=now
        )
        Message.objects.filter(pk=message.pk, check_at=again).update(check_at=following)
    return True
