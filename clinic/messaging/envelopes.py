"""What goes to an adapter for a claimed message: its words, or the template that stands for them, and its buttons."""

import datetime as dt

from clinic.messaging.channels.types import Envelope
from clinic.messaging.kinds import KINDS
from clinic.messaging.models import Channel, Message, WhatsAppWindow
from clinic.messaging.windows import whatsapp_open
from clinic.messaging.wording import templates, texts
from clinic.messaging.wording.shipped import shipped


def envelope_of(message: Message, now: dt.datetime) -> Envelope:
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
