"""What was written to somebody and what they answered, with where each message stands, in words."""

import dataclasses
import re
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.models import Appointment
from bookings.views.words import short_day
from clinic.messaging import consent, standing
from clinic.messaging import selectors as messaging
from clinic.messaging.selectors import Bubble
from clinic.people.access import Actor, may
from clinic.people.models import Patient

LINK = re.compile(r"https?://\S+")
PRIVATE_KINDS = {"sign_in_code"}


class Hurry(NamedTuple):
    word: str
    tone: str
    icon: str


HURRY = {
    "emergency": Hurry(gettext_lazy("Emergency"), "danger", "danger"),
    "same_day": Hurry(gettext_lazy("Same day"), "warn", "warn"),
    "soon": Hurry(gettext_lazy("Within one working day"), "clay", "clock"),
}


_STOPPED = {
    consent.KEYWORD: gettext_lazy("%(channel)s: stopped on %(when)s. They wrote STOP."),
    consent.WITH_WHATSAPP: gettext_lazy("%(channel)s: stopped on %(when)s. They wrote STOP on WhatsApp."),
    "": gettext_lazy("%(channel)s: stopped on %(when)s. Their provider told us."),
}


def thread_of(visit: Appointment, *, actor: Actor) -> list[dict[str, Any]]:
    """Messages about one visit, oldest first."""
    if visit.patient is None:
        return []
    return _shown(messaging.thread(visit.patient_id, ref=visit.ref), visit.location.timezone, actor)


def thread_with(patient: Patient, *, zone: str, actor: Actor) -> list[dict[str, Any]]:
    """Everything written to and from a patient, oldest first."""
    return _shown(messaging.thread(patient.pk), zone, actor)


def _shown(bubbles: list[Bubble], zone: str, actor: Actor) -> list[dict[str, Any]]:
    """Sign-in codes are left out and links are not shown: both open what is the patient's alone."""
    closed, now = not may(actor, "message.health"), timezone.now()
    return [
        dataclasses.asdict(one)
        | {
            "at": when(one.at, zone),
            "ahead": one.way == "out" and one.at > now,
            "text": closed_words(one.way) if closed and one.private else without_links(one.text),
            "hurry": HURRY.get(one.urgency),
        }
        for one in bubbles
        if one.kind not in PRIVATE_KINDS
    ]


def stops_of(patient: Patient, *, zone: str) -> list[str]:
    """What they have told us to stop, and when, in words."""
    return [
        _STOPPED.get(row.reason, _STOPPED[""]) % {"channel": standing.NAMES[row.channel], "when": when(row.at, zone)}
        for row in consent.stops_of(patient)
    ]


def without_links(text: str) -> str:
    return LINK.sub(_("(their link)"), text)


def closed_words(way: str = "in") -> str:
    """What stands where the desk may not read along."""
    return _("(about their health: for practitioners)") if way == "in" else _("(a practitioner’s own words)")


def when(at: Any, zone: str) -> str:
    here = at.astimezone(ZoneInfo(zone))
    return f"{short_day(here.date())} {here:%H:%M}"
