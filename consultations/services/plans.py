"""Writing a plan, sending it, what the patient answers, and the whole course booked from it."""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.models import Course, Location
from bookings.selectors.courses import Chosen
from bookings.services.courses import book_series
from bookings.services.locks import one_transaction
from clinic.audit.services import act_as, record
from clinic.errors import DomainError, Invalid, NotAllowed
from clinic.people.access import Actor, may
from clinic.people.models import Patient
from consultations import plan_draft, plan_messages
from consultations.models import Plan, PlanAnswer, PlanAnswerKind, PlanVersion
from consultations.plan_links import register_plan_link
from consultations.selectors import plans

LONGEST_QUESTION = 1000


@transaction.atomic
def save_draft(
    plan: Plan | None,
    *,
    draft: Mapping[str, Any],
    actor: Actor,
    patient: Patient | None = None,
    about: str = "",
    location: Location | None = None,
) -> Plan:
    """Keeps what was typed, as it was typed. Without a plan one begins, for `patient`, from `about`, at `location`.

    NotAllowed for anybody but a practitioner; DomainError `plan_booked` once the course is booked.
    """
    _refuse_others(actor)
    act_as(actor)
    if plan is None:
        return Plan.objects.create(
            id=uuid.uuid4(), patient=patient, about=about, author=actor.user, location=location, draft=dict(draft)
        )
    row = _locked(plan)
    _refuse_closed(row)
    row.draft = dict(draft)
    row.save(update_fields=["draft", "updated_at"])
    return row


@transaction.atomic
def propose(plan: Plan, *, actor: Actor, now: dt.datetime | None = None) -> PlanVersion:
    """Sends what was typed to the patient as the plan's next version, which needs an acceptance of its own.

    Raises Invalid with a sentence per field; NotAllowed where sessions come nearer than the table says and the actor may
    not decide that; `nothing_new` when the same words were sent already.
    """
    now = now or timezone.now()
    _refuse_others(actor)
    act_as(actor)
    row = _locked(plan)
    _refuse_closed(row)
    catalogue = plans.catalogue()
    asked = plan_draft.read(
        row.draft, offered=catalogue.offered, spacing=catalogue.spacing, today=plans.today_at(row.location, now)
    )
    if asked.wrong:
        raise Invalid(asked.wrong)
    if asked.near and not may(actor, "interval.override"):
        raise NotAllowed
    visits = plans.visits_for(asked.sessions)
    listed = sum(visit.price for visit in visits)
    before = PlanVersion.objects.filter(plan=row).order_by("-number").first()
    content = {
        "goal": asked.goal,
        "note": asked.note,
        "sessions": _stored(asked.sessions),
        "near_reason": asked.near_reason,
        "total": str(asked.total if asked.total is not None else listed),
        "currency": visits[0].currency,
        "expires_on": asked.expires_on.isoformat() if asked.expires_on else "",
    }
    content_hash = hash_of(content)
    if before is not None and before.content_hash == content_hash:
        raise DomainError("nothing_new", _("The patient has exactly this plan already."))
    version = PlanVersion.objects.create(
        id=uuid.uuid4(),
        plan=row,
        number=before.number + 1 if before else 1,
        goal=asked.goal,
        note=asked.note,
        sessions=content["sessions"],
        near_reason=asked.near_reason,
        total=asked.total if asked.total is not None else listed,
        listed=listed,
        currency=visits[0].currency,
        expires_on=asked.expires_on,
        content_hash=content_hash,
        sent_by=actor.user,
        sent_at=now,
    )
    row.draft = {}
    row.save(update_fields=["draft", "updated_at"])
    register_plan_link(row, now=now)
    detail = {"version": version.number, "sessions": len(visits)}
    near = [[one.first, one.second] for one in asked.near]
    record("plan.propose", subject=row.ref, actor=actor, detail=detail | ({"near": near} if near else {}))
    plan_messages.tell_proposed(version, now=now)
    return version


@transaction.atomic
def withdraw(plan: Plan, *, actor: Actor, now: dt.datetime | None = None) -> Plan:
    """Takes a plan back. What the patient was sent stays on record; once more changes nothing."""
    _refuse_others(actor)
    act_as(actor)
    row = _locked(plan)
    if row.withdrawn_at:
        return row
    _refuse_closed(row)
    row.withdrawn_at = now or timezone.now()
    row.save(update_fields=["withdrawn_at", "updated_at"])
    plan_messages.take_back(row)
    record("plan.withdraw", subject=row.ref, actor=actor)
    return row


@transaction.atomic
def settle_question(plan: Plan, *, actor: Actor, now: dt.datetime | None = None) -> Plan:
    """The patient's question has been answered, by phone or message; it waits no longer."""
    _refuse_others(actor)
    act_as(actor)
    row = _locked(plan)
    row.settled_at = now or timezone.now()
    row.save(update_fields=["settled_at", "updated_at"])
    record("plan.settle", subject=row.ref, actor=actor)
    return row


@transaction.atomic
def answer(
    plan: Plan,
    *,
    said: str,
    seen: str,
    shown: str,
    shown_hash: str,
    language: str,
    text: str = "",
    actor: Actor | None = None,
    now: dt.datetime | None = None,
) -> PlanAnswer:
    """Appends what the patient says: accept, not now, or a question.

    `seen` is the id of the version on their page, `shown` its words as they stand there today and `shown_hash` the hash
    their page came with. DomainError `plan_changed` (409) when another version or other words came between, `plan_over`,
    `plan_withdrawn`; Invalid for a question without words. Accepting twice changes nothing.
    """
    now = now or timezone.now()
    act_as(actor)
    row = _locked(plan)
    version = PlanVersion.objects.filter(plan=row).order_by("-number").first()
    if row.withdrawn_at or version is None:
        raise DomainError("plan_withdrawn", _("This plan was taken back. Please call us for a new one."))
    if said not in PlanAnswerKind.values:
        raise DomainError("answer_missing", _("Press one of the buttons."), status=422)
    accepted = version.answers.filter(answer=PlanAnswerKind.ACCEPT).first()
    if said == PlanAnswerKind.ACCEPT and accepted and str(version.pk) == seen:
        return accepted
    if str(version.pk) != seen or shown_hash != hash_of(shown):
        raise DomainError("plan_changed", _("The plan has changed since you opened it. Please read it once more."))
    if said == PlanAnswerKind.ACCEPT and version.is_over(plans.today_at(row.location, now)):
        raise DomainError("plan_over", _("This plan was open until an earlier day. Please call us for a new one."))
    text = text.strip()[:LONGEST_QUESTION] if said == PlanAnswerKind.ASK else ""
    if said == PlanAnswerKind.ASK and not text:
        raise Invalid({"text": [_("Type your question.")]})
    if accepted and said == PlanAnswerKind.NOT_NOW:
        raise DomainError("plan_accepted", _("You have said yes to this plan. Call us if you changed your mind."))
    given = PlanAnswer.objects.create(
        id=uuid.uuid4(),
        version=version,
        answer=said,
        text=text,
        shown=shown,
        shown_hash=shown_hash,
        language=language,
        answered_at=now,
    )
    row.save(update_fields=["updated_at"])
    plan_messages.take_back(row)
    record("plan.answer", subject=row.ref, actor=actor, detail={"version": version.number, "answer": said})
    return given


@one_transaction
def book(
    plan: Plan,
    *,
    starts: Sequence[Chosen],
    language: str | None = None,
    actor: Actor | None = None,
    now: dt.datetime | None = None,
) -> Course:
    """Books every session of the accepted plan or none. Once booked, changes nothing and gives that course.

    Refuses with `plan_not_accepted`, `plan_withdrawn`, `plan_stopped` when screening or a practitioner declined one of its
    treatments, and as `book_series` does: `slot_taken` (409) brings fresh proposals. Clears nobody.
    """
    now = now or timezone.now()
    row = _locked(plan)
    if row.course_id:
        return row.course
    if row.withdrawn_at:
        raise DomainError("plan_withdrawn", _("This plan was taken back. Please call us for a new one."))
    version = PlanVersion.objects.filter(plan=row).order_by("-number").prefetch_related("answers").first()
    if plans.acceptance(version) is None:
        raise DomainError("plan_not_accepted", _("Please read the plan and say yes to it first."))
    visits, gaps = plans.series_of(version)
    today = plans.today_at(row.location, now)
    held = plans.standings(row.patient, {visit.modality.slug for visit in visits}, today=today)
    if any(one.declined for one in held.values()):
        raise stopped()
    act_as(actor)
    prices = plan_draft.shares(version.total, [visit.price for visit in visits])
    row.course = book_series(
        visits=visits,
        gaps=gaps,
        prices=prices,
        patient=row.patient,
        starts=starts,
        location=row.location.slug,
        near_reason=version.near_reason,
        not_before=plans.first_days(held, today=today),
        language=language,
        actor=actor,
        now=now,
    )
    row.save(update_fields=["course", "updated_at"])
    record("plan.book", subject=row.ref, actor=actor, detail={"version": version.number, "course": str(row.course_id)})
    return row.course


def stopped() -> DomainError:
    """Worded to say nothing about which answer or which treatment it was."""
    return DomainError(
        "plan_stopped",
        _("We can't book this plan yet: something in your health answers needs a talk first. Please call us."),
    )


def hash_of(content: object) -> str:
    """SHA-256 over the content as it stands, in hexadecimal."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _stored(sessions: Sequence[plan_draft.Session]) -> list[dict[str, Any]]:
    found = []
    for number, one in enumerate(sessions):
        gap = {"least": one.least, "most": one.most} if number else {}
        found.append({"modality": one.modality, "areas": list(one.areas)} | gap)
    return found


def _locked(plan: Plan) -> Plan:
    rows = Plan.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("patient", "location", "course").get(pk=plan.pk)


def _refuse_others(actor: Actor) -> None:
    if actor.user is None or not may(actor, "plan.write"):
        raise NotAllowed


def _refuse_closed(plan: Plan) -> None:
    if plan.course_id:
        raise DomainError("plan_booked", _("This plan is booked. Move its visits, or write a new plan."))
    if plan.withdrawn_at:
        raise DomainError("plan_withdrawn", _("This plan was taken back. Write a new one."))
