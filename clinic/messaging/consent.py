"""Who may be written to, and on what: consents, opt-outs, and the order of channels."""

import datetime as dt
import uuid

from django.conf import settings
from django.db import connection
from django.utils import timezone

from clinic.crypto.search import blind_index
from clinic.messaging.kinds import CARE, CODE, EMERGENCY, REPLY, Kind
from clinic.messaging.models import Channel, Consent, Suppression
from clinic.people.phones import can_get_texts, country_of

# Care needs no consent of its own; these do.
NEED_CONSENT = {"marketing", "extra"}
# Said to somebody who has opted out as well.
IN_ANY_CASE = {"resumed", EMERGENCY}

KEYWORD, WITH_WHATSAPP = "keyword", "with_whatsapp"


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
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT channel, purpose, granted FROM messaging_consent WHERE patient_id = %s ORDER BY id", [patient_id]
        )
        return {(channel, purpose): granted for channel, purpose, granted in cursor.fetchall()}


def allows(given: dict[tuple[str, str], bool], *, channel: str, purpose: str) -> bool:
    """Pure. WhatsApp needs its own yes, whatever the purpose; marketing and extras need one for the purpose."""
    if purpose in NEED_CONSENT and not given.get((channel, purpose), given.get(("any", purpose), False)):
        return False
    if channel == Channel.WHATSAPP and purpose != REPLY:
        return given.get((channel, CARE), False)
    return given.get((channel, CARE), True) or purpose in {REPLY, CODE}


def may_send(patient_id: uuid.UUID, *, channel: str, purpose: str = CARE) -> bool:
    return allows(decisions(patient_id), channel=channel, purpose=purpose)


def way_of(address_index: str, channel: str) -> str:
    """What a person stops: WhatsApp of a number is another way to them than its text messages."""
    return blind_index("whatsapp-way", address_index) if channel == Channel.WHATSAPP else address_index


def is_stopped(address_index: str, *, channel: str = Channel.SMS) -> bool:
    """By the last word about it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT stopped FROM messaging_suppression WHERE address_index = %s ORDER BY id DESC LIMIT 1",
            [way_of(address_index, channel)],
        )
        return cursor.fetchone() == (True,)


def stop(
    address_index: str, *, reason: str, channel: str = Channel.SMS, now: dt.datetime | None = None
) -> Suppression | None:
    """`reason` is ``keyword`` (they wrote it there), ``with_whatsapp`` (they wrote it on WhatsApp) or a provider's code."""
    if is_stopped(address_index, channel=channel):
        return None
    return Suppression.objects.create(
        address_index=way_of(address_index, channel), stopped=True, reason=reason, at=now or timezone.now()
    )


def resume(
    address_index: str, *, reason: str, channel: str = Channel.SMS, now: dt.datetime | None = None
) -> Suppression | None:
    if not is_stopped(address_index, channel=channel):
        return None
    return Suppression.objects.create(
        address_index=way_of(address_index, channel), stopped=False, reason=reason, at=now or timezone.now()
    )


def heard_stop(address_index: str, *, channel: str, now: dt.datetime) -> list[str]:
    """Somebody wrote STOP; returns the channels that are silent now.

    On WhatsApp it ends text messages to that phone as well: those would only be its replacement, and a no must not be
    answered by another way to the same phone. As a text message it leaves WhatsApp alone, which has a yes and a STOP of
    its own.
    """
    stop(address_index, channel=channel, reason=KEYWORD, now=now)
    if channel != Channel.WHATSAPP:
        return [channel]
    stop(address_index, channel=Channel.SMS, reason=WITH_WHATSAPP, now=now)
    return [channel, Channel.SMS]


def heard_start(address_index: str, *, channel: str, now: dt.datetime) -> list[str]:
    """Somebody wrote START; returns the channels that are open again: that one, and what had been stopped from there."""
    opened = [channel]
    last = Suppression.objects.filter(address_index=address_index).order_by("-id").first()
    if channel == Channel.WHATSAPP and last and last.stopped and last.reason == WITH_WHATSAPP:
        resume(address_index, channel=Channel.SMS, reason=KEYWORD, now=now)
        opened.append(Channel.SMS)
    resume(address_index, channel=channel, reason=KEYWORD, now=now)
    return opened


def stops_of(patient) -> list[Suppression]:
    """What this person has stopped and not started again, each row with its `channel`."""
    ways = {}
    if patient.phone_index:
        ways = {way_of(patient.phone_index, channel): channel for channel in (Channel.WHATSAPP, Channel.SMS)}
    if patient.email_index:
        ways[patient.email_index] = Channel.EMAIL
    latest = {row.address_index: row for row in Suppression.objects.filter(address_index__in=ways).order_by("id")}
    found = []
    for way, channel in ways.items():
        if (row := latest.get(way)) and row.stopped:
            row.channel = channel
            found.append(row)
    return found


def country_served(phone: str) -> bool:
    """Texts go only to the countries the clinic has patients in, and never to numbers whose owner earns by them: that is
    what a fraudster would pump. Nobody earns by a WhatsApp message, so it may go anywhere.
    """
    return country_of(phone) in settings.SMS_COUNTRIES and can_get_texts(phone)


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
