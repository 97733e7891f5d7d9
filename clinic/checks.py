"""Settings that would be unsafe in production stop the start."""

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.security)
def production_is_safe(app_configs, **options) -> list[Error]:
    """Each refusal says which variable to change. Only asked where PRODUCTION is on."""
    if not settings.PRODUCTION:
        return []
    unsafe = [
        (settings.DEBUG, "DEBUG is on", "Set DEBUG=off."),
        (settings.DEMO, "DEMO is on", "Set DEMO=off: the demo phone shows every message to anybody."),
        (not settings.RATE_LIMITS, "RATE_LIMITS is off", "Remove RATE_LIMITS=off: it is for load tests only."),
        (settings.MESSAGE_PROVIDER == "demo", "messages go to the demo phone", "Set the TWILIO_… variables."),
        (not settings.SECURE, "PUBLIC_URL is not https", "Set PUBLIC_URL to the https:// address patients use."),
        (len(settings.SECRET_KEY) < 50, "SECRET_KEY is short", "Use 50 characters or more; .env.example says how."),
        (
            bool(settings.VIDEO_BASE_URL) and not settings.VIDEO_BASE_URL.startswith("https://"),
            "VIDEO_BASE_URL is not https",
            "Set VIDEO_BASE_URL to the https:// address of the video server, or leave it empty.",
        ),
        ("*" in settings.ALLOWED_HOSTS, "ALLOWED_HOSTS allows every host", "List the clinic's host names."),
    ]
    return [
        Error(f"Unsafe in production: {what}.", hint=hint, id=f"clinic.E{number:03}")
        for number, (bad, what, hint) in enumerate(unsafe, start=1)
        if bad
    ]
