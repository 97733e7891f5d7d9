"""A practitioner decides. Decisions are appended, never edited; the appointment and the patient follow at once."""

import datetime as dt
import uuid

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.models import Appointment
from bookings.services import lifecycle
from bookings.services.locks import one_transaction
from bookings.states import Clearance
from clinic.audit.services import acting, record
from clinic.errors import DomainError, Invalid, NotAllowed
from clinic.people.access import PRACTITIONER, Actor
from clinic.people.models import User
from consultations import journey
from consultations.decision_words import WORDS
from consultations.frame import today_of
from consultations.messages import take_back, tell_decision
from consultations.models import NO, YES, Decision, DecisionEffect, Draft, QuestionAnswer, ReviewDecision, Submission
from consultations.screening import Outcome
from consultations.selectors.earlier import deferred_until, standing_decision
from consultations.selectors.elsewhere import doubts
from consultations.selectors.review import last_word
from consultations.services.elsewhere import locked_with_others, look_again
from consultations.services.reasking import reask
from consultations.standing import TAKES_DECISION

UNDO = dt.timedelta(seconds=60)
CLEARANCES = {
    Decision.APPROVE: Clearance.APPROVED,
    Decision.PRECAUTIONS: Clearance.APPROVED,
    Decision.ASK: Clearance.REVIEW,
    Decision.DEFER: Clearance.DEFERRED,
    Decision.DECLINE: Clearance.DECLINED,
}


@one_transaction
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
    question_id: str = "",
    desk_note: str = "",
    bookable_from: dt.date | None = None,
    override: bool = False,
    wait: dt.timedelta = dt.timedelta(0),
    now: dt.datetime | None = None,
) -> ReviewDecision:
    """Appends a decision. It takes effect at once, or after ``wait``: until then it can be taken back (``undo``).

    The appointment, the patient's page and the messages follow in one transaction with its effect. ``seen`` is the last
    word the reviewer had before them (`last_word`; None for the first decision): when another decision came between,
    DomainError ``already_decided`` says whose and what; when an answer of the patient did, ``just_answered``. Raises
    Invalid where the decision needs a field it lacks, DomainError ``not_reviewable`` when the form is no longer the
    current one or the visit is not awaiting a decision. A yes against a no, of a rule or of a colleague, needs the right
    to override, ``override`` and a reason; ``busy`` when a lock is not to be had.
    """
    now = now or timezone.now()
    if actor.kind != PRACTITIONER or actor.user is None:
        raise NotAllowed
    asked = question or question_id
    appointment, others = locked_with_others(submission.appointment_id)
    today = today_of(appointment, now)
    _check(decision, reason=reason, precautions=precautions, question=asked, bookable_from=bookable_from, today=today)
    _check_current(submission, appointment)
    latest = submission.decisions.filter(superseded_by=None).select_related("decided_by").first()
    if (newest := last_word(submission)) != seen:
        raise _already(latest) if newest == (latest.pk if latest else None) else _just_answered()
    against = decision in YES and is_against_a_no(submission, appointment, by=actor.user)
    if against:
        _check_override(override, reason=reason, actor=actor)
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
                    question_id=question_id or None if decision == Decision.ASK else None,
                    overrides=against,
                    desk_note=desk_note.strip(),
                    bookable_from=bookable_from if decision == Decision.DEFER else None,
                    decided_by=actor.user,
                    decided_at=now,
                )
        except IntegrityError:
            raise _already(latest) from None
        detail = {"decision": decision, "supersedes": str(latest.pk) if latest else None}
        record(
            "review.decide",
            subject=appointment.ref,
            actor=actor,
            detail=detail | ({"override": True} if against else {}),
        )
        if not wait:
            take_effect(row, appointment=appointment, others=others, now=now)
    return row


def take_effect(row: ReviewDecision, *, appointment: Appointment, others: list[Appointment], now: dt.datetime) -> None:
    """Lets appointment, page and messages follow, once; a no is looked at in the person's ``others`` too. The caller holds
    their locks and the transaction."""
    actor = Actor(PRACTITIONER, user=row.decided_by)
    for before in row.submission.decisions.standing():
        take_back(before)
    DecisionEffect.objects.create(decision=row, at=now)
    if row.question_id:
        reask(appointment, question=row.question_id)
    _follow(appointment, row, actor=actor, now=now)
    tell_decision(row, appointment=appointment, now=now)
    if row.decision in NO:
        look_again(others, actor=actor, now=now)


@transaction.atomic
def undo(row: ReviewDecision, *, actor: Actor, now: dt.datetime | None = None) -> ReviewDecision:
    """Takes back one's own decision before it takes effect. Appended like any other; the form waits as it did before.

    Raises DomainError ``too_late`` once it has taken effect, ``already_decided`` when somebody has decided since.
    """
    now = now or timezone.now()
    if actor.kind != PRACTITIONER or actor.user is None or actor.user.pk != row.decided_by_id:
        raise NotAllowed
    appointment = lifecycle.locked(row.submission.appointment_id)
    if DecisionEffect.objects.filter(decision=row).exists():
        raise DomainError("too_late", _("It has taken effect already. Open the form and decide anew."))
    if ReviewDecision.objects.filter(supersedes=row).exists():
        raise _already(row.submission.decisions.filter(superseded_by=None).select_related("decided_by").first())
    with acting(actor):
        back = ReviewDecision.objects.create(
            submission=row.submission, supersedes=row, decision=Decision.UNDONE, decided_by=actor.user, decided_at=now
        )
        DecisionEffect.objects.create(decision=back, at=now)
        record("review.undo", subject=appointment.ref, actor=actor, detail={"decision": row.decision})
    return back


def follow_due(*, now: dt.datetime | None = None) -> int:
    """Decisions whose time to be taken back is over take effect; each in a transaction of its own. Returns how many.

    Where the form has been changed, a question was answered, or the visit has gone meanwhile there is nothing to change:
    that is written down, and the form waits in the queue as before. So it does when the patient has begun to say what
    changed, where the decision was a yes.
    """
    now = now or timezone.now()
    due = ReviewDecision.objects.filter(effect=None, superseded_by=None, decided_at__lte=now - UNDO)
    count = 0
    for pk in list(due.order_by("decided_at").values_list("pk", flat=True)):
        with transaction.atomic():
            row = ReviewDecision.objects.select_related("submission", "decided_by").get(pk=pk)
            appointment, others = locked_with_others(row.submission.appointment_id)
            if DecisionEffect.objects.filter(decision=row).exists() or row.is_superseded:
                continue
            with acting(Actor(PRACTITIONER, user=row.decided_by)):
                try:
                    with transaction.atomic():
                        _check_current(row.submission, appointment)
                        _check_nothing_came(row, appointment)
                        take_effect(row, appointment=appointment, others=others, now=now)
                        count += 1
                except DomainError as refusal:
                    DecisionEffect.objects.create(decision=row, applied=False, at=now)
                    record("review.no_effect", subject=appointment.ref, detail={"code": refusal.code})
    return count


def is_against_a_no(submission: Submission, appointment: Appointment, *, by: User) -> bool:
    """Whether a yes would go against a rule's decline, a day that lies after the visit, or a colleague's no: on this form,
    for the same treatment of another visit and still standing, or by what the person has said elsewhere since.

    A no that was taken back is none. A no of one's own hides no colleague's, and a yes that stands has settled those
    before it.
    """
    yes = submission.decisions.standing().filter(decision__in=YES).first()
    noes = [*submission.decisions.filter(decision__in=NO).exclude(superseded_by__decision=Decision.UNDONE)]
    noes += filter(None, [standing_decision(appointment)])
    if any(no.decided_by_id != by.pk and (yes is None or no.decided_at > yes.decided_at) for no in noes):
        return True
    said = [(Outcome(submission.outcome), submission.bookable_from)]
    said += [(one.outcome, one.until) for one in doubts(appointment)]
    day = lifecycle.local_day(appointment)
    return any(outcome is Outcome.DECLINE or (outcome is Outcome.DEFER and day < until) for outcome, until in said)


def _check_override(override: bool, *, reason: str, actor: Actor) -> None:
    if not actor.user.may_override:
        raise NotAllowed(
            _("A rule or a colleague said no. Only a practitioner with the right to override may say yes.")
        )
    fields = {}
    if not reason.strip():
        fields["reason"] = [_("Say why you decide against the no. It stays on the record.")]
    if not override:
        fields["override"] = [_("Tick that you decide against the no.")]
    if fields:
        raise Invalid(fields)


def _follow(appointment: Appointment, row: ReviewDecision, *, actor: Actor, now: dt.datetime) -> None:
    lifecycle.record_clearance(
        appointment,
        clearance=CLEARANCES[Decision(row.decision)],
        bookable_from=_first_day(appointment, row),
        actor=actor,
        decided=True,
        now=now,
    )
    appointment.refresh_from_db()
    if row.decision in YES:
        journey.settle(appointment, actor=actor, now=now)


def _first_day(appointment: Appointment, row: ReviewDecision) -> dt.date | None:
    """Before which the visit may not be moved. A yes is for its day or a later one: of an earlier day nobody has spoken."""
    if row.decision in NO:
        return row.bookable_from
    known = [appointment.bookable_from]
    if row.decision in YES:
        known.append(deferred_until(appointment))
    first = max(filter(None, known), default=None)
    return min(first, lifecycle.local_day(appointment)) if first and row.decision in YES else first


def _check(
    decision: str, *, reason: str, precautions: str, question: str, bookable_from: dt.date | None, today: dt.date
) -> None:
    fields: dict[str, list] = {}
    if decision not in CLEARANCES:
        fields["decision"] = [_("Choose one of the five decisions.")]
    if decision in (Decision.DEFER, Decision.DECLINE) and not reason.strip():
        fields["reason"] = [_("Say why. The patient does not see this; colleagues do.")]
    if decision == Decision.PRECAUTIONS and not precautions.strip():
        fields["precautions"] = [_("Say what to take care of, for the day of the visit.")]
    if decision == Decision.ASK and not question.strip():
        fields["question"] = [_("Type the question that the patient will read.")]
    if decision == Decision.DEFER and (bookable_from is None or bookable_from <= today):
        fields["bookable_from"] = [_("Choose the first day, after today, on which they can come.")]
    if fields:
        raise Invalid(fields)


def _check_current(submission: Submission, appointment: Appointment) -> None:
    newest = appointment.submissions.order_by("-number").values_list("pk", flat=True).first()
    if newest != submission.pk or appointment.state not in TAKES_DECISION:
        raise DomainError(
            "not_reviewable", _("This form is no longer waiting: the patient has changed it, or the visit is over.")
        )


def _check_nothing_came(row: ReviewDecision, appointment: Appointment) -> None:
    """Since it was decided: an answer to a question, or, against a yes, that something has changed."""
    answered = QuestionAnswer.objects.filter(decision__submission=row.submission, answered_at__gt=row.decided_at)
    changing = Draft.objects.filter(appointment=appointment, updated_at__gt=row.decided_at)
    if answered.exists() or (row.decision in YES and changing.exists()):
        raise DomainError("something_came", _("The patient has said something since. Please read it first."))


def _just_answered() -> DomainError:
    return DomainError(
        "just_answered", _("The patient has just answered. Read it above; what you typed is still below.")
    )


def _already(latest: ReviewDecision | None) -> DomainError:
    said = {"who": latest.decided_by.name if latest else _("A colleague")}
    said["what"] = WORDS[Decision(latest.decision)] if latest else ""
    sentence = _("%(who)s has just decided this one: %(what)s. What you typed is still below.")
    return DomainError("already_decided", sentence % said)
