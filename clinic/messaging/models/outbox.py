"""The outbox. `Message` is what should reach somebody; `Attempt` is one POST to a provider."""

import secrets
import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.crypto.fields import EncryptedJSONField, EncryptedTextField
from clinic.messaging.states import IN_DOUBT, State

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_code() -> str:
    """Six letters that stand in the text itself, by which a send nobody recorded is found at the provider."""
    return "".join(secrets.choice(ALPHABET) for _i in range(6))


class Channel(models.TextChoices):
    WHATSAPP = "whatsapp", _("WhatsApp")
    SMS = "sms", _("text message")
    EMAIL = "email", _("email")
    DESK = "desk", _("front desk")


class Message(models.Model):
    """One message to one person. Its state is changed by `plan`, `sending`, `reconcile` and `status` only.

    `dedupe_key` is what makes it exist at most once: ``{ref}:v{version}:{kind}:{step}``; a fallback adds its channel.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dedupe_key = models.CharField(max_length=200, unique=True)
    patient = models.ForeignKey("people.Patient", null=True, on_delete=models.SET_NULL, related_name="messages")
    ref = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=40)
    step = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=10, choices=Channel)
    address = EncryptedTextField(null=True)
    address_index = models.CharField(max_length=32, blank=True)
    fixed_address = models.BooleanField(default=False, help_text="Answers this very address; not looked up again.")
    language = models.CharField(max_length=8)
    facts = EncryptedJSONField()
    body = EncryptedTextField()
    code = models.CharField(max_length=6, default=new_code)
    crosses_quiet = models.BooleanField(default=False)
    due_at = models.DateTimeField()
    not_after = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    attempt_id = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    absent = models.PositiveSmallIntegerField(default=0)
    check_at = models.DateTimeField(null=True, help_text="When to ask the provider about a status that is not final.")
    provider_id = models.CharField(max_length=64, null=True, unique=True)
    provider_status = models.CharField(max_length=20, blank=True)
    error_class = models.CharField(max_length=20, blank=True)
    error_code = models.CharField(max_length=20, blank=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="fallbacks")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    accepted_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="message_state_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(name="message_channel_known", condition=Q(channel__in=Channel.values)),
            models.CheckConstraint(
                name="message_in_doubt_has_lease",
                condition=~Q(state__in=sorted(IN_DOUBT)) | Q(attempt_id__isnull=False, lease_until__isnull=False),
            ),
            models.CheckConstraint(name="message_window", condition=Q(not_after__gte=F("due_at"))),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="message_pending_due", condition=Q(state=State.PENDING)),
            models.Index(fields=["lease_until"], name="message_in_doubt", condition=Q(state__in=sorted(IN_DOUBT))),
            models.Index(fields=["check_at"], name="message_to_check", condition=Q(check_at__isnull=False)),
            models.Index(fields=["ref"], name="message_ref"),
            models.Index(fields=["patient", "-created_at"], name="message_thread"),
            models.Index(fields=["address_index", "-created_at"], name="message_address"),
            models.Index(fields=["created_at"], name="message_for_person", condition=Q(state=State.NEEDS_PERSON)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.channel} {self.state}"


class Attempt(models.Model):
    """One POST. Written and committed before it; its UUID stands in the callback URL and so binds a lost answer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="tries")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    provider_id = models.CharField(max_length=64, null=True)
    error_code = models.CharField(max_length=20, blank=True)

    class Meta:
        indexes = [models.Index(fields=["provider_id"], name="attempt_provider")]

    def __str__(self) -> str:
        return f"{self.id} {self.outcome or '…'}"
