"""What an answered reminder does to an appointment. Moving leads to a page, so the outbox answers that by itself."""

from bookings.messages import facts_of
from bookings.models import Appointment
from bookings.services import lifecycle
from clinic.errors import DomainError
from clinic.messaging.replies.hearing import Answer, ReplyEvent, on_reply
from clinic.people.access import Actor


def appointment_of(event: ReplyEvent) -> Appointment | None:
    """The appointment a reply is about; None for any other reference."""
    kind, _, identifier = event.ref.partition(":")
    return (
        Appointment.objects.select_related("location", "patient").filter(pk=identifier).first()
        if kind == "appointment"
        else None
    )


def patient_actor(event: ReplyEvent) -> Actor:
    return Actor("patient", patient_id=str(event.patient.pk) if event.patient else None)


def confirm_by_reply(event: ReplyEvent) -> Answer | None:
    """ "1": they will come. None, which leaves the reply to the desk, when the appointment is not confirmed (any more)."""
    row = appointment_of(event)
    if event.choice != "confirm" or row is None:
        return None
    try:
        lifecycle.record_attendance(row, actor=patient_actor(event), now=event.now)
    except DomainError:
        return None
    return Answer("reply_confirmed", facts_of(row))


def too_late_to_move(event: ReplyEvent) -> Answer | None:
    """ "2" when the visit is over or has begun: no word that it stays theirs, and a person reads what they want."""
    row = appointment_of(event)
    if event.choice != "move" or row is None or (row.is_ahead and row.start > event.now):
        return None
    return Answer("reply_received", {}, handled=False)


def register() -> None:
    on_reply(too_late_to_move, prefix="appointment:")
    on_reply(confirm_by_reply, prefix="appointment:")
