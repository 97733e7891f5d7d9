"""The fields of a WhatsApp message: plain text within 24 hours of the person's last word, else an approved template."""

import json

from django.conf import settings

from clinic.messaging import texts
from clinic.messaging.channels.types import Envelope, marked


def fields(envelope: Envelope) -> dict[str, object] | None:
    """None when a template is needed and none is approved in this language: the message falls back to SMS."""
    addresses = {"to": f"whatsapp:{envelope.to}", "from_": f"whatsapp:{settings.TWILIO_WHATSAPP_FROM}"}
    if not envelope.template:
        return {**addresses, "body": marked(envelope.body, envelope.code)}
    approved = getattr(settings, "WHATSAPP_TEMPLATES", {}).get(f"{envelope.template}:{envelope.language}")
    if not approved:
        return None
    _body, names = texts.template(envelope.template, envelope.language)
    values = envelope.values | {"message_code": envelope.code}
    numbered = {str(number): values[name] for number, name in enumerate(names, 1)}
    return {**addresses, "content_sid": approved, "content_variables": json.dumps(numbered, ensure_ascii=False)}
