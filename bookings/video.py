"""A visit by video: one room per visit on a server that speaks Jitsi's addresses.

The room's name is derived each time it is needed and stored nowhere, so a dump of the database opens no call. It changes
with every move and with every new manage link. Pure but for the setting.
"""

import hashlib
from datetime import datetime, timedelta

from django.conf import settings

from bookings.models import Appointment
from bookings.states import State
from clinic.people.links import derived_token
from treatments.selectors import CONSULTATION

BEFORE, AFTER = (
    timedelta(minutes=10),
    timedelta(minutes=30),
)  # the door opens before the start, and closes after the end
HAPPENS = frozenset({State.CONFIRMED, State.ARRIVED, State.IN_TREATMENT})
SOON, OPEN, OVER = "soon", "open", "over"


def is_offered() -> bool:
    return bool(settings.VIDEO_BASE_URL)


def may_be_by_video(appointment: Appointment) -> bool:
    return is_offered() and appointment.modality.slug == CONSULTATION


def opens_at(appointment: Appointment) -> datetime:
    return appointment.start - BEFORE


def door(appointment: Appointment, *, now: datetime) -> str:
    """`soon`, `open` or `over`; nothing for a visit that is not by video or does not take place."""
    if not appointment.by_video or appointment.state not in HAPPENS or not is_offered():
        return ""
    if now < opens_at(appointment):
        return SOON
    return OPEN if now < appointment.treatment_end + AFTER else OVER


def room_url(appointment: Appointment) -> str:
    """Where the two meet. Never log it, never store it, never put it into a message: whoever knows it may join.

    256 bits, in letters and digits that survive a server which writes room names in lower case.
    """
    parts = (str(appointment.pk), str(appointment.link_generation), str(appointment.version))
    name = hashlib.sha256(derived_token("video", *parts).encode()).hexdigest()
    return f"{settings.VIDEO_BASE_URL}/visit-{name}"
