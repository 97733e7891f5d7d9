"""The fields of a text message: through a messaging service where there is one, else from a number."""

from django.conf import settings

from clinic.messaging.channels.types import Envelope, marked


def fields(envelope: Envelope) -> dict[str, object]:
    """`validity_period` is in seconds, 1 to 36,000: the network drops what would come too late."""
    sender = (
        {"messaging_service_sid": settings.TWILIO_MESSAGING_SERVICE_SID}
        if settings.TWILIO_MESSAGING_SERVICE_SID
        else {"from_": settings.TWILIO_SMS_FROM}
    )
    return {
        "to": envelope.to,
        "body": marked(envelope.body, envelope.code),
        "validity_period": max(60, min(36_000, envelope.seconds_left)),
        **sender,
    }
