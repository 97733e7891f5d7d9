"""What a person decides about a message that the outbox could not settle by itself."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.audit.services import record
from clinic.errors import DomainError, Invalid
from clinic.messaging import consent, limits
from clinic.messaging.kinds import CODE, KINDS
from clinic.messaging.models import Channel, ChannelState, Message
from clinic.messaging.states import State


def send_again(message: Message, *, actor: Any, now: dt.datetime | None = None) -> Message:
    """The person has looked and wants it sent (again), over the best channel there is now."""
    now = now or timezone.now()
    with transaction.atomic():
        message = _waiting(message)
        if not may_go_again(message):
            raise DomainError("too_old", _("A code is good for minutes only. They can ask for a new one."))
        if message.channel == Channel.DESK:
            channel, address = _open_way(message)
            if channel == Channel.DESK:
                raise DomainError("no_address", _("There is no number or email to send it to. Please call."))
            message.channel, message.address, message.address_index = (
                channel,
                address,
                consent.index_of(channel, address),
            )
        message.state, message.due_at, message.crosses_quiet = State.PENDING, now, True
        message.not_after = max(message.not_after, now + dt.timedelta(hours=1))
        message.settled_by = actor.user
        message.save()
        record("message.send_again", subject=f"message:{message.pk}", actor=actor)
    return message


def _open_way(message: Message) -> tuple[str, str]:
    """The best channel that the person has not stopped."""
    ways = consent.routes(message.patient, KINDS[message.kind]) if message.patient else []
    for channel, address in ways:
        if channel != Channel.DESK and not consent.is_stopped(consent.index_of(channel, address), channel=channel):
            return channel, address
    return Channel.DESK, ""


def may_go_again(message: Message) -> bool:
    """Not a one-time code: by the time a person looks it is worth nothing."""
    return message.kind in KINDS and KINDS[message.kind].purpose != CODE


def done_by_hand(message: Message, *, actor: Any, now: dt.datetime | None = None) -> Message:
    """The person has told the patient some other way, or decided that nothing is to be said."""
    with transaction.atomic():
        message = _waiting(message)
        message.state, message.settled_by = State.CANCELLED, actor.user
        message.save(update_fields=["state", "settled_by", "updated_at"])
        record("message.done_by_hand", subject=f"message:{message.pk}", actor=actor)
    return message


def open_channel(channel: str, *, looked: bool, actor: Any) -> None:
    """Somebody has looked and lets a paused channel go on. Where the day's allowance was used up they have to say that
    they looked at what used it: Invalid without. DomainError `already_open`.
    """
    with transaction.atomic():
        state = ChannelState.objects.select_for_update().filter(channel=channel).exclude(reason="").first()
        if state is None:
            raise DomainError("already_open", _("It is open already."))
        if state.reason == limits.SPEND and not looked:
            raise Invalid({"looked": [_("Look at what was sent today first, then tick that you have.")]})
        record("channel.open", subject=f"channel:{channel}", actor=actor, detail={"reason": state.reason})
        limits.reset(channel)


def _waiting(message: Message) -> Message:
    locked = Message.objects.select_for_update(of=("self",)).select_related("patient").get(pk=message.pk)
    if locked.state != State.NEEDS_PERSON:
        raise DomainError("already_settled", _("Somebody has already dealt with this message."))
    return locked
