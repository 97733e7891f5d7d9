"""Takes the person out of an appointment that is over, so that they can be forgotten."""

from bookings.links import revoke_manage_links
from bookings.models import Appointment, HoldTrace
from bookings.services import lifecycle
from bookings.services.locks import one_transaction
from bookings.states import State
from clinic.audit.services import record
from clinic.people.access import Actor


@one_transaction
def detach_patient(appointment: Appointment, *, actor: Actor | None = None) -> Appointment:
    """The row stays, for the counts; who it was for goes, with the link. Only once it is cancelled or has lapsed."""
    row = lifecycle.locked(appointment)
    if row.state not in (State.CANCELLED, State.LAPSED):
        raise lifecycle.wrong_state(row)
    row.allocations.filter(resource__kind="patient").delete()
    HoldTrace.objects.filter(appointment=row).delete()
    revoke_manage_links(row)
    row.patient = None
    row.save(update_fields=["patient"])
    record("appointment.detach_patient", subject=row.ref, actor=actor)
    return row
