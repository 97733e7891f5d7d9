import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.crypto import EncryptedTextField


class ConsentText(models.Model):
    """The exact words somebody agreed to. Kept forever, found by their hash."""

    text_hash = models.CharField(max_length=64, primary_key=True)
    version = models.CharField(max_length=32)
    modality = models.CharField(max_length=32)
    language = models.CharField(max_length=8)
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)


class TreatmentConsent(models.Model):
    """A patient's consent to one appointment: words, typed name, time, and the separate photo choices.

    Append-only; the latest is current, until what was given is taken back.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.ForeignKey("bookings.Appointment", on_delete=models.PROTECT, related_name="consents")
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="+")
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT)
    typed_name = EncryptedTextField()
    photos = models.BooleanField(default=False)
    teaching = models.BooleanField(default=False)
    publicity = models.BooleanField(default=False)
    given_at = models.DateTimeField()

    class Meta:
        ordering = ["given_at"]


class Choice(models.TextChoices):
    """What somebody agreed to, each apart from the others."""

    TREATMENT = "treatment", _("The treatment")
    PHOTOS = "photos", _("Photos for your record")
    TEACHING = "teaching", _("Photos for teaching")
    PUBLICITY = "publicity", _("Photos shown to the public")


PHOTO_CHOICES = (Choice.PHOTOS, Choice.TEACHING, Choice.PUBLICITY)


class ConsentWithdrawal(models.Model):
    """Something agreed to is taken back, from that moment on. Append-only, once for each choice of a consent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consent = models.ForeignKey(TreatmentConsent, on_delete=models.PROTECT, related_name="withdrawals")
    choice = models.CharField(max_length=10, choices=Choice)
    withdrawn_at = models.DateTimeField()

    class Meta:
        ordering = ["withdrawn_at"]
        constraints = [
            models.UniqueConstraint(fields=["consent", "choice"], name="withdrawal_once"),
            models.CheckConstraint(condition=models.Q(choice__in=Choice.values), name="withdrawal_choice_known"),
        ]
