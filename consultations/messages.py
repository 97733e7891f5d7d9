"""Messages that follow a practitioner's act. Those that follow an appointment's state are planned by bookings."""

import datetime as dt

from bookings.links import manage_path
from bookings.messages import facts_of
from bookings.models import Appointment
from clinic.messaging.plan import Desired, reconcile
from consultations.models import Decision, ReviewDecision

KINDS = {Decision.ASK: "question_asked"}
KEEP = dt.timedelta(days=2)


def tell_decision(decision: ReviewDecision, *, appointment: Appointment, now: dt.datetime) -> None:
    """One message per decision, in the decision's transaction. What was decided stands behind the link."""
    if appointment.patient_id is None:
        return
    reference = f"decision:{decision.pk}"
    message = Desired(
        kind=KINDS.get(decision.decision, "review_decided"),
        step="",
        ref=reference,
        version=1,
        patient_id=appointment.patient_id,
        due_at=now,
        not_after=now + KEEP,
        language=appointment.patient.language,
        facts=facts_of(appointment) | {"link": manage_path(appointment)},
        at_once=True,
    )
    reconcile(reference, [message], now=now)
