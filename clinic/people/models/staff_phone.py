import uuid

from django.db import models

from clinic.crypto import EncryptedTextField


class StaffPhone(models.Model):
    """The mobile number on which somebody at the clinic is paged when a patient reports something urgent. E.164."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField("people.User", on_delete=models.CASCADE, related_name="staff_phone")
    number = EncryptedTextField()

    def __str__(self) -> str:
        return f"phone of {self.user_id}"
