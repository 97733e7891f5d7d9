"""What answers do on this floor: "has anything changed?", "how is your skin?", and words that ask for help."""

from django.conf import settings

from bookings.messages import facts_of
from bookings.replies import appointment_of, patient_actor
from clinic.errors import DomainError
from clinic.messaging.inbound import Answer, ReplyEvent, on_reply, on_urgent
from consultations.adverse_links import wrong_path
from consultations.models import Source
from consultations.services.adverse import last_treated_visit, report
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


def hear_worry(event: ReplyEvent) -> Answer | None:
    """ "Not sure" and "worried" lead to the page that asks what it is. The event itself is opened by `open_event`."""
    row = appointment_of(event)
    if event.choice not in ("unsure", "worried") or row is None:
        return None
    facts = facts_of(row) | {"link": wrong_path(row), "emergency": settings.EMERGENCY_NUMBER}
    return Answer(f"reply_{event.choice}", facts, handled=False)


def open_event(event: ReplyEvent) -> None:
    """A red flag in words, or a worry tapped, from somebody who has been treated: an adverse event, and a page if urgent.

    From anybody else the reply alone is urgent; practitioners are paged about it all the same.
    """
    patient = event.patient
    visit = last_treated_visit(patient.pk, now=event.now) if patient else None
    if visit is None:
        return
    asked = appointment_of(event)
    words = "" if event.choice else event.body
    report(
        patient,
        appointment=asked if asked and asked.finished_at else visit,
        source=Source.REPLY,
        words=words,
        more={"choice": event.choice} if event.choice else None,
        at_least=event.urgency,
        actor=patient_actor(event),
        now=event.now,
    )


def register() -> None:
    on_reply(hear_changes, prefix="appointment:")
    on_reply(hear_worry, prefix="appointment:")
    on_urgent(open_event)
