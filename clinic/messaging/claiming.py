"""The first step of sending: one due row is locked, checked again, and made ours for the length of a lease."""

import datetime as dt
import logging
from dataclasses import dataclass

from django.db import DatabaseError, DataError, IntegrityError, transaction

from clinic.messaging import attempts, caps, consent, limits, registry, spend, status
from clinic.messaging.channels.types import Envelope, Result
from clinic.messaging.envelopes import envelope_of
from clinic.messaging.kinds import EMERGENCY, KINDS
from clinic.messaging.limits import Want
from clinic.messaging.models import Channel, Message
from clinic.messaging.picking import next_due
from clinic.messaging.states import State
from clinic.messaging.windows import is_quiet, next_allowed
from clinic.messaging.wording.editions import quiet_hours

log = logging.getLogger(__name__)

HELD = "held"  # the error class of what a cap holds back; the code is the cap's name
UNREADY, UNREADY_RESTS = "unready", dt.timedelta(minutes=10)
OF_THE_ROW = (IntegrityError, DataError)  # what the database refuses to write of one message
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
        message = None
        try:
            with transaction.atomic():
                found = next_due(now, [*shut, *full])
                if found is None:
                    break
                message, moment = found
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
                envelope = envelope_of(message, moment)
        except Exception as problem:
            if message is None or isinstance(problem, DatabaseError) and not isinstance(problem, OF_THE_ROW):
                raise
            _put_aside(message, moment, problem)
            continue
        return Claimed(message, envelope)
    if full:
        raise Paced(min(full.values()))
    return None


def _put_aside(message: Message, now: dt.datetime, problem: Exception) -> None:
    """It cannot be made ready, whatever the reason: it is tried again later, so that those behind it go, and before it is
    too late a person is told."""
    log.error("a message could not be made ready (%s, %s)", message.kind, type(problem).__name__)
    later = now + UNREADY_RESTS
    end = {"due_at": later} if later <= message.not_after else {"state": State.NEEDS_PERSON}
    mine = Message.objects.filter(pk=message.pk, state=State.PENDING)
    mine.update(error_class=UNREADY, error_code=type(problem).__name__[:20], updated_at=now, **end)


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


def _still_right(message: Message, now: dt.datetime, *, fresh: dt.datetime | None) -> bool:
    """Re-checks everything that may have changed since it was planned; writes the consequence where it may not go
    now.
    """
    kind = KINDS[message.kind]
    if not registry.is_current(message.ref, message.version):
        return _leave(message, State.CANCELLED)
    if message.parent_id and not registry.wants(message.ref, message.kind):
        return _leave(message, State.CANCELLED)
    if now > message.not_after:
        return _leave(message, status.over(message))
    zone = consent.zone_of(message.patient, message.facts if message.patient and not message.patient.timezone else None)
    if not message.crosses_quiet and is_quiet(now, zone, **(quiet := quiet_hours())):
        later = next_allowed(now, zone, **quiet)
        if later > message.not_after:
            return _leave(message, status.over(message))
        message.due_at = later
        message.save(update_fields=["due_at", "updated_at"])
        return False
    _choose_route(message, kind)
    if message.channel == Channel.DESK:
        return _leave(message, State.SUPPRESSED if kind.purpose in consent.NEED_CONSENT else State.NEEDS_PERSON)
    if message.kind not in consent.IN_ANY_CASE and consent.is_stopped(message.address_index, channel=message.channel):
        _leave(message, State.SUPPRESSED)
        status.fall_back(message, now=now, skip_phone=message.channel != Channel.EMAIL)
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
