"""What adverse events do to messages: pages stand while nobody has looked, and nothing is offered while one is open."""

from bookings import messages as booking_messages
from bookings.models import Appointment
from clinic.messaging.registry import register_reference
from consultations.selectors.adverse import open_event_of
from consultations.services import paging

NOT_WHILE_OPEN = frozenset({"next_session"})


def is_held_back(appointment: Appointment, kind: str) -> bool:
    """No next session is offered to somebody whose skin is in trouble; the practitioner speaks of it."""
    if kind not in NOT_WHILE_OPEN or appointment.patient_id is None:
        return False
    return open_event_of(appointment.patient_id) is not None


def register() -> None:
    for prefix in ("event", "urgent"):
        register_reference(prefix, is_current=paging.is_current)
    booking_messages.held_back.append(is_held_back)
