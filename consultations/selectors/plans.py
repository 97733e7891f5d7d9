"""Plans as pages and services read them: who may open one, how it stands, what each session is, what screening said last."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.models import Appointment, Location
from bookings.selectors import desk, with_resources
from bookings.selectors.courses import visits_of
from bookings.states import ANSWERS_COUNT, State
from clinic.audit.services import record
from clinic.errors import NotFound
from clinic.people.access import Actor
from clinic.people.models import Patient
from consultations.models import Decision, Plan, PlanAnswer, PlanAnswerKind, PlanVersion, ReviewDecision, Submission
from consultations.plan_draft import Session, gaps_of
from consultations.plan_links import plan_id_of
from treatments.courses import Gap
from treatments.selectors import VisitPlan, list_modalities, visit_plan

DRAFT, PROPOSED, OVER, NOT_NOW, ACCEPTED, BOOKED, WITHDRAWN = (
    "draft", "proposed", "over", "not_now", "accepted", "booked", "withdrawn",
)  # fmt: skip


@dataclass(frozen=True)
class Catalogue:
    """What the rules of a draft need of the catalogue. Two queries."""

    modalities: dict
    offered: dict[str, set[str]]
    spacing: dict[str, Gap]


def catalogue() -> Catalogue:
    rows = {one.slug: one for one in list_modalities() if one.sessions_max > 1}
    return Catalogue(
        rows,
        {slug: {offer.area.slug for offer in one.offers.all()} for slug, one in rows.items()},
        {slug: (one.spacing_min, one.spacing_max) for slug, one in rows.items()},
    )


def _plans() -> QuerySet[Plan]:
    answers = PlanAnswer.objects.order_by("answered_at")
    versions = (
        PlanVersion.objects.order_by("number").select_related("sent_by").prefetch_related(Prefetch("answers", answers))
    )
    rows = Plan.objects.select_related("patient", "author", "location", "course")
    return rows.prefetch_related(Prefetch("versions", versions))


def get_plan(identifier: uuid.UUID, *, actor: Actor, reads: bool = True) -> Plan:
    """A plan that this practitioner wrote or whose patient they treat; NotFound for any other, in the same words.

    Reading it is written into the audit first (`reads`).
    """
    found = _plans().filter(pk=identifier).first()
    if found is None or not _is_theirs(found, actor):
        raise NotFound
    if reads:
        record("plan.read", subject=found.ref, actor=actor, fields=["goal", "note", "sessions"], purpose="plan")
    return found


def _is_theirs(plan: Plan, actor: Actor) -> bool:
    mine = actor.user is not None and plan.author_id == actor.user.pk
    return mine or bool(desk.treated_by(actor, [plan.patient_id]))


def plan_by_token(token: str) -> Plan:
    """The plan a link opens. NotFound for any other token."""
    identifier = plan_id_of(token)
    found = _plans().filter(pk=identifier).first() if identifier else None
    if found is None or not found.versions.all():
        raise NotFound(_("We can't find that plan."))
    return found


def plans_for(actor: Actor, *, patient: Patient | None = None) -> list[Plan]:
    """Plans this practitioner wrote, or those of one patient; questions first, then the newest. Four queries."""
    rows = _plans().filter(Q(patient=patient) if patient else Q(author=actor.user)).defer("draft")
    return sorted(rows, key=lambda plan: (open_question(plan) is None, -plan.updated_at.timestamp()))


def plans_of(patients: Collection[uuid.UUID | str]) -> list[Plan]:
    """What patients see on their own page: sent and not taken back. Four queries."""
    rows = _plans().filter(patient_id__in=patients, withdrawn_at=None).defer("draft")
    return [plan for plan in rows if plan.versions.all()]


def plan_of_course(course_id: uuid.UUID | None) -> Plan | None:
    return _plans().filter(course_id=course_id).defer("draft").first() if course_id else None


def plan_of_visit(about: str) -> Plan | None:
    """The plan that a visit is a session of."""
    kind, _sep, identifier = about.partition(":")
    return Plan.objects.filter(course__appointments=identifier).first() if kind == "appointment" else None


def subject_of(patient_id: str, about: str, *, actor: Actor) -> tuple[Patient, str, Location]:
    """The patient and what a new plan comes from, once it is sure that they belong together and to this practitioner.

    NotFound, in the same words, for anything else.
    """
    kind, _sep, identifier = about.partition(":")
    try:
        wanted, source = uuid.UUID(patient_id), uuid.UUID(identifier)
    except ValueError:
        raise NotFound from None
    here, _everywhere = desk.pick_location()
    if kind == "appointment":
        visit = desk.visits(actor).filter(pk=source, patient_id=wanted).first()
        if visit is not None:
            return visit.patient, f"appointment:{source}", visit.location
    if kind == "enquiry" and _has_enquiry(source, wanted):
        return Patient.objects.get(pk=wanted), f"enquiry:{source}", here
    raise NotFound


def _has_enquiry(identifier: uuid.UUID, patient_id: uuid.UUID) -> bool:
    """Enquiries are answered by any practitioner, so any may plan from one."""
    try:
        enquiries = apps.get_model("consultations", "Enquiry")
    except LookupError:
        return False
    return enquiries.objects.filter(pk=identifier, patient_id=patient_id).exists()


# how it stands


def current_version(plan: Plan) -> PlanVersion | None:
    versions = list(plan.versions.all())
    return versions[-1] if versions else None


def acceptance(version: PlanVersion | None) -> PlanAnswer | None:
    answers = version.answers.all() if version else ()
    return next((one for one in answers if one.answer == PlanAnswerKind.ACCEPT), None)


def open_question(plan: Plan) -> PlanAnswer | None:
    """The patient's last word about the current version, when it is a question."""
    version = current_version(plan)
    answers = list(version.answers.all()) if version else []
    if plan.withdrawn_at or not answers or answers[-1].answer != PlanAnswerKind.ASK:
        return None
    return None if plan.settled_at and plan.settled_at >= answers[-1].answered_at else answers[-1]


def questions_waiting(actor: Actor) -> int:
    """How many plans of this practitioner have a question that nobody has answered. One query."""
    newer = PlanVersion.objects.filter(plan=OuterRef("version__plan"), number__gt=OuterRef("version__number"))
    later = PlanAnswer.objects.filter(version=OuterRef("version"), answered_at__gt=OuterRef("answered_at"))
    rows = PlanAnswer.objects.filter(answer=PlanAnswerKind.ASK, version__plan__author=actor.user)
    rows = rows.filter(version__plan__withdrawn_at=None).exclude(Exists(newer)).exclude(Exists(later))
    return rows.exclude(version__plan__settled_at__gte=F("answered_at")).count()


def today_at(location: Location, now: dt.datetime | None = None) -> dt.date:
    return (now or timezone.now()).astimezone(ZoneInfo(location.timezone)).date()


def state_of(plan: Plan, *, now: dt.datetime | None = None) -> str:
    version = current_version(plan)
    if plan.course_id:
        return BOOKED
    if plan.withdrawn_at:
        return WITHDRAWN
    if version is None:
        return DRAFT
    if acceptance(version):
        return ACCEPTED
    if version.is_over(today_at(plan.location, now)):
        return OVER
    last = list(version.answers.all())
    return NOT_NOW if last and last[-1].answer == PlanAnswerKind.NOT_NOW else PROPOSED


# what the sessions are


def sessions_of(version: PlanVersion) -> list[Session]:
    return [
        Session(one["modality"], tuple(one["areas"]), one.get("least", 0), one.get("most", 0))
        for one in version.sessions
    ]


def visits_for(sessions: Sequence[Session]) -> list[VisitPlan]:
    """What each session needs and costs today. Two queries for each kind. Refuses as `visit_plan` does."""
    made: dict[tuple, VisitPlan] = {}
    for one in sessions:
        key = (one.modality, one.areas)
        if key not in made:
            made[key] = visit_plan(modality=one.modality, areas=one.areas)
    return [made[one.modality, one.areas] for one in sessions]


def series_of(version: PlanVersion) -> tuple[list[VisitPlan], list[Gap]]:
    sessions = sessions_of(version)
    return visits_for(sessions), gaps_of(sessions)


def booked_visits(plan: Plan) -> list[Appointment]:
    """The sessions of the booked course in order. Three queries, none without one."""
    return with_resources(visits_of(plan.course)) if plan.course_id else []


def local_start(visit: Appointment) -> dt.datetime:
    return visit.start.astimezone(ZoneInfo(visit.location.timezone))


def done_count(visits: Sequence[Appointment]) -> int:
    return sum(visit.state == State.DONE for visit in visits)


# what screening said last


@dataclass(frozen=True)
class Standing:
    """What holds for a treatment until the patient is asked again: the first possible day, or that it can't be booked."""

    not_before: dt.date | None = None
    declined: bool = False


def standings(patient: Patient, modalities: Collection[str], *, today: dt.date) -> dict[str, Standing]:
    """The latest verdict about each treatment, or the practitioner's decision on it. Two queries.

    Answers count for 180 days. None of these clears anybody: every session asks for its own form.
    """
    rows = (
        Submission.objects.filter(
            patient=patient, modality__in=modalities, submitted_at__date__gte=today - ANSWERS_COUNT
        )
        .order_by("modality", "-submitted_at")
        .distinct("modality")
        .defer("answers", "as_asked", "findings")
        .prefetch_related(Prefetch("decisions", ReviewDecision.objects.standing()))
    )
    found = {}
    for row in rows:
        decision = next(iter(row.decisions.all()), None)
        if decision is None or decision.decision == Decision.ASK:
            found[row.modality] = Standing(row.bookable_from, row.outcome == "decline")
        elif decision.decision in (Decision.DEFER, Decision.DECLINE):
            found[row.modality] = Standing(decision.bookable_from, decision.decision == Decision.DECLINE)
    return found


def first_days(held: dict[str, Standing], *, today: dt.date) -> dict[str, dt.date]:
    """Treatments that can't begin today, with the day from which they can."""
    return {slug: one.not_before for slug, one in held.items() if one.not_before and one.not_before > today}
