"""What the clinic has made its own: texts, moments, and the templates WhatsApp has approved. Editions are only added."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class TextEdition(models.Model):
    """The clinic's own words for one kind in one language from `at` on; the latest row counts.

    `restored` rows carry no words: from then on the shipped text is used again.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=40)
    language = models.CharField(max_length=8)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    restored = models.BooleanField(default=False)
    edited_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="text_edition_has_words", condition=Q(restored=True, body="") | Q(restored=False) & ~Q(body="")
            )
        ]
        indexes = [models.Index(fields=["kind", "language", "-id"], name="text_edition_latest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.language} {self.at:%F %T}"


class TimingEdition(models.Model):
    """The clinic's own moment for one kind and step; the latest row counts. No `amount`: it is not sent at all.

    `unit` is hours or days (from the visit, see `timings`), or minutes after midnight for the quiet hours.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=40)
    step = models.CharField(max_length=40, blank=True)
    amount = models.PositiveSmallIntegerField(null=True)
    unit = models.CharField(max_length=8)
    edited_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="timing_unit_known", condition=Q(unit__in=["hours", "days", "minutes"]))
        ]
        indexes = [models.Index(fields=["kind", "step", "-id"], name="timing_edition_latest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.step} {self.amount} {self.unit}"


class Standing(models.TextChoices):
    """Where a template stands. `UNKNOWN`: it was sent off and nobody saw whether it arrived."""

    NEW = "new", _("not sent yet")
    UNKNOWN = "unknown", _("sent, outcome not seen")
    CREATED = "created", _("not submitted yet")
    PENDING = "pending", _("waiting for approval")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    PAUSED = "paused", _("paused by WhatsApp")
    DISABLED = "disabled", _("disabled by WhatsApp")


class Template(models.Model):
    """One wording at the provider, for messages outside WhatsApp's 24 hours. `body_hash` is of everything in it.

    `variables` are the names behind {{1}}, {{2}}, …: an earlier text is filled with its own. `claimed_until` keeps two
    people from making the same one at the same time.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=40)
    language = models.CharField(max_length=8)
    body_hash = models.CharField(max_length=16)
    body = models.TextField()
    variables = models.JSONField()
    content_sid = models.CharField(max_length=40, null=True, unique=True)
    status = models.CharField(max_length=12, choices=Standing, default=Standing.NEW)
    rejection_reason = models.TextField(blank=True)
    claimed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    synced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "language", "body_hash"], name="template_once"),
            models.CheckConstraint(name="template_status_known", condition=Q(status__in=Standing.values)),
            models.CheckConstraint(
                name="template_approved_has_sid", condition=~Q(status=Standing.APPROVED) | Q(content_sid__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.language} {self.body_hash} {self.status}"
