import uuid

from django.db import models
from django.db.models import F, Q

from clinic.crypto import EncryptedJSONField, EncryptedTextField
from clinic.messaging.models import Urgency


class Source(models.TextChoices):
    REPLY = "reply", "an answer to a message"
    PAGE = "page", "the patient's page"
    STAFF = "staff", "written down at the clinic"
    DESK = "desk", "a call to the front desk"


class EventAct(models.TextChoices):
    """What one entry is. The first two are reports: the patient's, or what staff heard or saw."""

    REPORT = "report", "reported"
    MORE = "more", "added"
    TAKE = "take", "took it on"
    CALL = "call", "called"
    ADVISE = "advise", "advised"
    SEE = "see", "saw the patient"
    REFER = "refer", "referred"
    NOTE = "note", "noted"
    CLOSE = "close", "closed"


class Severity(models.TextChoices):
    MILD = "mild", "mild"
    MODERATE = "moderate", "moderate"
    SEVERE = "severe", "severe"


class EventOutcome(models.TextChoices):
    SETTLED = "settled", "settled"
    MARKS = "marks", "settled with lasting marks"
    REFERRED = "referred", "in others' care"
    EXPECTED = "expected", "expected course, no adverse event"


class AdverseEvent(models.Model):
    """Something that went wrong, or may have, after a treatment. What was reported and done stands in its entries.

    ``unseen_since`` is set while somebody at the clinic has to look at a report; practitioners are paged until they do.
    While an event is open, no next-session or marketing message goes to the patient. One is open per patient at a time.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="adverse_events")
    appointment = models.ForeignKey(
        "bookings.Appointment", on_delete=models.PROTECT, null=True, related_name="adverse_events"
    )
    source = models.CharField(max_length=5, choices=Source)
    urgency = models.CharField(max_length=9, choices=Urgency)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    unseen_since = models.DateTimeField(null=True)
    taken_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)
    severity = models.CharField(max_length=8, choices=Severity, blank=True)
    onset = models.DateField(null=True)
    device = EncryptedTextField(default="")
    lot = EncryptedTextField(default="")
    regulator_told_on = models.DateField(null=True)
    outcome = models.CharField(max_length=8, choices=EventOutcome, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="adverse_event_open", condition=Q(closed_at=None)),
            models.Index(fields=["unseen_since"], name="adverse_event_unseen", condition=Q(unseen_since__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(closed_at=None), name="adverse_event_one_open_for_a_patient"
            ),
            models.CheckConstraint(condition=Q(urgency__in=Urgency.values), name="adverse_event_urgency_known"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="adverse_event_source_known"),
            models.CheckConstraint(
                condition=Q(closed_at=None, outcome="") | Q(closed_at__isnull=False, outcome__in=EventOutcome.values),
                name="adverse_event_closed_with_outcome",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(unseen_since=None), name="adverse_event_closed_is_seen"
            ),
            models.CheckConstraint(condition=Q(due_at__gte=F("opened_at")), name="adverse_event_due_after_opening"),
        ]

    @property
    def ref(self) -> str:
        return f"event:{self.pk}"


class AdverseEventEntry(models.Model):
    """One report or one action, numbered from 1. Append-only. ``by`` is empty for the patient's own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event = models.ForeignKey(AdverseEvent, on_delete=models.PROTECT, related_name="entries")
    number = models.PositiveSmallIntegerField()
    act = models.CharField(max_length=6, choices=EventAct)
    content = EncryptedJSONField(default=dict)
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["event", "number"], name="adverse_event_entry_once"),
            models.CheckConstraint(condition=Q(act__in=EventAct.values), name="adverse_event_act_known"),
            models.CheckConstraint(
                condition=Q(act__in=["report", "more"]) | Q(by__isnull=False), name="adverse_event_act_has_its_author"
            ),
        ]


class Page(models.Model):
    """A practitioner was paged about something urgent: the ``number``-th page since ``since``. Append-only.

    ``subject`` is ``event:uuid``, or ``urgent:uuid`` of a reply that belongs to no event.
    """

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=64)
    since = models.DateTimeField()
    number = models.PositiveSmallIntegerField()
    user = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "since", "number"], name="page_once")]
