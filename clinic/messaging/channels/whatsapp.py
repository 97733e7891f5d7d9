"""The fields of a WhatsApp message: plain text within 24 hours of the person's last word, else an approved template."""

import json

from django.conf import settings

from clinic.messaging.channels.types import Envelope, marked


def fields(envelope: Envelope) -> dict[str, object] | None:
    """None when a template is needed and none is approved in this language: the message falls back to SMS."""
    addresses = {"to": f"whatsapp:{envelope.to}", "from_": f"whatsapp:{settings.TWILIO_WHATSAPP_FROM}"}
    if not envelope.template:
        return {**addresses, "body": marked(envelope.body, envelope.code)}
    if not envelope.content_sid:
        return None
    values = json.dumps(dict(envelope.content_variables), ensure_ascii=False)
    return {**addresses, "content_sid": envelope.content_sid, "content_variables": values}
