import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from clinic.crypto import EncryptedJSONField, EncryptedTextField


class Draft(models.Model):
    """Answers of a form that is not finished, saved at each Continue. Gone when the form is submitted.

    ``reopened`` is None for a form to be filled in as a whole; else the ids of the questions that are asked again, empty
    until somebody has said what changed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.OneToOneField("bookings.Appointment", on_delete=models.CASCADE, related_name="draft")
    answers = EncryptedJSONField(default=dict)
    reopened = EncryptedJSONField(null=True)
    updated_at = models.DateTimeField(auto_now=True)


class Submission(models.Model):
    """A finished form: the version, the answers as they were asked, and what the rules found.

    Append-only; the one with the highest ``number`` is current. Answers and findings are sealed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.ForeignKey("bookings.Appointment", on_delete=models.PROTECT, related_name="submissions")
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="submissions")
    number = models.PositiveSmallIntegerField()
    questionnaire = models.ForeignKey("consultations.QuestionnaireVersion", on_delete=models.PROTECT)
    modality = models.CharField(max_length=32)
    areas = ArrayField(models.CharField(max_length=32))
    language = models.CharField(max_length=8)
    answers = EncryptedJSONField()
    as_asked = EncryptedJSONField()
    findings = EncryptedJSONField()
    outcome = models.CharField(max_length=8)
    bookable_from = models.DateField(null=True)
    submitted_by = models.CharField(max_length=64)
    submitted_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["appointment", "number"], name="submission_number_once"),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["ok", "caution", "review", "defer", "decline"]),
                name="submission_outcome_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(outcome="defer") | models.Q(bookable_from__isnull=False),
                name="submission_defer_has_date",
            ),
        ]


class Decision(models.TextChoices):
    """What a practitioner may decide about a submission."""

    APPROVE = "approve", "approve"
    PRECAUTIONS = "precautions", "approve with precautions"
    ASK = "ask", "ask a question"
    DEFER = "defer", "defer to a date"
    DECLINE = "decline", "decline"
    UNDONE = "undone", "taken back before it took effect"


YES = frozenset({Decision.APPROVE, Decision.PRECAUTIONS})
NO = frozenset({Decision.DEFER, Decision.DECLINE})


class Decisions(models.QuerySet):
    def standing(self) -> "Decisions":
        """What holds: of each form the newest decision that has taken effect. One that may still be taken back holds
        nothing yet, and one that was taken back never did."""
        took = ReviewDecision.objects.filter(effect__applied=True).exclude(decision=Decision.UNDONE)
        after = models.Q(decided_at__gt=models.OuterRef("decided_at")) | models.Q(supersedes=models.OuterRef("pk"))
        newer = took.filter(after, submission=models.OuterRef("submission"))
        return self.filter(pk__in=took.filter(~models.Exists(newer)).values("pk"))


class ReviewDecision(models.Model):
    """A practitioner's decision. Never edited: a later one supersedes it, and exactly one is current.

    ``supersedes`` is unique and each submission has at most one first decision, so decisions form one chain
    and two reviewers at once cannot both append to its end. ``question_id`` names the question of the form that is asked
    again; ``overrides`` marks a yes against a rule's or a colleague's no.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="decisions")
    supersedes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="superseded_by")
    decision = models.CharField(max_length=12, choices=Decision)
    reason = EncryptedTextField(default="")
    patient_text = EncryptedTextField(default="")
    precautions = EncryptedTextField(default="")
    question = EncryptedTextField(default="")
    question_id = EncryptedTextField(null=True)
    overrides = models.BooleanField(default=False)
    desk_note = models.CharField(max_length=160, blank=True)
    bookable_from = models.DateField(null=True)
    decided_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    objects = Decisions.as_manager()

    class Meta:
        ordering = ["decided_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission"], condition=models.Q(supersedes=None), name="decision_one_first"
            ),
            models.CheckConstraint(condition=models.Q(decision__in=Decision.values), name="decision_known"),
            models.CheckConstraint(
                condition=~models.Q(decision="defer") | models.Q(bookable_from__isnull=False),
                name="decision_defer_has_date",
            ),
        ]

    @property
    def is_superseded(self) -> bool:
        return ReviewDecision.objects.filter(supersedes=self).exists()


class Permit(models.Model):
    """A practitioner with the right to override takes it upon themselves to look: a form of this person for this treatment
    that the rules would turn away goes to review instead. Never a yes by itself. Append-only.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="permits")
    modality = models.CharField(max_length=32)
    reason = EncryptedTextField()
    until = models.DateField()  # the last local day on which a form may use it
    given_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()


class DecisionEffect(models.Model):
    """That a decision has taken effect, or that there was nothing left for it to change (``applied`` false).

    Until then, a minute at the most, whoever decided may take it back.
    """

    decision = models.OneToOneField(ReviewDecision, on_delete=models.PROTECT, primary_key=True, related_name="effect")
    applied = models.BooleanField(default=True)
    at = models.DateTimeField()


class ReviewAlert(models.Model):
    """Practitioners were told that this visit is near and nobody has decided. Once for each version of a visit."""

    appointment = models.ForeignKey("bookings.Appointment", on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["appointment", "version"], name="review_alert_once")]


class QuestionAnswer(models.Model):
    """The patient's answer to a practitioner's question. One answer closes the question."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.OneToOneField(ReviewDecision, on_delete=models.PROTECT, related_name="answer")
    text = EncryptedTextField()
    answered_at = models.DateTimeField()
