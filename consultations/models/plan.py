import datetime as dt
import uuid

from django.db import models
from django.db.models import Q

from clinic.crypto import EncryptedJSONField, EncryptedTextField


class Plan(models.Model):
    """A treatment plan for one patient: what a practitioner is writing, the versions that were sent, and the course that
    was booked from the accepted one.

    `about` names what it came from: `appointment:<uuid>` or `enquiry:<uuid>`. `draft` is what is being typed; empty when
    there is nothing unsent. Questions up to `settled_at` have been answered, by phone or message.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="plans")
    about = models.CharField(max_length=64)
    author = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey("bookings.Location", on_delete=models.PROTECT, related_name="+")
    draft = EncryptedJSONField(default=dict)
    course = models.OneToOneField("bookings.Course", on_delete=models.PROTECT, null=True, related_name="plan")
    withdrawn_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(course=None) | Q(withdrawn_at=None), name="plan_booked_is_not_withdrawn")
        ]

    @property
    def ref(self) -> str:
        """How messages, links and the audit name it."""
        return f"plan:{self.pk}"


class PlanVersion(models.Model):
    """What was sent to the patient, word for word. Append-only; the highest number is current.

    `sessions` is a list of {"modality", "areas", "least", "most"}: slugs, and whole local days since the session before
    (absent in the first). `total` is the price of all of it, `listed` what the catalogue asked on that day.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    goal = EncryptedTextField()
    note = EncryptedTextField(default="")
    sessions = EncryptedJSONField()
    near_reason = EncryptedTextField(default="")
    total = models.DecimalField(max_digits=10, decimal_places=2)
    listed = models.DecimalField(max_digits=10, decimal_places=2)
    currency = models.CharField(max_length=3)
    expires_on = models.DateField(null=True)
    content_hash = models.CharField(max_length=64)
    sent_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="plan_version_once"),
            models.CheckConstraint(condition=Q(total__gte=0), name="plan_price_not_negative"),
        ]

    def is_over(self, today: dt.date) -> bool:
        """`today` at the clinic; the last day still counts."""
        return self.expires_on is not None and today > self.expires_on


class PlanAnswerKind(models.TextChoices):
    ACCEPT = "accept", "accept"
    NOT_NOW = "not_now", "not now"
    ASK = "ask", "ask"


class PlanAnswer(models.Model):
    """What the patient said to one version. Append-only; one acceptance each. `shown` are the words that stood on their
    page, `shown_hash` the SHA-256 of them. An acceptance agrees to a plan; it clears nobody for anything."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="answers")
    answer = models.CharField(max_length=8, choices=PlanAnswerKind)
    text = EncryptedTextField(default="")
    shown = EncryptedTextField(default="")
    shown_hash = models.CharField(max_length=64)
    language = models.CharField(max_length=8)
    answered_at = models.DateTimeField()

    class Meta:
        ordering = ["answered_at"]
        constraints = [
            models.UniqueConstraint(fields=["version"], condition=Q(answer="accept"), name="plan_accepted_once"),
            models.CheckConstraint(condition=Q(answer__in=PlanAnswerKind.values), name="plan_answer_known"),
        ]
