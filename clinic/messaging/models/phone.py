"""The demo provider's own memory: phones and the texts on them. Never used in production."""

import uuid

from django.db import models

from clinic.crypto.fields import EncryptedTextField


class DemoPhone(models.Model):
    """A phone (and inbox) in the demonstration, with the two ways in which it may misbehave."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    address = EncryptedTextField()
    address_index = models.CharField(max_length=32, unique=True)
    patient = models.ForeignKey("people.Patient", null=True, on_delete=models.SET_NULL, related_name="+")
    online = models.BooleanField(default=True)
    refuses = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"phone {self.address_index[:6]}…"


class DemoText(models.Model):
    """One bubble. `callback` is the attempt whose status callbacks it answers for."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sid = models.CharField(max_length=40, unique=True)
    phone = models.ForeignKey(DemoPhone, on_delete=models.CASCADE, related_name="texts")
    outgoing = models.BooleanField(help_text="From the clinic to the phone.")
    channel = models.CharField(max_length=10)
    body = EncryptedTextField()
    subject = EncryptedTextField(null=True)
    buttons = models.JSONField(default=list)
    status = models.CharField(max_length=12)
    callback = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["phone", "at"], name="demo_text_chat")]

    def __str__(self) -> str:
        return f"{self.sid} {self.status}"
