"""What happens to a message once the provider speaks: merging by rank, binding by attempt, and falling back."""

import datetime as dt
import uuid

from django.db import connection, transaction
from django.utils import timezone

from clinic.messaging import consent
from clinic.messaging.config import option
from clinic.messaging.kinds import EMERGENCY, KINDS, REPLY
from clinic.messaging.models import Attempt, Channel, Message
from clinic.messaging.states import OUT, PROVIDER, REFUSED, State, merge
from clinic.messaging.wording import texts

OPTED_OUT = "21610"
WITHDRAWN = "withdrawn"  # the error class of what was cancelled while nobody knew whether it had gone out
HEARD_OF = (
    "id",
    "provider_id",
    "state",
    "provider_status",
    "error_code",
    "accepted_at",
    "lease_until",
    "absent",
    "check_at",
)
# Written out: every message costs this, several times.
HEARD = """
    UPDATE messaging_message
    SET provider_id = %(provider_id)s, state = %(state)s, provider_status = %(provider_status)s, error_code = %(error_code)s,
        accepted_at = %(accepted_at)s, lease_until = %(lease_until)s, absent = %(absent)s, check_at = %(check_at)s,
        updated_at = clock_timestamp()
    WHERE id = %(id)s
"""


def apply_status(
    attempt_id: uuid.UUID | None, *, provider_id: str, status: str, error_code: str = "", now: dt.datetime | None = None
) -> bool:
    """Merges one status. Bound by the attempt in the callback's URL, else by the provider's id. False when it is
    nobody's.
    """
    with transaction.atomic():
        attempt = Attempt.objects.filter(pk=attempt_id).first() if attempt_id else None
        if attempt is None and attempt_id is not None:
            return False
        found = Message.objects.select_for_update()
        message = (
            found.filter(pk=attempt.message_id).first() if attempt else found.filter(provider_id=provider_id).first()
        )
        if message is None:
            return False
        if attempt and attempt.provider_id is None:
            Attempt.objects.filter(pk=attempt.pk).update(provider_id=provider_id)
        hear(message, provider_id=provider_id, status=status, error_code=error_code, now=now or timezone.now())
        return True


def over(message: Message) -> str:
    """The state of a message that is known not to have gone out and whose time is up."""
    return State.CANCELLED if message.error_class == WITHDRAWN else State.EXPIRED


def hear(message: Message, *, provider_id: str, status: str, error_code: str, now: dt.datetime) -> None:
    """Merges a status into a locked message and does what follows from it. A word we do not know changes no state."""
    if message.provider_id not in (None, provider_id):
        return  # of an earlier attempt that was given up; kept on its own row
    before = message.state
    incoming = PROVIDER.get(status, State.ACCEPTED if message.provider_id is None else None)
    message.provider_id = provider_id
    if incoming is not None:
        message.state = merge(before, incoming)
    if message.state != before or message.state == incoming:
        message.provider_status = status[:20]
        message.error_code = (error_code or "")[:10]
    if message.accepted_at is None:
        message.accepted_at = now
    if message.state in OUT | REFUSED:
        message.lease_until, message.absent = None, 0
        final = message.state in REFUSED | {State.DELIVERED, State.READ} or message.channel == Channel.EMAIL
        message.check_at = None if final else message.check_at or now + dt.timedelta(seconds=option("poll_seconds")[0])
    with connection.cursor() as cursor:
        cursor.execute(HEARD, {name: getattr(message, name) for name in HEARD_OF})
    if message.state in REFUSED and before not in REFUSED:
        if error_code == OPTED_OUT:
            consent.stop(message.address_index, channel=message.channel, reason=OPTED_OUT, now=now)
        fall_back(message, now=now, skip_phone=error_code == OPTED_OUT)
    elif message.state in {State.DELIVERED, State.READ} and before in REFUSED:
        Message.objects.filter(parent=message.parent or message, state=State.PENDING).update(state=State.CANCELLED)


def fall_back(message: Message, *, now: dt.datetime, skip_phone: bool = False) -> Message | None:
    """The next channel's message under its own unique key, or the front desk's; None when there is nobody left to tell.
    `skip_phone` after an opt-out: what concerns the visit goes by email then, or a person says it; what needs a yes of
    its own goes nowhere.

    Runs in the transaction that saw the failure, so it is written exactly once.
    """
    kind = KINDS[message.kind]
    if not kind.fallback or now > message.not_after or skip_phone and kind.purpose in consent.NEED_CONSENT:
        return None
    if message.patient is not None:
        channel, address = consent.next_route(message.patient, kind, after=message.channel, skip_phone=skip_phone)
    elif message.channel == Channel.WHATSAPP and not skip_phone and consent.country_served(message.address):
        channel, address = Channel.SMS, message.address
    else:
        channel, address = Channel.DESK, ""
    if channel == Channel.DESK and kind.purpose == REPLY and message.kind != EMERGENCY:
        return None
    root = message.parent or message
    child = Message(
        dedupe_key=f"{root.dedupe_key}:{channel}",
        patient=message.patient,
        ref=message.ref,
        version=message.version,
        kind=message.kind,
        step=message.step,
        channel=channel,
        address=address or None,
        address_index=consent.index_of(channel, address) if address else "",
        fixed_address=message.patient is None,
        language=message.language,
        facts=message.facts,
        body=texts.render(message.kind, message.language, message.facts).body,
        crosses_quiet=message.crosses_quiet,
        due_at=now,
        not_after=max(message.not_after, now),
        parent=root,
        state=State.NEEDS_PERSON if channel == Channel.DESK else State.PENDING,
    )
    Message.objects.bulk_create([child], ignore_conflicts=True)
    return child
