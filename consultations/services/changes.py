"""Something changed since the form, or nothing did: what the patient says before the visit, or at the door."""

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings import arrivals
from bookings.models import Appointment
from bookings.services import lifecycle
from bookings.states import Clearance
from clinic.audit.services import acting, record
from clinic.errors import DomainError, Invalid
from clinic.people.access import Actor
from consultations.frame import areas_of
from consultations.models import Draft, Submission
from consultations.questionnaire import current
from consultations.reopening import reopened_by, topics_for
from consultations.services.questions import open_question
from consultations.standing import HEARS_CHANGES


def latest_submission(appointment: Appointment) -> Submission | None:
    return appointment.submissions.order_by("-number").first()


@transaction.atomic
def report_unchanged(appointment: Appointment, *, actor: Actor | None = None, now: dt.datetime | None = None) -> None:
    """“No, all the same”: written down with the form it is said of, nothing else."""
    row = lifecycle.locked(appointment)
    submission = _refuse_unless_asked(row)
    record("intake.unchanged", subject=row.ref, actor=actor, detail={"form": submission.number})


@transaction.atomic
def report_change(
    appointment: Appointment, *, actor: Actor | None = None, now: dt.datetime | None = None
) -> Appointment:
    """“Yes”: the form is open again with the answers it had, and the visit waits for a practitioner.

    What changed is said next (``choose_topics``). Said twice it is one change. Refuses with ``form_closed`` when there is no
    form yet, or the visit is over or gone.
    """
    now = now or timezone.now()
    row = lifecycle.locked(appointment)
    submission = _refuse_unless_asked(row)
    with acting(actor):
        draft, _made = Draft.objects.get_or_create(
            appointment=row, defaults={"answers": submission.answers, "reopened": []}
        )
        if draft.reopened and set(draft.reopened) <= _asked_again(row):
            draft.reopened = []  # beside the practitioner's question they have to say what it was
            draft.save()
        row = lifecycle.record_clearance(
            row, clearance=Clearance.REVIEW, bookable_from=row.bookable_from, actor=actor, now=now
        )
        record("intake.changed", subject=row.ref, actor=actor)
    return row


@transaction.atomic
def choose_topics(appointment: Appointment, *, topics: Collection[str], actor: Actor | None = None) -> Draft:
    """Opens the questions of what changed; everything else stays as it was answered. May be chosen again.

    Raises Invalid for nothing or something unknown, DomainError ``form_closed`` when no change was reported.
    """
    row = lifecycle.locked(appointment)
    submission = _refuse_unless_asked(row)
    draft = Draft.objects.filter(appointment=row).first()
    if draft is None or draft.reopened is None:
        raise _closed()
    frame = {"modality": row.modality.slug, "areas": areas_of(row)}
    known = {topic.id for topic in topics_for(current(), **frame)}
    if not topics or not set(topics) <= known:
        raise Invalid({"topics": [_("Tick what has changed.")]})
    typed = {
        name: value
        for name, value in draft.answers.items()
        if _asked(name) in draft.reopened or submission.answers.get(name) != value
    }
    kept = {name: value for name, value in submission.answers.items() if name in current().owner_of_field}
    draft.reopened = reopened_by(current(), topics, answers=kept, **frame)
    draft.reopened = list(dict.fromkeys([*draft.reopened, *_asked_again(row)]))
    kept = {name: value for name, value in kept.items() if _asked(name) not in draft.reopened}
    draft.answers = kept | {name: value for name, value in typed.items() if _asked(name) in draft.reopened}
    with acting(actor):
        draft.save()
        record("intake.reopen", subject=row.ref, actor=actor, detail={"questions": len(draft.reopened)})
    return draft


def hear_arrival(appointment: Appointment, *, changed: bool, actor: Actor | None, now: dt.datetime) -> None:
    """The desk's question at the door. Without a form on record there is nothing that could have changed."""
    if latest_submission(appointment) is None:
        return
    (report_change if changed else report_unchanged)(appointment, actor=actor, now=now)


def register() -> None:
    arrivals.heard.append(hear_arrival)


def _asked_again(row: Appointment) -> set[str]:
    """The question of the form that a practitioner has opened again, if one is open."""
    waiting = open_question(row)
    return {waiting.question_id} if waiting and waiting.question_id else set()


def _asked(name: str) -> str:
    question = current().owner_of_field.get(name)
    return question.id if question else ""


def _refuse_unless_asked(row: Appointment) -> Submission:
    submission = latest_submission(row)
    if submission is None or row.state not in HEARS_CHANGES:
        raise _closed()
    return submission


def _closed() -> DomainError:
    return DomainError("form_closed", _("This booking no longer takes a health form. Please contact us."))
