"""Time to think between a consent and the treatment it is for."""

from datetime import date

from bookings.models import Appointment
from bookings.services.lifecycle import locked
from bookings.services.locks import one_transaction
from clinic.audit.services import record
from clinic.people.access import Actor


@one_transaction
def record_reflection(appointment: Appointment, *, ends: date | None, actor: Actor | None = None) -> Appointment:
    """``ends`` is the first local day on which the visit may be; None once there is no consent that time runs from."""
    row = locked(appointment)
    if row.reflection_ends != ends:
        row.reflection_ends = ends
        row.save(update_fields=["reflection_ends"])
        record("appointment.reflection", subject=row.ref, actor=actor, detail={"ends": ends and ends.isoformat()})
    return row
