"""A practitioner decides. Decisions are appended, never edited; the appointment and the patient follow at once."""

import datetime as dt
import uuid

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.models import Appointment
from bookings.services import lifecycle
from bookings.states import Clearance
from clinic.audit.services import acting, record
from clinic.errors import DomainError, Invalid, NotAllowed
from clinic.people.access import PRACTITIONER, Actor
from consultations import journey
from consultations.messages import take_back, tell_decision
from consultations.models import Decision, ReviewDecision, Submission
from consultations.standing import TAKES_DECISION

CLEARANCES = {
    Decision.APPROVE: Clearance.APPROVED,
    Decision.PRECAUTIONS: Clearance.APPROVED,
    Decision.ASK: Clearance.REVIEW,
    Decision.DEFER: Clearance.DEFERRED,
    Decision.DECLINE: Clearance.DECLINED,
}


@transaction.atomic
def decide(
    submission: Submission,
    *,
    decision: str,
    seen: uuid.UUID | None,
    actor: Actor,
    reason: str = "",
    patient_text: str = "",
    precautions: str = "",
    question: str = "",
    desk_note: str = "",
    bookable_from: dt.date | None = None,
    now: dt.datetime | None = None,
) -> ReviewDecision:
    """Appends a decision and lets the appointment, the patient's page and the messages follow in one transaction.

    ``seen`` is the decision the reviewer had before them (None for the first): when another came between, DomainError
    ``already_decided`` says whose. Raises Invalid where the decision needs a field it lacks, DomainError
    ``not_reviewable`` when the form is no longer the current one or the visit is not awaiting a decision.
    """
    now = now or timezone.now()
    if actor.kind != PRACTITIONER or actor.user is None:
        raise NotAllowed
    _check(decision, reason=reason, precautions=precautions, question=question, bookable_from=bookable_from, now=now)
    appointment = lifecycle.locked(submission.appointment_id)
    _check_current(submission, appointment)
    latest = submission.decisions.filter(superseded_by=None).select_related("decided_by").first()
    if (latest.pk if latest else None) != seen:
        raise _already(latest)
    with acting(actor):
        try:
            with transaction.atomic():
                row = ReviewDecision.objects.create(
                    submission=submission,
                    supersedes=latest,
                    decision=decision,
                    reason=reason.strip(),
                    patient_text=patient_text.strip(),
                    precautions=precautions.strip(),
                    question=question.strip(),
                    desk_note=desk_note.strip(),
                    bookable_from=bookable_from if decision == Decision.DEFER else None,
                    decided_by=actor.user,
                    decided_at=now,
                )
        except IntegrityError:
            raise _already(latest) from None
        record(
            "review.decide",
            subject=appointment.ref,
            actor=actor,
            detail={"decision": decision, "supersedes": str(latest.pk) if latest else None},
        )
        if latest is not None:
            take_back(latest)
        _follow(appointment, row, actor=actor, now=now)
        tell_decision(row, appointment=appointment, now=now)
    return row


def _follow(appointment: Appointment, row: ReviewDecision, *, actor: Actor, now: dt.datetime) -> None:
    lifecycle.record_clearance(
        appointment,
        clearance=CLEARANCES[Decision(row.decision)],
        bookable_from=row.bookable_from,
        actor=actor,
        decided=True,
        now=now,
    )
    appointment.refresh_from_db()
    if row.decision in (Decision.APPROVE, Decision.PRECAUTIONS):
        journey.settle(appointment, actor=actor, now=now)


def _check(
    decision: str, *, reason: str, precautions: str, question: str, bookable_from: dt.date | None, now: dt.datetime
) -> None:
    fields: dict[str, list] = {}
    if decision not in Decision.values:
        fields["decision"] = [_("Choose one of the five decisions.")]
    if decision in (Decision.DEFER, Decision.DECLINE) and not reason.strip():
        fields["reason"] = [_("Say why. The patient does not see this; colleagues do.")]
    if decision == Decision.PRECAUTIONS and not precautions.strip():
        fields["precautions"] = [_("Say what to take care of, for the day of the visit.")]
    if decision == Decision.ASK and not question.strip():
        fields["question"] = [_("Type the question that the patient will read.")]
    if decision == Decision.DEFER and (bookable_from is None or bookable_from <= now.date()):
        fields["bookable_from"] = [_("Choose the first day, after today, on which they can come.")]
    if fields:
        raise Invalid(fields)


def _check_current(submission: Submission, appointment: Appointment) -> None:
    newest = appointment.submissions.order_by("-number").values_list("pk", flat=True).first()
    if newest != submission.pk or appointment.state not in TAKES_DECISION:
        raise DomainError(
            "not_reviewable", _("This form is no longer waiting: the patient has changed it, or the visit is over.")
        )


def _already(latest: ReviewDecision | None) -> DomainError:
    who = latest.decided_by.name if latest else _("A colleague")
    return DomainError(
        "already_decided", _("%(who)s has just decided this one. Nothing of yours was saved.") % {"who": who}
    )
