"""A practitioner's question to the patient, and its answer."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.models import Appointment
from bookings.services import lifecycle
from clinic.audit.services import acting, record
from clinic.errors import DomainError, Invalid
from clinic.people.access import Actor
from consultations.messages import take_back
from consultations.models import Decision, QuestionAnswer, ReviewDecision


def open_question(appointment: Appointment) -> ReviewDecision | None:
    """The question that waits for an answer: what stands about the newest form, if it asks. While another decision may
    still be taken back, the question is open: an answer that comes then is heard, and that decision has no effect."""
    submission = appointment.submissions.order_by("-number").first()
    standing = submission.decisions.standing().select_related("decided_by").first() if submission else None
    if standing is None or standing.decision != Decision.ASK or hasattr(standing, "answer"):
        return None
    return standing


def closed() -> DomainError:
    return DomainError(
        "no_question", _("This question is closed already. If your answer changes anything, please tell us.")
    )


@transaction.atomic
def answer_question(
    appointment: Appointment, *, text: str, actor: Actor | None = None, now: dt.datetime | None = None
) -> QuestionAnswer:
    """Stores the answer, which puts the form back into the practitioners' queue.

    Raises Invalid for an empty answer, DomainError ``no_question`` when nothing is asked (any more).
    """
    if not text.strip():
        raise Invalid({"text": [_("Write your answer first.")]})
    row = lifecycle.locked(appointment)
    question = open_question(row)
    if question is None:
        raise closed()
    with acting(actor):
        try:
            with transaction.atomic():
                answer = QuestionAnswer.objects.create(
                    decision=question, text=text.strip(), answered_at=now or timezone.now()
                )
        except IntegrityError:
            raise closed() from None
        take_back(question)
        record("review.answer", subject=row.ref, actor=actor)
    return answer
