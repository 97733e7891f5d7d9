"""What somebody agreed to, and who asked us to stop. Both are histories: rows are added, never changed."""

from django.db import models
from django.db.models import Q


class Consent(models.Model):
    """One decision of one person for a channel and a purpose; the latest counts."""

    id = models.BigAutoField(primary_key=True)
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="message_consents")
    channel = models.CharField(max_length=10)
    purpose = models.CharField(max_length=20)
    granted = models.BooleanField()
    source = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["patient", "channel", "purpose", "-id"], name="consent_latest")]

    def __str__(self) -> str:
        return f"{self.channel}/{self.purpose}: {'yes' if self.granted else 'no'}"


class Suppression(models.Model):
    """An address (blind index) that must not be written to, or may be again; the latest row counts."""

    id = models.BigAutoField(primary_key=True)
    address_index = models.CharField(max_length=32)
    stopped = models.BooleanField()
    reason = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="suppression_has_address", condition=~Q(address_index=""))]
        indexes = [models.Index(fields=["address_index", "-id"], name="suppression_latest")]

    def __str__(self) -> str:
        return f"{self.address_index[:6]}… {'stopped' if self.stopped else 'open'}"
