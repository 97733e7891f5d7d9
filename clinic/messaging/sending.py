"""From due to sent, so that whatever dies on the way neither doubles nor loses a message.

1. `claiming.claim`: lock one due row, check it is still right, write the attempt and a lease, commit.
2. `deliver`: look that the attempt is still ours and still wanted, POST once.
3. `record`: what is known is written in one transaction; what is not known is `unknown`, never sent again on a guess.

`reconcile` settles what stays in doubt by asking the provider.
"""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from clinic.messaging import attempts, caps, channels, consent, limits, spend, status
from clinic.messaging.channels.types import Envelope, Outcome, Result
from clinic.messaging.claiming import Claimed
from clinic.messaging.config import option
from clinic.messaging.models import Channel, Message
from clinic.messaging.states import IN_DOUBT, State


def deliver(claimed: Claimed, *, now: dt.datetime | None = None) -> Outcome | None:
    """POSTs once and records. None when the message is no longer ours or the lease has run too low to begin: reconcile
    will take it up.
    """
    wanted = attempts.last_look(claimed.message, now)
    if wanted is None:
        return None
    outcome = channels.post(claimed.envelope) if wanted else Outcome(result=Result.RETRY, error_code="held")
    record(claimed.envelope, outcome, now=now)
    return outcome


def record(envelope: Envelope, outcome: Outcome, *, now: dt.datetime | None = None) -> None:
    """Writes what is known about an attempt. A callback may have been faster; a later attempt may have replaced it.

    It does not wait for the disk, as the claim did: should the database's machine fail in that instant, the message is
    in doubt again and settled by looking.
    """
    now = now or timezone.now()
    with transaction.atomic():
        attempts.need_not_last()
        message = attempts.message_of(envelope.attempt_id)
        attempts.end(envelope.attempt_id, outcome, now)
        if outcome.result == Result.ACCEPTED:
            status.hear(
                message,
                provider_id=outcome.provider_id,
                status=outcome.provider_status,
                error_code=outcome.error_code,
                now=now,
            )
            if message.channel != Channel.EMAIL:
                spend.count(envelope, now=now)
        elif message.attempt_id == envelope.attempt_id and message.state in IN_DOUBT:
            _not_accepted(message, outcome, now)
    if _knows_us(outcome, message.channel):
        limits.answered(message.channel, now=now)


def _knows_us(outcome: Outcome, channel: str) -> bool:
    """Whether the provider let us in: it took the message, or refused this one message."""
    refused = outcome.result in {Result.FAILED, Result.SUPPRESSED} and (outcome.http_status or channel == Channel.EMAIL)
    return outcome.result == Result.ACCEPTED or bool(refused)


def _not_accepted(message: Message, outcome: Outcome, now: dt.datetime) -> None:
    message.error_code = outcome.error_code
    if message.error_class != status.WITHDRAWN:
        message.error_class = outcome.result
    match outcome.result:
        case Result.UNKNOWN:
            message.state = State.UNKNOWN
        case Result.RETRY:
            steps = option("backoff_seconds")
            message.due_at = now + dt.timedelta(seconds=steps[min(message.attempts, len(steps)) - 1])
            message.state = State.PENDING if message.due_at <= message.not_after else status.over(message)
            message.due_at = min(message.due_at, message.not_after)
        case Result.PAUSED:
            message.state, message.attempts = State.PENDING, message.attempts - 1
            limits.refused(message.channel, now=now)
        case Result.SUPPRESSED:
            message.state = State.SUPPRESSED
            consent.stop(message.address_index, channel=message.channel, reason=outcome.error_code, now=now)
        case Result.FAILED:
            message.state = State.FAILED
    if message.state != State.UNKNOWN:
        message.lease_until = None
    if outcome.result in {Result.RETRY, Result.PAUSED}:
        caps.give_back(message, taken=message.tries.get(pk=message.attempt_id).started_at)
    message.save(
        update_fields=["state", "due_at", "attempts", "lease_until", "error_class", "error_code", "updated_at"]
    )
    if outcome.result in {Result.SUPPRESSED, Result.FAILED}:
        status.fall_back(message, now=now, skip_phone=outcome.result == Result.SUPPRESSED)
