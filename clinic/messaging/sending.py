"""From due to sent, so that whatever dies on the way neither doubles nor loses a message.

1. `claim`: lock one due row, check it is still right, write the attempt and a lease, commit.
2. `deliver`: look that the attempt is still ours, POST once.
3. `record`: what is known is written in one transaction; what is not known is `unknown`, never sent again on a guess.

`reconcile` settles what stays in doubt by asking the provider.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from clinic.messaging import channels, consent, limits, registry, status, templates, texts
from clinic.messaging.channels.types import Envelope, Outcome, Result
from clinic.messaging.config import option
from clinic.messaging.editions import quiet_hours
from clinic.messaging.kinds import KINDS
from clinic.messaging.models import Attempt, Channel, Message, RateBucket, WhatsAppWindow
from clinic.messaging.segments import measure
from clinic.messaging.shipped import shipped
from clinic.messaging.states import IN_DOUBT, State
from clinic.messaging.windows import is_quiet, next_allowed, whatsapp_open

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Claimed:
    message: Message
    envelope: Envelope


def claim(*, now: dt.datetime | None = None) -> Claimed | None:
    """The next due message, ours for the length of a lease; None when nothing is due. Rows others hold are skipped."""
    while True:
        moment = now or timezone.now()
        with transaction.atomic():
            message = (
                Message.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("patient")
                .filter(state=State.PENDING, due_at__lte=moment)
                .exclude(channel__in=limits.paused(now=now))
                .order_by("due_at")
                .first()
            )
            if message is None:
                return None
            if not _still_right(message, moment):
                continue
            attempt = Attempt.objects.create(message=message, started_at=moment)
            message.attempt_id, message.attempts = attempt.pk, message.attempts + 1
            message.state, message.absent = State.SENDING, 0
            message.lease_until = moment + dt.timedelta(seconds=option("lease_seconds"))
            message.save(update_fields=["attempt_id", "attempts", "state", "absent", "lease_until", "updated_at"])
            envelope = _envelope(message, moment)
        return Claimed(message, envelope)


def deliver(claimed: Claimed, *, now: dt.datetime | None = None) -> Outcome | None:
    """POSTs once and records. None when the lease has run too low to begin: reconcile will take it up.

    Until the lease is over nobody else may touch a claimed message, so the clock alone says whether it is still ours.
    """
    enough = (now or timezone.now()) + dt.timedelta(seconds=option("margin_seconds"))
    if claimed.message.lease_until <= enough:
        return None
    outcome = channels.post(claimed.envelope)
    record(claimed.envelope, outcome, now=now)
    return outcome


def record(envelope: Envelope, outcome: Outcome, *, now: dt.datetime | None = None) -> None:
    """Writes what is known about an attempt. A callback may have been faster; a later attempt may have replaced it."""
    now = now or timezone.now()
    known = {"provider_id": outcome.provider_id} if outcome.provider_id else {}
    with transaction.atomic():
        message = Message.objects.select_for_update().get(tries=envelope.attempt_id)
        Attempt.objects.filter(pk=envelope.attempt_id).update(
            ended_at=now,
            outcome=outcome.result,
            http_status=outcome.http_status,
            error_code=outcome.error_code,
            **known,
        )
        if outcome.result == Result.ACCEPTED:
            status.hear(
                message,
                provider_id=outcome.provider_id,
                status=outcome.provider_status,
                error_code=outcome.error_code,
                now=now,
            )
        elif message.attempt_id == envelope.attempt_id and message.state in IN_DOUBT:
            _not_accepted(message, outcome, now)
    if outcome.result == Result.ACCEPTED and message.channel != Channel.EMAIL:
        _spend(message, envelope, now)


def _still_right(message: Message, now: dt.datetime) -> bool:
    """Re-checks everything that may have changed since it was planned; writes the consequence where it may not go
    now.
    """
    kind = KINDS[message.kind]
    if not registry.is_current(message.ref, message.version):
        return _leave(message, State.CANCELLED)
    if now > message.not_after:
        return _leave(message, State.EXPIRED)
    zone = consent.zone_of(message.patient, message.facts if message.patient and not message.patient.timezone else None)
    if not message.crosses_quiet and is_quiet(now, zone, **(quiet := quiet_hours())):
        later = next_allowed(now, zone, **quiet)
        if later > message.not_after:
            return _leave(message, State.EXPIRED)
        message.due_at = later
        message.save(update_fields=["due_at", "updated_at"])
        return False
    _choose_route(message, kind)
    if message.channel == Channel.DESK:
        return _leave(message, State.SUPPRESSED if kind.purpose in consent.NEED_CONSENT else State.NEEDS_PERSON)
    if consent.is_stopped(message.address_index) and message.kind != "resumed":
        _leave(message, State.SUPPRESSED)
        status.fall_back(message, now=now, skip_phone=message.channel != Channel.EMAIL, desk=False)
        return False
    if message.channel != Channel.EMAIL and _spent(now) >= option("daily_messages"):
        limits.pause(message.channel, reason="spend", until=_midnight(now) + DAY, now=now)
        return False
    return True


def _choose_route(message: Message, kind) -> None:
    """Contact details and consents are read now, not when the message was planned."""
    if message.fixed_address or message.patient is None:
        return
    routes = consent.routes(message.patient, kind)
    channel, address = next((one for one in routes if one[0] == message.channel), routes[0])
    if message.parent_id is None:
        channel, address = routes[0] if kind.purpose != "code" else (channel, address)
    index = consent.index_of(channel, address) if address else ""
    if (channel, index) != (message.channel, message.address_index):
        message.channel, message.address, message.address_index = channel, address, index
        message.save(update_fields=["channel", "address", "address_index", "updated_at"])


def _leave(message: Message, state: str) -> bool:
    message.state = state
    message.save(update_fields=["state", "updated_at"])
    return False


def _envelope(message: Message, now: dt.datetime) -> Envelope:
    template, approved = "", None
    if message.channel == Channel.WHATSAPP:
        last = (
            WhatsAppWindow.objects.filter(number=message.address_index).values_list("last_inbound", flat=True).first()
        )
        if not whatsapp_open(last, now):
            template, approved = message.kind, _approved(message)
    subject = (
        texts.render(message.kind, message.language, message.facts).subject if message.channel == Channel.EMAIL else ""
    )
    return Envelope(
        attempt_id=message.attempt_id,
        channel=message.channel,
        to=message.address,
        body=message.body,
        code=message.code,
        language=message.language,
        subject=subject,
        template=template,
        content_sid=approved.sid if approved else "",
        content_variables=approved.variables if approved else {},
        buttons=buttons_of(message),
        seconds_left=int((message.not_after - now).total_seconds()),
    )


def _approved(message: Message) -> templates.Approved | None:
    """The template to send it with. Where an earlier wording is the approved one, that is what the thread shows."""
    language = texts.known(message.language)
    values = texts.variables(language, message.facts) | {templates.CODE: message.code}
    approved = templates.choose(message.kind, language, values)
    if approved and approved.body != message.body:
        message.body = approved.body
        message.save(update_fields=["body", "updated_at"])
    return approved


def buttons_of(message: Message) -> tuple[tuple[str, str], ...]:
    """Payload and label of each button under the text."""
    words = shipped(texts.known(message.language))
    return tuple((f"{message.code}.{choice}", words.choices[choice]) for choice in KINDS[message.kind].choices)


def _not_accepted(message: Message, outcome: Outcome, now: dt.datetime) -> None:
    message.error_class, message.error_code = outcome.result, outcome.error_code
    match outcome.result:
        case Result.UNKNOWN:
            message.state = State.UNKNOWN
        case Result.RETRY:
            steps = option("backoff_seconds")
            message.due_at = now + dt.timedelta(seconds=steps[min(message.attempts, len(steps)) - 1])
            message.state = State.PENDING if message.due_at <= message.not_after else State.EXPIRED
            message.due_at = min(message.due_at, message.not_after)
        case Result.PAUSED:
            message.state, message.attempts = State.PENDING, message.attempts - 1
            same_account = [Channel.EMAIL] if message.channel == Channel.EMAIL else [Channel.SMS, Channel.WHATSAPP]
            for channel in same_account:
                limits.pause(channel, reason="credentials", until=now + dt.timedelta(minutes=5), now=now)
        case Result.SUPPRESSED:
            message.state = State.SUPPRESSED
            consent.stop(message.address_index, reason=outcome.error_code, now=now)
        case Result.FAILED:
            message.state = State.FAILED
    if message.state != State.UNKNOWN:
        message.lease_until = None
    message.save(
        update_fields=["state", "due_at", "attempts", "lease_until", "error_class", "error_code", "updated_at"]
    )
    if outcome.result in {Result.SUPPRESSED, Result.FAILED}:
        opted_out = outcome.result == Result.SUPPRESSED
        status.fall_back(message, now=now, skip_phone=opted_out, desk=not opted_out)


def _midnight(now: dt.datetime) -> dt.datetime:
    return now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _spent(now: dt.datetime) -> int:
    """Segments sent today, as known within the last second."""
    return limits.remembered("spent", lambda: _count_spent(now), fresh=now)


def _count_spent(now: dt.datetime) -> int:
    used = RateBucket.objects.filter(key="spend", window=_midnight(now)).values_list("used", flat=True).first()
    return used or 0


def _spend(message: Message, envelope: Envelope, now: dt.datetime) -> None:
    """Segments for a text, one for a WhatsApp message. Counted after the send, so the cap may be passed by a few in
    flight.
    """
    amount = measure(envelope.body).segments if message.channel == Channel.SMS else 1
    limits.take("spend", limit=option("daily_messages"), window=DAY, amount=amount, now=now)
