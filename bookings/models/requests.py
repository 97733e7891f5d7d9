"""What is remembered about requests: answers already given, and who has been holding times."""

import uuid

from django.db import models

from clinic.crypto import EncryptedJSONField


class IdempotentRequest(models.Model):
    """The answer once given to an Idempotency-Key. Sealed, because an answer may carry a booking's token."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key_hash = models.CharField(max_length=64, unique=True)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = EncryptedJSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)


class HoldTrace(models.Model):
    """Who took a hold, as keyed hashes, for the limits on holding. Kept for a day."""

    appointment = models.OneToOneField("bookings.Appointment", on_delete=models.CASCADE, related_name="trace")
    browser = models.CharField(max_length=32, blank=True)
    address = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["browser", "created_at"], name="hold_by_browser"),
            models.Index(fields=["address", "created_at"], name="hold_by_address"),
        ]
