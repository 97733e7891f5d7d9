"""Photos after a treatment: when they may be sent, when they are asked for, and words that need more than a look. Pure."""

import datetime as dt

from bookings.models import Appointment
from bookings.states import State
from clinic.messaging.replies.red_flags import urgency_of
from treatments.selectors import CONSULTATION

OFFERED_AFTER = dt.timedelta(days=7)
"""From the end of the treatment: until then skin is still settling, and a photo says little."""
URGENT = {"emergency", "same_day"}


def takes_photos(appointment: Appointment) -> bool:
    """After a treatment that is over, for as long as its link opens."""
    over = appointment.state == State.DONE and appointment.finished_at is not None
    return over and appointment.patient_id is not None and appointment.modality.slug != CONSULTATION


def is_offered(appointment: Appointment, *, now: dt.datetime) -> bool:
    """Whether the visit's page asks for a photo."""
    return takes_photos(appointment) and now - appointment.finished_at >= OFFERED_AFTER


def is_urgent(words: str) -> bool:
    """Red-flag words for which somebody calls the same day."""
    return urgency_of(words) in URGENT


def speaks_of_trouble(words: str) -> bool:
    """Any red flag, the lesser ones too ("dark marks", "numb"): somebody looks within one working day, and no next session
    is offered before that. They stand in many a glad word as well; whoever looks closes those as expected."""
    return bool(urgency_of(words))
