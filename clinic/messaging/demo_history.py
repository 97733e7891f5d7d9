"""What was said before a demonstration began: sent messages on its phones, and what patients wrote. Never in production."""

import datetime as dt
import secrets

from django.db import transaction

from clinic.messaging.channels.demo import phone_of
from clinic.messaging.envelopes import buttons_of
from clinic.messaging.models import Channel, DemoPhone, DemoText, Message
from clinic.messaging.replies import inbound
from clinic.messaging.states import State


@transaction.atomic
def write_from(address: str, body: str, *, at: dt.datetime) -> None:
    """Somebody wrote on WhatsApp at that moment: on their phone, and heard as any answer is."""
    sid = f"SM{secrets.token_hex(16)}"
    DemoText.objects.create(
        sid=sid,
        phone=phone_of(address),
        outgoing=False,
        channel=Channel.WHATSAPP,
        body=body,
        status="received",
        at=at,
    )
    inbound.accept({"MessageSid": sid, "From": f"whatsapp:{address}", "Body": body}, now=at)


@transaction.atomic
def show_as_delivered(*, now: dt.datetime) -> int:
    """Pending messages due before ``now`` get their bubble at the time they were due. Returns how many."""
    phones: dict[str, DemoPhone] = {}
    past = list(
        Message.objects.select_for_update().filter(state=State.PENDING, due_at__lt=now).exclude(channel=Channel.DESK)
    )
    texts = []
    for message in past:
        phone = phones.get(message.address_index)
        if phone is None:
            phone = phones[message.address_index] = phone_of(message.address, email=message.channel == Channel.EMAIL)
        message.provider_id = f"SM{secrets.token_hex(16)}"
        message.state, message.provider_status, message.accepted_at = State.DELIVERED, "delivered", message.due_at
        texts.append(
            DemoText(
                sid=message.provider_id,
                phone=phone,
                outgoing=True,
                channel=message.channel,
                body=message.body,
                buttons=[list(button) for button in buttons_of(message)],
                status="delivered",
                at=message.due_at,
            )
        )
    DemoText.objects.bulk_create(texts)
    Message.objects.bulk_update(past, ["state", "provider_status", "accepted_at", "provider_id"], batch_size=200)
    return len(past)
