"""Messages that follow a practitioner's act. Those that follow an appointment's state are planned by bookings.

An approval needs none of its own: the confirmation is the answer. When a practitioner puts somebody off or declines, the
decision's message takes the place of the plain "cancelled".
"""

import datetime as dt

from bookings import messages as booking_messages
from bookings.models import Appointment
from clinic.messaging.plan import Desired, cancel_pending, reconcile
from clinic.messaging.registry import register_reference
from consultations.models import Decision, ReviewDecision
from consultations.standing import TAKES_DECISION

KINDS = {
    Decision.ASK: "question_asked",
    Decision.DEFER: "review_decided",
    Decision.DECLINE: "review_decided",
}
KEEP = dt.timedelta(days=2)


def tell_decision(decision: ReviewDecision, *, appointment: Appointment, now: dt.datetime) -> None:
    """At most one message per decision, in the decision's transaction. What was decided stands behind the link."""
    kind = KINDS.get(Decision(decision.decision))
    if kind is None or appointment.patient_id is None:
        return
    message = Desired(
        kind=kind,
        ref=f"decision:{decision.pk}",
        version=1,
        patient_id=appointment.patient_id,
        due_at=now,
        not_after=now + KEEP,
        language=appointment.language,
        facts=booking_messages.facts_of(appointment) | {"practitioner": decision.decided_by.name},
        at_once=True,
    )
    reconcile(message.ref, [message], now=now)


def take_back(decision: ReviewDecision) -> None:
    """What a decision has not said yet is not said: its question is answered, or another decision came."""
    cancel_pending(f"decision:{decision.pk}")


def is_current(ref: str, version: int) -> bool:
    """Whether a decision still has something to say: it stands, its question not answered, the visit not over."""
    decision = (
        ReviewDecision.objects.filter(pk=ref.partition(":")[2])
        .standing()
        .values_list("decision", "answer", "submission__appointment__state")
        .first()
    )
    if decision is None:
        return False
    kind, answer, state = decision
    return kind != Decision.ASK or (answer is None and state in TAKES_DECISION)


def decision_speaks(appointment: Appointment, kind: str) -> bool:
    """Whether a decision's own message makes the booking's "cancelled" one needless."""
    return (
        kind in ("cancelled", "not_as_booked")
        and ReviewDecision.objects.filter(submission__appointment=appointment)
        .standing()
        .filter(decision__in=[Decision.DEFER, Decision.DECLINE])
        .exists()
    )


def register() -> None:
    register_reference("decision", is_current=is_current)
    booking_messages.held_back.append(decision_speaks)
