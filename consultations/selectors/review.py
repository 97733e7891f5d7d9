"""What a practitioner has before them: the queue, and one form with its flags first."""

import datetime as dt
import uuid
from dataclasses import dataclass, field, replace

from django.db.models import Case, Exists, F, OuterRef, Prefetch, QuerySet, Subquery, When
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.models import Appointment
from bookings.selectors.unreviewed import NEAR
from bookings.states import State
from clinic.audit.services import record
from clinic.dates import say
from clinic.errors import NotFound
from clinic.people.access import Actor
from consultations.models import Decision, Draft, QuestionAnswer, ReviewDecision, Submission
from consultations.own_findings import outcome_of, until_of
from consultations.questionnaire import texts
from consultations.questionnaire.definition import SEVERITY, Kind, Outcome
from consultations.selectors.elsewhere import Doubt, doubts
from consultations.standing import HEARS_CHANGES

WAITING = (State.PENDING_REVIEW,)
UNANSWERED = dt.timedelta(hours=24)


@dataclass(frozen=True)
class Waiting:
    """One line of the queue.

    ``outcome`` is the worst of the form and of what was said elsewhere since, and at least a review but where the patient
    has still to say what changed. ``asked`` is set while a question to the patient is open, ``answered`` once they replied,
    ``overdue`` when they have not for a day; ``reopened`` while they say what changed. ``left``: until the visit.
    """

    submission: Submission
    appointment: Appointment
    outcome: Outcome
    asked: bool
    answered: bool = False
    overdue: bool = False
    reopened: bool = False
    left: dt.timedelta = dt.timedelta(0)

    @property
    def is_near(self) -> bool:
        return self.left < NEAR

    @property
    def hours(self) -> int:
        """Whole hours until the visit; 0 once it has begun."""
        return max(int(self.left.total_seconds() // 3600), 0)


@dataclass(frozen=True)
class Flag:
    """One finding, with the exact answer it rests on and what was answered last time.

    ``asked`` holds question and answer in the words the patient saw, where those were in another language.
    """

    outcome: Outcome
    question: str
    answer: str
    asked: str
    why: str
    source: str
    confidence: str
    until: dt.date | None
    before: str
    elsewhere: str = ""  # whose form says so, where it is not this one


@dataclass(frozen=True)
class Sheet:
    """A whole form as a reviewer reads it: flags by severity, then everything else."""

    submission: Submission
    appointment: Appointment
    flags: list[Flag]
    rest: list[dict]
    decisions: list[ReviewDecision]
    earlier: Submission | None
    answered: dict[uuid.UUID, str] = field(default_factory=dict)
    told: list[dict] = field(default_factory=list)
    changed: list[dict] = field(default_factory=list)  # against the form before of the same visit
    consent_id: uuid.UUID | None = None

    @property
    def questions(self) -> list[tuple[str, str]]:
        """What may be asked again: flagged questions first."""
        flagged = [finding["question"] for finding in self.submission.findings]
        lines = sorted(self.told, key=lambda line: line["id"] not in flagged)
        return [(line["id"], line["text"]) for line in lines if line["kind"] == Kind.SINGLE]

    @property
    def latest(self) -> ReviewDecision | None:
        return self.decisions[-1] if self.decisions else None


def queue(*, actor: Actor | None = None, mine: bool = False, now: dt.datetime | None = None) -> list[Waiting]:
    """Forms that wait for a decision: by the day of the visit, then the most severe, then the time. Three queries.

    By day and not by the minute: what is most serious is read first, and nothing of tomorrow before anything of today.
    ``mine`` leaves those whose visit is with somebody else out. What is decided already and may still be taken back is
    left out too (``undoable``).
    """
    now = now or timezone.now()
    newest = Submission.objects.filter(appointment=OuterRef("appointment")).order_by("-number").values("pk")[:1]
    asked = ReviewDecision.objects.filter(decision=Decision.ASK, submission__appointment=OuterRef("appointment"))
    said = ReviewDecision.objects.only("decision", "decided_at", "submission", "supersedes", "answer", "effect")
    rows = (
        Submission.objects.filter(appointment__state__in=WAITING, pk=Subquery(newest))
        .select_related(
            "appointment__patient", "appointment__modality", "appointment__practitioner", "appointment__location"
        )
        .prefetch_related(
            "appointment__areas",
            Prefetch("decisions", said.select_related("answer", "effect").order_by("decided_at")),
        )
        .annotate(
            answered=Exists(asked.standing().exclude(submission=OuterRef("pk"))),
            reopened=Exists(Draft.objects.filter(appointment=OuterRef("appointment"))),
            elsewhere=Subquery(_worst_elsewhere()),
        )
        .defer("answers", "as_asked", "findings")
        .order_by("appointment__start")
    )
    if mine and actor and actor.user:
        rows = rows.filter(appointment__practitioner__practitioner__user=actor.user)
    found = [_waiting(row, now) for row in rows]
    return sorted(
        (one for one in found if one is not None),
        key=lambda one: (one.appointment.start.date(), -SEVERITY[one.outcome], one.appointment.start),
    )


def _waiting(row: Submission, now: dt.datetime) -> Waiting | None:
    """None for what is decided and may still be taken back. A question goes on waiting after a decision that was."""
    said = list(row.decisions.all())
    superseded = {one.supersedes_id for one in said}
    latest = next((one for one in said if one.pk not in superseded), None)
    if latest and latest.decision != Decision.ASK:
        if not hasattr(latest, "effect"):
            return None
        took = [one for one in said if hasattr(one, "effect") and one.effect.applied]
        latest = next((one for one in reversed(took) if one.decision != Decision.UNDONE), None)
    question = latest is not None and latest.decision == Decision.ASK
    answered = (question and hasattr(latest, "answer")) or row.answered
    return Waiting(
        submission=row,
        appointment=row.appointment,
        outcome=_outcome_of(row),
        asked=question and not answered,
        answered=answered,
        overdue=question and not answered and now - latest.decided_at > UNANSWERED,
        reopened=row.reopened and not question,
        left=row.appointment.start - now,
    )


def _worst_elsewhere() -> QuerySet:
    """The worst outcome of forms for the person's other visits that came since a form."""
    newer = Submission.objects.filter(
        patient=OuterRef("patient"),
        submitted_at__gte=OuterRef("submitted_at"),
        outcome__in=[Outcome.DEFER, Outcome.DECLINE],
    )
    rank = Case(*(When(outcome=outcome, then=rank) for outcome, rank in SEVERITY.items()))
    return newer.exclude(appointment=OuterRef("appointment")).order_by(-rank).values("outcome")[:1]


def _outcome_of(row: Submission) -> Outcome:
    known = [Outcome(row.outcome), *([Outcome(row.elsewhere)] if row.elsewhere else [])]
    if not row.reopened:
        known.append(Outcome.REVIEW)
    return max(known, key=lambda one: one.severity)


def last_word(submission: Submission) -> uuid.UUID | None:
    """What a reviewer has read last: the newest decision, or the answer to the question it asked."""
    latest = submission.decisions.filter(superseded_by=None).first()
    answer = QuestionAnswer.objects.filter(decision__submission=submission).order_by("-answered_at").first()
    if latest and answer and (answer.decision_id == latest.pk or answer.answered_at > latest.decided_at):
        return answer.pk
    return latest.pk if latest else None


def undoable(*, actor: Actor) -> list[ReviewDecision]:
    """One's own decisions that have not taken effect yet. One query."""
    rows = ReviewDecision.objects.filter(decided_by=actor.user, effect=None, superseded_by=None)
    return list(rows.select_related("submission__appointment__patient").order_by("-decided_at"))


def sheet(submission_id: uuid.UUID, *, actor: Actor, language: str) -> Sheet:
    """The form of one submission for a practitioner, with what was said elsewhere and speaks against the visit. Reading it
    is written into the audit first.

    Raises NotFound.
    """
    row = (
        Submission.objects.filter(pk=submission_id)
        .select_related(
            "appointment__patient",
            "appointment__modality",
            "appointment__practitioner",
            "appointment__location",
            "questionnaire",
        )
        .prefetch_related("appointment__areas")
        .first()
    )
    if row is None:
        raise NotFound
    record("intake.read", subject=f"submission:{row.pk}", actor=actor, fields=["answers", "findings"], purpose="review")
    decisions = list(row.decisions.select_related("decided_by", "answer").order_by("decided_at"))
    earlier = (
        Submission.objects.filter(patient_id=row.patient_id, submitted_at__lt=row.submitted_at)
        .exclude(pk=row.pk)
        .select_related("questionnaire")
        .order_by(F("submitted_at").desc())
        .first()
    )
    asked = {line["id"]: line for line in row.as_asked}
    told = {line["id"]: line for line in _retold(row, language)}
    before = {line["id"]: _answer(line) for line in _retold(earlier, language)} if earlier else {}
    flags = [
        _flag(one, told, asked, _before(one["form"], language) if "form" in one else before, language)
        for one in row.findings
    ]
    if row.appointment.state in HEARS_CHANGES and _is_current(row):
        flags += [_from_elsewhere(one, told, language) for one in doubts(row.appointment)]
    flags.sort(key=lambda flag: -SEVERITY[flag.outcome])
    flagged = {finding["question"] for finding in row.findings}
    return Sheet(
        submission=row,
        appointment=row.appointment,
        flags=flags,
        rest=[line | {"shown": _answer(line)} for line in told.values() if line["id"] not in flagged],
        decisions=decisions,
        earlier=earlier,
        told=list(told.values()),
        changed=_changed(told, before) if earlier and earlier.appointment_id == row.appointment_id else [],
        consent_id=row.appointment.consents.order_by("-given_at").values_list("pk", flat=True).first(),
    )


def _is_current(row: Submission) -> bool:
    return not Submission.objects.filter(appointment=row.appointment_id, number__gt=row.number).exists()


def _before(form_id: str, language: str) -> dict[str, str]:
    """The answers of the form that a finding compares with."""
    named = Submission.objects.select_related("questionnaire").get(pk=form_id)
    return {line["id"]: _answer(line) for line in _retold(named, language)}


def _from_elsewhere(doubt: Doubt, own: dict[str, dict], language: str) -> Flag:
    if doubt.said is None:
        return _flag(doubt.finding, {}, {}, {}, language)
    told = {line["id"]: line for line in _retold(doubt.said, language)}
    asked = {line["id"]: line for line in doubt.said.as_asked}
    before = {name: _answer(line) for name, line in own.items()}
    words = {"treatment": doubt.said.appointment.modality.name, "day": say(doubt.day, "j F Y")}
    sentence = _("Said on %(day)s, in the form for another visit: %(treatment)s.")
    return replace(_flag(doubt.finding, told, asked, before, language), elsewhere=sentence % words)


def _changed(told: dict[str, dict], before: dict[str, str]) -> list[dict]:
    lines = (
        {"text": line["text"], "before": before.get(name, ""), "now": _answer(line)} for name, line in told.items()
    )
    return [line for line in lines if line["before"] != line["now"]]


def _answer(line: dict) -> str:
    """The answer in the patient's own words or choice, with what was added to it."""
    more = line["follow_up"]["answer"] if line.get("follow_up") else ""
    return " · ".join(part for part in (line["label"] or "–", more) if part)


def _retold(row: Submission, language: str) -> list[dict]:
    """The answers in the reader's language, in the words of the version that was asked; free text stays as typed."""
    if row.language == language:
        return row.as_asked
    questionnaire = row.questionnaire.questionnaire()
    lines = []
    for line in row.as_asked:
        label, more = line["label"], line["follow_up"]
        if line["kind"] == Kind.SINGLE:
            label = texts.option_label(line["id"], line["answer"], language, questionnaire=questionnaire)
        if more:
            more = more | {"text": texts.follow_up_text(line["id"], language, questionnaire=questionnaire)}
        text = texts.question_text(line["id"], language, questionnaire=questionnaire)
        lines.append(line | {"text": text, "label": label, "follow_up": more})
    return lines


def _flag(finding: dict, told: dict[str, dict], asked: dict[str, dict], before: dict[str, str], language: str) -> Flag:
    line = told.get(finding["question"], {})
    original = asked.get(finding["question"], {})
    return Flag(
        outcome=outcome_of(finding),
        question=line.get("text") or finding.get("title", {}).get(language) or finding["question"],
        answer=_answer(line) if line else "",
        asked=f"{original['text']} {_answer(original)}" if original and original["text"] != line["text"] else "",
        why=finding["why"].get(language) or finding["why"]["en"],
        source=", ".join(finding["sources"]),
        confidence=finding["confidence"],
        until=until_of(finding),
        before=before.get(finding["question"], ""),
    )
