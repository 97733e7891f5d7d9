"""What must hold before the process serves: the texts are sound, and production has a real provider."""

from django.conf import settings
from django.core.checks import Error, Tags, register

from clinic.messaging.wording.shipped import LANGUAGES, BadText, shipped


@register(Tags.compatibility)
def messages_are_sound(**_options) -> list[Error]:
    found = []
    for code in LANGUAGES:
        try:
            shipped(code)
        except (BadText, KeyError, OSError, ValueError) as problem:
            found.append(Error(f"Message texts cannot be used: {problem}", id="messaging.E001"))
    return found


@register(Tags.security)
def provider_is_real(**_options) -> list[Error]:
    if not settings.PRODUCTION:
        return []
    if settings.MESSAGE_PROVIDER == "demo":
        return [
            Error(
                "MESSAGE_PROVIDER is demo: messages would go to a page instead of to phones.",
                hint="Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.", id="messaging.E002",
            )
        ]  # fmt: skip
    found = []
    if not (settings.TWILIO_ACCOUNT_SID and settings.TWILIO_AUTH_TOKEN):
        found.append(Error("TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are needed.", id="messaging.E003"))
    if not (settings.TWILIO_MESSAGING_SERVICE_SID or settings.TWILIO_SMS_FROM):
        found.append(Error("Set TWILIO_MESSAGING_SERVICE_SID or TWILIO_SMS_FROM.", id="messaging.E004"))
    if settings.TWILIO_BASE_URL:
        found.append(Error("TWILIO_BASE_URL sends messages elsewhere; it is for tests.", id="messaging.E005"))
    return found
