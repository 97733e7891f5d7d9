"""The health form: kept page by page, submitted once, screened, and its clearance handed to the appointment."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.models import Appointment
from bookings.services import lifecycle
from bookings.services.locks import one_transaction
from bookings.states import ANSWERS_COUNT, CLEARED, Clearance
from clinic.audit.services import acting, record
from clinic.errors import DomainError
from clinic.messaging.plan import cancel_pending
from clinic.people.access import Actor
from consultations.clearances import clearance_for
from consultations.frame import areas_of, days_of, today_of, zone_of
from consultations.messages import take_back
from consultations.models import Draft, QuestionnaireVersion, Submission
from consultations.own_findings import CHANGED, SOMEBODY_ELSE, as_stored
from consultations.questionnaire import current
from consultations.questionnaire.asked import as_asked
from consultations.questionnaire.asking import questions_for
from consultations.questionnaire.definition import FULL
from consultations.questionnaire.validation import Clean, validate_answers
from consultations.reopening import answered_on
from consultations.screening import Outcome, Verdict, screen
from consultations.selectors.earlier import earlier_decision, standing_decision
from consultations.selectors.elsewhere import better_than_before
from consultations.selectors.questionnaire import published_version
from consultations.services.elsewhere import locked_with_others, look_again
from consultations.services.forgetting import turn_away
from consultations.services.permits import standing_permit
from consultations.standing import TAKES_FORM

# Nobody had to look at these answers.
BY_RULES_ALONE = frozenset({Clearance.CLEARED, Clearance.CAUTION})

BEGUN_COUNTS = dt.timedelta(days=7)


@transaction.atomic
def keep_answers(
    appointment: Appointment, *, answers: Mapping[str, Any], replaces: frozenset[str] = frozenset()
) -> Draft:
    """Adds one page's answers to the draft. ``replaces`` names every answer that the page could have given."""
    Appointment.objects.select_for_update().only("pk").get(pk=appointment.pk)
    draft, _created = Draft.objects.get_or_create(appointment=appointment, defaults={"answers": {}})
    kept = still_said(draft)
    draft.answers = {name: value for name, value in kept.items() if name not in replaces} | dict(answers)
    draft.save()
    return draft


def still_said(draft: Draft, now: dt.datetime | None = None) -> dict[str, str]:
    """The draft's answers that still count where somebody goes on with a form they began: those that today's questionnaire
    knows; after a week not those about today or the last days, after 180 days none. A form that is open again says itself
    what is asked anew.
    """
    age = (now or timezone.now()) - draft.updated_at
    began = draft.reopened is None
    if began and age > ANSWERS_COUNT:
        return {}
    gone = set()
    for question in current().questions:
        unknown = question.options and draft.answers.get(question.id) not in question.options
        if unknown or (began and age > BEGUN_COUNTS and question.asked_afresh):
            gone |= set(question.fields)
    return {name: value for name, value in draft.answers.items() if name not in gone}


def judge(appointment: Appointment, *, answers: Mapping[str, Any], today: dt.date) -> tuple[Clean, Verdict]:
    """The validated answers and their verdict. Raises Invalid with a sentence per field; writes nothing.

    The date of birth is the one given in this form. What we may know already is not compared here: a name and a phone
    number are no proof of who is typing, so a refusal would tell a stranger about somebody else.
    """
    frame = {"modality": appointment.modality.slug, "areas": areas_of(appointment), "today": today}
    clean = validate_answers(current(), answers=answers, **frame)
    return clean, screen(current(), answers=clean.answers, date_of_birth=clean.date_of_birth, **frame)


@one_transaction
def submit(
    appointment: Appointment,
    *,
    answers: Mapping[str, Any],
    version: str,
    language: str,
    actor: Actor | None = None,
    now: dt.datetime | None = None,
) -> tuple[Submission | None, Verdict]:
    """Stores the form and gives the appointment its clearance, in one transaction.

    A permit of a practitioner sends a form to review that the rules would turn away. Answers that were kept from an
    earlier form count from the day they were given. A form that is better than the one before it, of this visit or of
    another, clears nobody: a practitioner had to decide, or did, about other answers. One that is worse counts for the
    person's other visits too. Raises Invalid for answers that cannot be read, DomainError
    ``stale_form`` when the questions have changed since, and ``form_closed`` when the visit is over or gone. After
    a decline nothing is stored: the time is freed and a person without another booking is forgotten. Somebody who has
    another visit to come is not: their practitioner has to know. Refuses with ``busy`` when a lock is not to be had.
    """
    now = now or timezone.now()
    appointment, others = locked_with_others(appointment.pk)
    if appointment.state not in TAKES_FORM:
        raise DomainError("form_closed", _("This booking no longer takes a health form. Please contact us."))
    if appointment.patient is None:
        raise DomainError("details_missing", _("Please give your name and phone number first."))
    published = published_version()
    if version != published.version:
        raise DomainError(
            "stale_form", _("Our questions have changed since you opened them. Please look at them once more.")
        )
    today = today_of(appointment, now)
    clean, verdict = judge(appointment, answers=answers, today=today)
    if sent_before := _sent_before(appointment, clean, verdict, published):
        return sent_before, verdict
    with acting(actor):
        permit = standing_permit(appointment, today=today)
        unknown = not (others or appointment.submissions.exists())
        if verdict.outcome is Outcome.DECLINE and not permit and unknown:
            turn_away(appointment, actor=actor, now=now)
            return None, verdict
        before = appointment.submissions.order_by("-number").first()
        days = _answered_on(appointment, clean, before, today)
        findings = [as_stored(finding, language) for finding in verdict.findings]
        clearance = clearance_for(verdict, visit_on=lifecycle.local_day(appointment))
        if permit and clearance in (Clearance.DECLINED, Clearance.DEFERRED):
            clearance = Clearance.REVIEW
        besides = _besides(appointment, clean, verdict, before, clears=clearance in CLEARED, today=today)
        if besides and clearance in CLEARED:
            clearance = Clearance.REVIEW
        findings += besides
        if before is not None and (asked := before.decisions.standing().first()):
            take_back(asked)
        submission = _store(appointment, clean, verdict, findings, days, published, language, actor, now)
        _fill_date_of_birth(appointment, clean.date_of_birth)
        Draft.objects.filter(appointment=appointment).delete()
        lifecycle.record_clearance(
            appointment,
            clearance=clearance,
            bookable_from=None if permit else verdict.bookable_from,
            answers_on=min(days.values()),
            actor=actor,
            now=now,
        )
        if before is None and clearance == Clearance.DECLINED:
            cancel_pending(appointment.ref)  # the page in front of them says it, kindly and with reasons
        look_again(others, actor=actor, now=now)
    return submission, verdict


def _besides(
    appointment: Appointment,
    clean: Clean,
    verdict: Verdict,
    before: Submission | None,
    *,
    clears: bool,
    today: dt.date,
) -> list[dict[str, Any]]:
    """What no rule finds and a practitioner has to read, so that the form clears nobody. A form that ``clears`` is held
    against those before it, of this visit and then of others, until one is better."""
    found = []
    if _is_somebody_else(appointment, clean.date_of_birth):
        found.append(SOMEBODY_ELSE)
    elif clears and before is not None and appointment.clearance not in BY_RULES_ALONE:
        found.append(not_better_silently(clean, before))
    elif clears and (better := better_than_before(appointment, answers=clean.as_json(), verdict=verdict, today=today)):
        found.append(CHANGED | better)
    if said := standing_decision(appointment):
        found.append(earlier_decision(said))
    return found


def _sent_before(
    appointment: Appointment, clean: Clean, verdict: Verdict, published: QuestionnaireVersion
) -> Submission | None:
    """The same form sent once more by an impatient thumb, or by two tabs at once. Answers that have become too old for the
    visit, and are given again, are a new form; so are those that say something else today, as "sore spots" does on a
    later day.
    """
    latest = appointment.submissions.order_by("-number").first()
    if (
        latest is None
        or latest.questionnaire_id != published.pk
        or latest.answers != clean.as_json()
        or (latest.outcome, latest.bookable_from) != (verdict.outcome.value, verdict.bookable_from)
        or Draft.objects.filter(appointment=appointment).exists()
    ):
        return None
    too_old = appointment.cleared_until and lifecycle.local_day(appointment) > appointment.cleared_until
    return None if too_old else latest


def _is_somebody_else(appointment: Appointment, date_of_birth: dt.date | None) -> bool:
    known = appointment.patient.date_of_birth
    return known is not None and date_of_birth is not None and known != date_of_birth


def _store(
    appointment: Appointment,
    clean: Clean,
    verdict: Verdict,
    findings: list[dict[str, Any]],
    days: dict[str, dt.date],
    published: QuestionnaireVersion,
    language: str,
    actor: Actor | None,
    now: dt.datetime,
) -> Submission:
    modality, areas = appointment.modality.slug, areas_of(appointment)
    lines = as_asked(current(), modality=modality, areas=areas, answers=clean.answers, language=language)
    submission = Submission.objects.create(
        appointment=appointment,
        patient=appointment.patient,
        number=appointment.submissions.count() + 1,
        questionnaire=published,
        modality=modality,
        areas=list(areas),
        language=language,
        answers=clean.as_json(),
        as_asked=[line | {"on": days[line["id"]].isoformat()} for line in lines],
        findings=findings,
        outcome=verdict.outcome.value,
        bookable_from=verdict.bookable_from,
        submitted_by=actor.label if actor else "system",
        submitted_at=now,
    )
    detail = {"outcome": submission.outcome, "version": published.version}
    record("intake.submit", subject=appointment.ref, actor=actor, detail=detail)
    return submission


def _answered_on(
    appointment: Appointment, clean: Clean, before: Submission | None, today: dt.date
) -> dict[str, dt.date]:
    draft = Draft.objects.filter(appointment=appointment).first()
    modality, areas = appointment.modality.slug, areas_of(appointment)
    return answered_on(
        questions_for(current(), modality=modality, areas=areas, stage=FULL),
        answers=clean.as_json(),
        earlier=before.answers if before else None,
        days=days_of(before, zone_of(appointment)) if before else {},
        reopened=draft.reopened if draft else None,
        today=today,
    )


def not_better_silently(clean: Clean, before: Submission) -> dict[str, Any]:
    """What a practitioner reads where the new answers flag nothing. It stands at the first answer that changed."""
    given = clean.as_json()
    fields = [name for name, value in given.items() if before.answers.get(name) != value]
    changed = next((current().owner_of_field[name].id for name in fields), "date_of_birth")
    return CHANGED | {"question": changed}


def _fill_date_of_birth(appointment: Appointment, date_of_birth: dt.date | None) -> None:
    patient = appointment.patient
    if patient.date_of_birth is None and date_of_birth is not None:
        patient.date_of_birth = date_of_birth
        patient.save()
