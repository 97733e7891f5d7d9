"""Photos after a treatment: when they may be sent, when they are asked for, and words that need more than a look. Pure."""

import datetime as dt

from bookings.models import Appointment
from bookings.states import State
from clinic.messaging.replies.red_flags import urgency_of
from treatments.selectors import CONSULTATION

OFFERED_AFTER = dt.timedelta(days=7)
"""From the end of the treatment: until then skin is still settling, and a photo says little."""
URGENT = {"emergency", "same_day"}
SOON_DAYS = 1
"""Working days in which lesser signs of trouble are answered."""


def takes_photos(appointment: Appointment) -> bool:
    """After a treatment that is over, for as long as its link opens."""
    over = appointment.state == State.DONE and appointment.finished_at is not None
    return over and appointment.patient_id is not None and appointment.modality.slug != CONSULTATION


def is_offered(appointment: Appointment, *, now: dt.datetime) -> bool:
    """Whether the visit's page asks for a photo."""
    return takes_photos(appointment) and now - appointment.finished_at >= OFFERED_AFTER


def speaks_of_trouble(words: str) -> bool:
    """Red-flag words for which somebody calls the same day. The lesser ones ("dark marks") stand in many a glad word
    about skin that gets better: they only shorten the wait."""
    return urgency_of(words) in URGENT
