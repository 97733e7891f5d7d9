"""What comes in: every webhook once, what people wrote, and when they last wrote on WhatsApp."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.crypto.fields import EncryptedJSONField, EncryptedTextField
from clinic.messaging.models.outbox import Channel, Message


class InboundEvent(models.Model):
    """A webhook as it came, kept once per (kind, provider id, status): a replay finds its row and has no effect."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10)
    provider_id = models.CharField(max_length=64)
    status = models.CharField(max_length=20, blank=True)
    raw = EncryptedJSONField()
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "provider_id", "status"], name="inbound_event_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.provider_id} {self.status}"


class Urgency(models.TextChoices):
    """How soon somebody has to look. The order of ``red_flags.ORDER``."""

    EMERGENCY = "emergency", _("emergency")
    SAME_DAY = "same_day", _("same day")
    SOON = "soon", _("within one working day")


class Attached(models.TextChoices):
    """What came along that cannot be opened here."""

    NOTHING = "", _("nothing")
    PHOTO = "photo", _("(a photo that can’t be opened here)")
    VOICE = "voice", _("(a voice message that can’t be played here)")
    VIDEO = "video", _("(a video that can’t be played here)")
    PLACE = "place", _("(a place on the map)")
    FILE = "file", _("(a file that can’t be opened here)")


class Reply(models.Model):
    """What a person wrote or tapped. Free text stays unread until somebody at the clinic opens it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    provider_id = models.CharField(max_length=64, unique=True)
    patient = models.ForeignKey("people.Patient", null=True, on_delete=models.SET_NULL, related_name="replies")
    channel = models.CharField(max_length=10, choices=Channel)
    address = EncryptedTextField()
    address_index = models.CharField(max_length=32)
    body = EncryptedTextField()
    about = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="replies")
    choice = models.CharField(max_length=20, blank=True, help_text="What a button, a number or a keyword meant.")
    urgency = models.CharField(max_length=10, choices=Urgency, blank=True)
    attached = models.CharField(max_length=10, choices=Attached, blank=True)
    received_at = models.DateTimeField()
    unread = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True)
    read_by = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name_plural = "replies"
        indexes = [
            models.Index(fields=["patient", "-received_at"], name="reply_thread"),
            models.Index(fields=["received_at"], name="reply_unread", condition=Q(unread=True)),
        ]

    @property
    def words(self) -> str:
        """What staff read: the text, and that something came along."""
        return "\n".join(filter(None, [self.body, str(self.get_attached_display()) if self.attached else ""]))

    def __str__(self) -> str:
        return f"{self.channel} {self.choice or self.urgency or 'text'}"


class WhatsAppWindow(models.Model):
    """When this number (blind index) last wrote on WhatsApp: plain text may be sent for 24 hours from then."""

    number = models.CharField(max_length=32, primary_key=True)
    last_inbound = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.number[:6]}… {self.last_inbound:%F %T}"
