import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.crypto import EncryptedDateField, EncryptedTextField
from clinic.crypto.search import blind_index, phone_windows
from clinic.people.names import first_name, fold


class Patient(models.Model):
    """Somebody who booked or was booked. The name is stored in clear so that the desk can search it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("full name"), max_length=160)
    name_search = models.CharField(max_length=200, editable=False)
    phone = EncryptedTextField(default="")
    email = EncryptedTextField(default="")
    date_of_birth = EncryptedDateField(null=True)
    phone_index = models.CharField(max_length=32, blank=True, editable=False)
    email_index = models.CharField(max_length=32, blank=True, editable=False)
    phone_windows = ArrayField(models.CharField(max_length=12), default=list, editable=False)
    language = models.CharField(max_length=8, default="en")
    timezone = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["phone_index"]),
            models.Index(fields=["email_index"]),
            GinIndex(fields=["phone_windows"], name="patient_phone_windows"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def first_name(self) -> str:
        return first_name(self.name)

    def save(self, **options) -> None:
        """Keeps the folded name and the keyed hashes true to what they index."""
        self.name_search = fold(self.name)
        self.phone_index = blind_index("phone", self.phone) if self.phone else ""
        self.phone_windows = phone_windows(self.phone) if self.phone else []
        self.email_index = blind_index("email", self.email.casefold()) if self.email else ""
        super().save(**options)
