import uuid

from django.db import models

from clinic.crypto import EncryptedTextField


class BookableReminder(models.Model):
    """Somebody asked to be told on a day that they can book. Nothing here says who they are, or what it is about.

    `key` is a keyed hash of number and day, so that each number is written to once a day at most; it and nothing else
    finds a row, and no index of patients has it. The row goes when its message is handed over.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=32, unique=True)
    phone = EncryptedTextField()
    language = models.CharField(max_length=8)
    whatsapp = models.BooleanField(default=False)
    timezone = models.CharField(max_length=64)
    due_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="bookable_reminder_due")]
