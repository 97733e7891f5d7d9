import uuid

from django.db import models

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

    Append-only; the latest is current.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.ForeignKey("bookings.Appointment", on_delete=models.PROTECT, related_name="consents")
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="+")
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT)
    typed_name = EncryptedTextField()
    photos = models.BooleanField(default=False)
    teaching = models.BooleanField(default=False)
    given_at = models.DateTimeField()

    class Meta:
        ordering = ["given_at"]
