"""Whether a webhook really comes from the provider: its signature over the address the provider was given."""

from django.conf import settings
from django.http import HttpRequest
from twilio.request_validator import RequestValidator


def is_signed(request: HttpRequest) -> bool:
    """Checked against `PUBLIC_URL`, not against the Host or scheme a proxy passed on; repeated fields keep all their
    values.
    """
    signature = request.headers.get("X-Twilio-Signature", "")
    if not signature or not settings.TWILIO_AUTH_TOKEN:
        return False
    address = settings.PUBLIC_URL + request.get_full_path()
    return RequestValidator(settings.TWILIO_AUTH_TOKEN).validate(address, request.POST, signature)
