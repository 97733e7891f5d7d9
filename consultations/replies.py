""" "Has anything changed?" answered by a tap: no is written down, yes opens the form again and asks a practitioner."""

from bookings.messages import facts_of
from bookings.replies import appointment_of, patient_actor
from clinic.errors import DomainError
from clinic.messaging.inbound import Answer, ReplyEvent, on_reply
from consultations.services.changes import report_change, report_unchanged


def hear_changes(event: ReplyEvent) -> Answer | None:
    """None leaves the reply to the desk: no form yet, or the visit is over."""
    row = appointment_of(event)
    if event.choice not in ("same", "changed") or row is None:
        return None
    act = report_unchanged if event.choice == "same" else report_change
    try:
        act(row, actor=patient_actor(event), now=event.now)
    except DomainError:
        return None
    return Answer(f"reply_{event.choice}", facts_of(row))


def register() -> None:
    on_reply(hear_changes, prefix="appointment:")
