"""What was written to somebody and what they answered, with where each message stands, in words."""

import dataclasses
import re
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from bookings.models import Appointment
from bookings.views.words import short_day
from clinic.messaging import selectors as messaging
from clinic.people.models import Patient

LINK = re.compile(r"https?://\S+")
PRIVATE_KINDS = {"sign_in_code"}


def thread_of(visit: Appointment) -> list[dict[str, Any]]:
    """Messages about one visit, oldest first."""
    if visit.patient is None:
        return []
    return _shown(messaging.thread(visit.patient_id, ref=visit.ref), visit.location.timezone)


def thread_with(patient: Patient, *, zone: str) -> list[dict[str, Any]]:
    """Everything written to and from a patient, oldest first."""
    return _shown(messaging.thread(patient.pk), zone)


def _shown(bubbles: list, zone: str) -> list[dict[str, Any]]:
    """Sign-in codes are left out and links are not shown: both open what is the patient's alone."""
    return [
        dataclasses.asdict(one) | {"at": _when(one.at, zone), "text": LINK.sub(_("(their link)"), one.text)}
        for one in bubbles
        if one.kind not in PRIVATE_KINDS
    ]


def _when(at: Any, zone: str) -> str:
    here = at.astimezone(ZoneInfo(zone))
    return f"{short_day(here.date())} {here:%H:%M}"
