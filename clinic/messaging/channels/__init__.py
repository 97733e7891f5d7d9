"""How a message leaves the house. Every adapter answers with an `Outcome`; none raises, none retries.

`settings.MESSAGE_PROVIDER` chooses: ``twilio`` (WhatsApp and SMS over its API, email over SMTP) or ``demo`` (a page
of phones).
"""

from clinic.messaging.channels.types import Envelope, Found, Outcome, Result

__all__ = ["Envelope", "Found", "Outcome", "Result", "fetch", "find", "post"]


def _adapter(channel: str):
    from django.conf import settings

    from clinic.messaging.channels import demo, email, twilio_api

    if settings.MESSAGE_PROVIDER == "demo":
        return demo
    return email if channel == "email" else twilio_api


def post(envelope: Envelope) -> Outcome:
    """Hands it to the provider, once."""
    return _adapter(envelope.channel).post(envelope)


def find(channel: str, to: str) -> list[Found] | None:
    """The latest messages the provider has for this address; None when it cannot be asked or does not answer."""
    return _adapter(channel).find(channel, to)


def fetch(channel: str, provider_id: str) -> Found | None:
    """What the provider says about one message now; None when it does not answer."""
    return _adapter(channel).fetch(provider_id)
