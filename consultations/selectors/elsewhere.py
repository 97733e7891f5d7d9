"""What was said of a person's other visits, by themselves or by a practitioner, and counts for this one too."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from bookings.models import Appointment
from bookings.selectors.appointments import local_day
from bookings.states import ANSWERS_COUNT
from clinic.errors import Invalid
from consultations.elsewhere import better_than, worse_since
from consultations.frame import areas_of, zone_of
from consultations.models import YES, Decision, ReviewDecision, Submission
from consultations.own_findings import CHANGED, SOMEBODY_ELSE, as_stored, outcome_of, until_of
from consultations.questionnaire import current
from consultations.questionnaire.definition import DATE_OF_BIRTH, Outcome
from consultations.screening import Verdict
from consultations.selectors.earlier import EARLIER, earlier_decision, standing_decision


@dataclass(frozen=True)
class Doubt:
    """Why a visit whose own form is fine has to be looked at. ``said`` is the form of another visit that says so; without
    one it is a practitioner's no."""

    finding: dict[str, Any]
    said: Submission | None = None

    @property
    def outcome(self) -> Outcome:
        return outcome_of(self.finding)

    @property
    def day(self) -> dt.date:
        """On which it was said, where the visit takes place."""
        return _day_of(self.said, zone_of(self.said.appointment))

    @property
    def until(self) -> dt.date | None:
        return until_of(self.finding)


def doubts(appointment: Appointment) -> list[Doubt]:
    """What speaks against this visit and does not stand in its own form, worst first; nothing without a form. What was
    said before a practitioner's last yes to this visit is settled by it. Four queries at most."""
    form = appointment.submissions.order_by("-number").first()
    if form is None:
        return []
    yes = ReviewDecision.objects.filter(submission__appointment=appointment).standing().filter(decision__in=YES)
    settled = yes.order_by("-decided_at").values_list("decided_at", flat=True).first()
    found = [*_noes(appointment, form, settled), *_answers(appointment, form, settled)]
    return sorted(found, key=lambda one: -one.outcome.severity)


def better_than_before(
    appointment: Appointment, *, answers: Mapping[str, str], verdict: Verdict, today: dt.date
) -> dict[str, str]:
    """Where somebody says something better than in the form of another visit, and nobody has decided about that since: its
    ``question``, and that ``form``. Empty where they do not. A practitioner's yes is such a decision, and a deferral whose
    day has come by this visit. Forms count for 180 days. Two queries."""
    frame = {"modality": appointment.modality.slug, "areas": areas_of(appointment), "today": today}
    forms = Submission.objects.filter(
        patient_id=appointment.patient_id, submitted_at__date__gte=today - ANSWERS_COUNT
    ).exclude(appointment=appointment)
    over = Q(decision=Decision.DEFER, bookable_from__lte=local_day(appointment))
    decided = ReviewDecision.objects.filter(submission__in=forms).standing().filter(Q(decision__in=YES) | over)
    settled, seen = set(decided.values_list("submission", flat=True)), set()
    for form in forms.order_by("-submitted_at"):
        if _is_somebody_else(form, answers):
            continue
        left = [one for one in form.findings if one["question"] not in seen and one["rule"] != CHANGED["rule"]]
        if form.pk not in settled and (
            question := better_than(
                current(),
                answers=answers,
                verdict=verdict,
                earlier=form.answers,
                findings=left,
                on=_day_of(form, zone_of(appointment)),
                **frame,
            )
        ):
            return {"question": question, "form": str(form.pk)}
        if form.pk in settled or not any(one["rule"] == CHANGED["rule"] for one in form.findings):
            seen.update(line["id"] for line in form.as_asked)
    return {}


def _noes(appointment: Appointment, form: Submission, settled: dt.datetime | None) -> Iterator[Doubt]:
    said = standing_decision(appointment)
    if said is None or (settled and settled > said.decided_at):
        return
    if any(one["rule"] == EARLIER and form.submitted_at >= said.decided_at for one in form.findings):
        return
    yield Doubt(earlier_decision(said))


def _answers(appointment: Appointment, form: Submission, settled: dt.datetime | None) -> Iterator[Doubt]:
    newer = Submission.objects.filter(patient_id=form.patient_id, submitted_at__gte=form.submitted_at)
    if settled:
        newer = newer.filter(submitted_at__gt=settled)
    newest = newer.exclude(appointment=appointment).order_by("appointment", "-number").distinct("appointment")
    newest = newest.select_related("appointment__modality", "appointment__location", "questionnaire")
    for said in newest:
        if _is_somebody_else(said, form.answers):
            continue
        for finding in _worse(appointment, form, said):
            yield Doubt(finding, said)


def _worse(appointment: Appointment, form: Submission, said: Submission) -> list[dict[str, Any]]:
    frame = {"modality": appointment.modality.slug, "areas": areas_of(appointment)}
    today = _day_of(said, zone_of(appointment))
    try:
        found = worse_since(
            current(), answers=form.answers, findings=form.findings, newer=said.answers, today=today, **frame
        )
    except Invalid:  # the questions were others then: what was found in that form itself counts
        asked = {line["id"] for line in form.as_asked}
        return [one for one in said.findings if outcome_of(one).needs_a_look and one["question"] in asked]
    return [as_stored(finding, form.language) for finding in found]


def _day_of(form: Submission, zone: ZoneInfo) -> dt.date:
    return form.submitted_at.astimezone(zone).date()


def _is_somebody_else(form: Submission, answers: Mapping[str, str]) -> bool:
    """Two people may share a name and a number; the date of birth tells them apart."""
    if any(one["rule"] == SOMEBODY_ELSE["rule"] for one in form.findings):
        return True
    return form.answers.get(DATE_OF_BIRTH) != answers.get(DATE_OF_BIRTH)
