"""From due to sent, so that whatever dies on the way neither doubles nor loses a message.

1. `claim`: lock one due row, check it is still right, write the attempt and a lease, commit.
2. `deliver`: look that the attempt is still ours and still wanted, POST once.
3. `record`: what is known is written in one transaction; what is not known is `unknown`, never sent again on a guess.

`reconcile` settles what stays in doubt by asking the provider.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from clinic.messaging import attempts, caps, channels, clock, consent, limits, registry, spend, status, templates, texts
from clinic.messaging.channels.types import Envelope, Outcome, Result
from clinic.messaging.config import option
from clinic.messaging.editions import quiet_hours
from clinic.messaging.kinds import EMERGENCY, FIRST, KINDS
from clinic.messaging.limits import Want
from clinic.messaging.models import Channel, Message, WhatsAppWindow
from clinic.messaging.shipped import shipped
from clinic.messaging.states import IN_DOUBT, State
from clinic.messaging.windows import is_quiet, next_allowed, whatsapp_open

HELD = "held"  # the error class of what a cap holds back; the code is the cap's name
UNSERVED = "country"  # the error code of a text that may not go to this kind of number


@dataclass(frozen=True)
class Claimed:
    message: Message
    envelope: Envelope


class Paced(Exception):
    """Something is due, but its sender may not send in this instant. `seconds` until it may."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def claim(*, now: dt.datetime | None = None) -> Claimed | None:
    """The next due message, ours for the length of a lease; None when nothing is due. Rows others hold are skipped.

    Raises Paced when what is due waits for its sender's turn: nothing is claimed that would then sit on its lease.
    """
    full = caps.full_channels() if now is None else {}
    shut: set[str] = set()
    while True:
        with transaction.atomic():
            message = _next(now, [*shut, *full])
            if message is None:
                break
            moment = message.moment
            if not _still_right(message, moment, fresh=now):
                continue
            if not limits.may_begin(message.channel, now=now):
                shut.add(message.channel)
                continue
            if over := caps.take(message, now=moment):
                if over.name == caps.PACE:
                    full[message.channel] = caps.again_at(over, now=moment).timestamp() - moment.timestamp()
                else:
                    _hold(message, over, moment)
                continue
            attempts.begin(message, moment)
            envelope = _envelope(message, moment)
        return Claimed(message, envelope)
    if full:
        raise Paced(min(full.values()))
    return None


def _next(fresh: dt.datetime | None, shut: list[str]) -> Message | None:
    """The row longest due, locked; before it, one that somebody waits for at this moment. The spend breaker does not
    stand in the way of an emergency.
    """
    due = Message.objects.annotate(moment=clock.instant(fresh))
    due = due.filter(state=State.PENDING, due_at__lte=clock.instant(fresh))
    beside = due.exclude(channel__in=shut)
    if shut and not limits.remembered(f"beside {sorted(shut)}", beside.exists, fresh=fresh):
        return None
    resting, broken = limits.paused(now=fresh), limits.paused(now=fresh, but=limits.SPEND)
    rows = beside.select_for_update(skip_locked=True, of=("self",)).select_related("patient").order_by("due_at")
    open_to_it = rows.exclude(channel__in=resting)
    if set(resting) != set(broken):
        open_to_it = rows.exclude(channel__in=broken).filter(~Q(channel__in=resting) | Q(kind=EMERGENCY))
    hurry = due.filter(kind__in=FIRST)
    first = open_to_it.filter(kind__in=FIRST).first() if limits.remembered("hurry", hurry.exists, fresh=fresh) else None
    return first or open_to_it.first()


def _hold(message: Message, over: Want, now: dt.datetime) -> None:
    """A cap is used up: it goes when there is room again, or a person is told where that would be too late."""
    later = caps.again_at(over, now=now)
    message.error_class, message.error_code = HELD, over.name
    if later <= message.not_after:
        message.due_at = later
    else:
        wanted = KINDS[message.kind].purpose not in consent.NEED_CONSENT
        message.state = State.NEEDS_PERSON if wanted else State.EXPIRED
    message.save(update_fields=["due_at", "state", "error_class", "error_code", "updated_at"])


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
    """Writes what is known about an attempt. A callback may have been faster; a later attempt may have replaced it."""
    now = now or timezone.now()
    with transaction.atomic():
        message = Message.objects.select_for_update().defer("facts", "body").get(tries=envelope.attempt_id)
        attempts.end(envelope.attempt_id, outcome, now)
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
    if _knows_us(outcome, message.channel):
        limits.answered(message.channel, now=now)
    if outcome.result == Result.ACCEPTED and message.channel != Channel.EMAIL:
        spend.count(envelope, now=now)


def _knows_us(outcome: Outcome, channel: str) -> bool:
    """Whether the provider let us in: it took the message, or refused this one message."""
    refused = outcome.result in {Result.FAILED, Result.SUPPRESSED} and (outcome.http_status or channel == Channel.EMAIL)
    return outcome.result == Result.ACCEPTED or bool(refused)


def _still_right(message: Message, now: dt.datetime, *, fresh: dt.datetime | None) -> bool:
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
    if message.kind not in consent.IN_ANY_CASE and consent.is_stopped(message.address_index, channel=message.channel):
        _leave(message, State.SUPPRESSED)
        status.fall_back(message, now=now, skip_phone=message.channel != Channel.EMAIL, desk=False)
        return False
    if message.channel == Channel.SMS and not consent.country_served(message.address):
        message.error_class, message.error_code = Result.FAILED, UNSERVED
        message.save(update_fields=["error_class", "error_code"])
        _leave(message, State.FAILED)
        status.fall_back(message, now=now)
        return False
    if message.channel != Channel.EMAIL and message.kind != EMERGENCY and spend.is_over(now, fresh=fresh):
        limits.pause(message.channel, reason=limits.SPEND, until=spend.midnight_after(now), now=now)
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
        opted_out = outcome.result == Result.SUPPRESSED
        status.fall_back(message, now=now, skip_phone=opted_out, desk=not opted_out)
