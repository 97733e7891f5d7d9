"""One-time codes by text message, and the limits that make them useless to somebody who earns by sending texts."""

import datetime as dt

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.crypto.search import blind_index
from clinic.errors import TooMany
from clinic.messaging import consent, limits
from clinic.messaging.config import option
from clinic.messaging.models import Channel, Message
from clinic.messaging.plan import send_now
from clinic.people.models import Patient

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def check_limits(phone: str, *, client: str, now: dt.datetime | None = None) -> None:
    """Counts one code for this number and this network address. Call it for known and unknown numbers alike, before
    looking
    anybody up, so that both see the same. Raises TooMany.
    """
    number, address = blind_index("phone", phone), blind_index("client", client)
    caps = [
        (f"code:number:{number}", option("codes_per_number_hour"), HOUR),
        (f"code:prefix:{phone[:7]}", option("daily_prefix_codes"), DAY),
    ]
    if settings.RATE_LIMITS:
        caps.append((f"code:client:{address}", option("codes_per_address_hour"), HOUR))
    taken = [limits.take(key, limit=limit, window=window, now=now) for key, limit, window in caps]
    if not all(taken):
        raise TooMany(_("Too many codes were asked for. Please wait an hour, or call us."), code="too_many_codes")


def send_code(
    patient: Patient, *, code: str, minutes: int, request_id: str, language: str, now: dt.datetime | None = None
) -> Message | None:
    """Queues the code for the patient's own number, or email where texts do not go. Never sent again when in doubt."""
    now = now or timezone.now()
    texting = bool(patient.phone) and consent.country_served(patient.phone)
    if not texting and not patient.email:
        return None
    return send_now(
        "sign_in_code",
        key=request_id,
        ref=f"code:{request_id}"[:80],
        language=language,
        facts={"code": code, "minutes": str(minutes)},
        patient=patient,
        channel=Channel.SMS if texting else Channel.EMAIL,
        address=patient.phone if texting else patient.email,
        not_after=now + dt.timedelta(minutes=minutes),
        now=now,
    )
