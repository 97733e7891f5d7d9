import uuid

from django.db import models

from clinic.crypto import EncryptedJSONField, EncryptedTextField
from clinic.dates import days_between


class Standing(models.TextChoices):
    """Where an enquiry stands."""

    WAITING = "waiting", "waits for a practitioner"
    ASKED = "asked", "waits for the patient"
    ANSWERED = "answered", "answered"
    CLOSED = "closed", "closed"


class Act(models.TextChoices):
    """What one entry of the thread is. The first two are the patient's."""

    SENT = "sent", "sent"
    REPLY = "reply", "reply"
    ANSWER = "answer", "answer"
    INVITE = "invite", "invited to a consultation"
    MORE = "more", "asked for more"
    CLOSE = "close", "closed"


class EnquiryDraft(models.Model):
    """What somebody has typed and not sent. Known to one browser's session only, and gone two hours after the last touch.

    ``content`` holds each page's fields as typed. ``proven_phone`` is the keyed hash of the number that a code went to.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    content = EncryptedJSONField(default=dict)
    proven_phone = models.CharField(max_length=32, blank=True)
    touched_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["touched_at"])]

    @property
    def ref(self) -> str:
        """How its photos name it."""
        return f"draft:{self.pk}"


class Enquiry(models.Model):
    """A patient's question with photos, and how it stands. The words are sealed; the thread is append-only.

    With a ``visit`` it is a photo check-in: how the skin is doing after that treatment. ``waiting_since`` and ``due_at``
    are set exactly while a practitioner's word is awaited. ``urgency`` is what red-flag words asked for: emergency,
    same_day, soon or nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=8, unique=True)
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="enquiries")
    visit = models.ForeignKey("bookings.Appointment", on_delete=models.PROTECT, null=True, related_name="check_ins")
    language = models.CharField(max_length=8)
    standing = models.CharField(max_length=8, choices=Standing, default=Standing.WAITING)
    wish = models.CharField(max_length=8)
    urgency = models.CharField(max_length=9, blank=True)
    content = EncryptedJSONField()
    taken_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    erasure_asked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "enquiries"
        indexes = [
            models.Index(fields=["waiting_since"], name="enquiry_in_line", condition=models.Q(standing="waiting")),
            models.Index(fields=["touched_at"], name="enquiry_touched"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(standing__in=Standing.values), name="enquiry_standing_known"),
            models.CheckConstraint(
                condition=models.Q(standing="waiting", waiting_since__isnull=False, due_at__isnull=False)
                | (~models.Q(standing="waiting") & models.Q(waiting_since=None, due_at=None)),
                name="enquiry_due_while_waiting",
            ),
            models.CheckConstraint(
                condition=models.Q(standing="closed", closed_at__isnull=False)
                | (~models.Q(standing="closed") & models.Q(closed_at=None)),
                name="enquiry_closed_at_a_time",
            ),
        ]

    @property
    def ref(self) -> str:
        """How links, photos, messages and the audit name it."""
        return f"enquiry:{self.pk}"

    @property
    def is_check_in(self) -> bool:
        return self.visit_id is not None

    @property
    def days_after(self) -> int:
        """Of a check-in: days on the visit's calendar from the end of the treatment to the day it was sent."""
        return days_between(self.visit.finished_at, self.sent_at, self.visit.location.timezone)


class EnquiryEntry(models.Model):
    """One word in the thread, numbered from 1. Append-only; deleted only with the person it speaks of."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enquiry = models.ForeignKey(Enquiry, on_delete=models.PROTECT, related_name="entries")
    number = models.PositiveSmallIntegerField()
    act = models.CharField(max_length=8, choices=Act)
    text = EncryptedTextField(default="")
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["enquiry", "number"], name="enquiry_entry_once"),
            models.CheckConstraint(condition=models.Q(act__in=Act.values), name="enquiry_act_known"),
            models.CheckConstraint(
                condition=models.Q(act__in=["sent", "reply"], by=None)
                | (~models.Q(act__in=["sent", "reply"]) & models.Q(by__isnull=False)),
                name="enquiry_entry_has_its_author",
            ),
        ]

    @property
    def is_own(self) -> bool:
        """The patient's."""
        return self.by_id is None
