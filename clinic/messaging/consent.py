"""Who may be written to, and on what: consents, opt-outs, and the order of channels."""

import datetime as dt
import uuid

from django.conf import settings
from django.utils import timezone

from clinic.crypto.search import blind_index
from clinic.messaging.kinds import CARE, CODE, REPLY, Kind
from clinic.messaging.models import Channel, Consent, Suppression
from clinic.people.phones import country_of

# Care needs no consent of its own; these do.
NEED_CONSENT = {"marketing", "extra"}


def index_of(channel: str, address: str) -> str:
    return blind_index("email", address.strip().lower()) if channel == Channel.EMAIL else blind_index("phone", address)


def record_consent(
    patient_id: uuid.UUID, *, channel: str, purpose: str, granted: bool, source: str, now: dt.datetime | None = None
) -> Consent:
    """Adds a decision to the history. `channel` is whatsapp, sms, email or any; `purpose` care, extra or marketing."""
    return Consent.objects.create(
        patient_id=patient_id,
        channel=channel,
        purpose=purpose,
        granted=granted,
        source=source,
        at=now or timezone.now(),
    )


def decisions(patient_id: uuid.UUID) -> dict[tuple[str, str], bool]:
    """(channel, purpose) → the latest decision. One query."""
    rows = Consent.objects.filter(patient_id=patient_id).order_by("id")
    return {(row.channel, row.purpose): row.granted for row in rows}


def allows(given: dict[tuple[str, str], bool], *, channel: str, purpose: str) -> bool:
    """Pure. WhatsApp needs its own yes, whatever the purpose; marketing and extras need one for the purpose."""
    if purpose in NEED_CONSENT and not given.get((channel, purpose), given.get(("any", purpose), False)):
        return False
    if channel == Channel.WHATSAPP and purpose != REPLY:
        return given.get((channel, CARE), False)
    return given.get((channel, CARE), True) or purpose in {REPLY, CODE}


def may_send(patient_id: uuid.UUID, *, channel: str, purpose: str = CARE) -> bool:
    return allows(decisions(patient_id), channel=channel, purpose=purpose)


def is_stopped(address_index: str) -> bool:
    return bool(
        Suppression.objects.filter(address_index=address_index)
        .order_by("-id")
        .values_list("stopped", flat=True)
        .first()
    )


def stop(address_index: str, *, reason: str, now: dt.datetime | None = None) -> None:
    if not is_stopped(address_index):
        Suppression.objects.create(address_index=address_index, stopped=True, reason=reason, at=now or timezone.now())


def resume(address_index: str, *, reason: str, now: dt.datetime | None = None) -> None:
    if is_stopped(address_index):
        Suppression.objects.create(address_index=address_index, stopped=False, reason=reason, at=now or timezone.now())


def country_served(phone: str) -> bool:
    """Texts go only to the countries the clinic has patients in: what a fraudster would pump lies elsewhere."""
    return country_of(phone) in settings.SMS_COUNTRIES


def routes(patient, kind: Kind, given: dict[tuple[str, str], bool] | None = None) -> list[tuple[str, str]]:
    """Channels for this person in order of preference, with the address each would use. Never empty: the desk is
    last.
    """
    given = decisions(patient.pk) if given is None else given
    found: list[tuple[str, str]] = []
    if patient.phone and kind.purpose != CODE and allows(given, channel=Channel.WHATSAPP, purpose=kind.purpose):
        found.append((Channel.WHATSAPP, patient.phone))
    if patient.phone and country_served(patient.phone) and allows(given, channel=Channel.SMS, purpose=kind.purpose):
        found.append((Channel.SMS, patient.phone))
    if patient.email and allows(given, channel=Channel.EMAIL, purpose=kind.purpose):
        found.append((Channel.EMAIL, patient.email))
    return found or [(Channel.DESK, "")]


def zone_of(patient, facts: dict | None = None) -> str:
    """The recipient's time zone: their own, else that of the visit, else the clinic's."""
    own = patient.timezone if patient is not None else ""
    return own or (facts or {}).get("timezone", "") or settings.CLINIC_TIMEZONE


def next_route(patient, kind: Kind, *, after: str, skip_phone: bool = False) -> tuple[str, str]:
    """The channel to fall back to after one has failed: WhatsApp → SMS → email → front desk."""
    order = [Channel.WHATSAPP, Channel.SMS, Channel.EMAIL, Channel.DESK]
    later = order[order.index(Channel(after)) + 1 :]
    for channel, address in routes(patient, kind):
        if channel in later and not (skip_phone and channel == Channel.SMS):
            return channel, address
    return Channel.DESK, ""
