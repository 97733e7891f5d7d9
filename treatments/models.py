"""What the clinic offers: modalities, areas of the body, and what each costs and takes where.

Names and texts are kept per language in JSON (`{"en": …, "tr": …}`) and come from `content/` through
`manage.py load_catalogue`. `loaded_hash` says which state of the file a row was last written from, so that loading
again leaves alone what the clinic has changed since.
"""

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language


def in_language(texts: dict[str, Any], language: str | None = None) -> Any:
    """The entry for `language` (default: the active one), else for its base language, else English."""
    wanted = (language or get_language() or "en").lower()
    for code in (wanted, wanted.split("-")[0], "en"):
        if code in texts:
            return texts[code]
    return next(iter(texts.values()), "")


class Modality(models.Model):
    """A treatment, such as `pen` or `consult`. Times are whole minutes, spacing and healing whole days."""

    slug = models.SlugField(max_length=40, unique=True)
    names = models.JSONField(default=dict)
    summary = models.JSONField(default=dict, help_text="Per language: kind, line, concerns. What a card shows.")
    content = models.JSONField(default=dict, help_text="Per language: every section of the treatment and care pages.")

    numbing_minutes = models.PositiveSmallIntegerField(default=0)
    turnaround_minutes = models.PositiveSmallIntegerField(default=0)
    sessions_min = models.PositiveSmallIntegerField(default=1)
    sessions_max = models.PositiveSmallIntegerField(default=1)
    spacing_min = models.PositiveSmallIntegerField(default=0)
    spacing_max = models.PositiveSmallIntegerField(default=0)
    healing_min = models.PositiveSmallIntegerField(default=0)
    healing_max = models.PositiveSmallIntegerField(default=0)
    reflection_days = models.PositiveSmallIntegerField(default=0, help_text="To think between consent and treatment.")

    needles = models.BooleanField(default=False)
    needs_device = models.BooleanField(default=False)
    online_video = models.BooleanField(default=False)
    per_visit = models.BooleanField(default=False, help_text="One price and one length, however many areas.")
    bookable = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=0)

    content_version = models.CharField(max_length=40, blank=True)
    signed_off_by = models.CharField(max_length=120, blank=True)
    signed_off_on = models.DateField(null=True, blank=True)
    loaded_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["order", "slug"]
        verbose_name_plural = "modalities"
        constraints = [
            models.CheckConstraint(
                condition=Q(sessions_min__gte=1, sessions_max__gte=F("sessions_min")), name="modality_sessions_in_order"
            ),
            models.CheckConstraint(condition=Q(spacing_max__gte=F("spacing_min")), name="modality_spacing_in_order"),
            models.CheckConstraint(condition=Q(healing_max__gte=F("healing_min")), name="modality_healing_in_order"),
            models.CheckConstraint(
                condition=(Q(signed_off_by="") & Q(signed_off_on=None))
                | (~Q(signed_off_by="") & Q(signed_off_on__isnull=False)),
                name="modality_signed_off_by_somebody_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def name(self) -> str:
        return in_language(self.names)

    @property
    def kind(self) -> str:
        return in_language(self.summary)["kind"]

    @property
    def line(self) -> str:
        return in_language(self.summary)["line"]

    @property
    def concerns(self) -> list[str]:
        return in_language(self.summary)["concerns"]

    @property
    def text(self) -> dict[str, Any]:
        """All sections in the active language."""
        return in_language(self.content)

    @property
    def is_draft(self) -> bool:
        """True until a clinician has signed off this version of the texts."""
        return self.signed_off_on is None


class Area(models.Model):
    """A part of the body that can be treated. The group decides which health questions are asked."""

    class Group(models.TextChoices):
        FACE = "face"
        BODY = "body"
        SCALP = "scalp"

    slug = models.SlugField(max_length=40, unique=True)
    names = models.JSONField(default=dict)
    group = models.CharField(max_length=10, choices=Group.choices)
    order = models.PositiveSmallIntegerField(default=0)
    loaded_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["order", "slug"]

    def __str__(self) -> str:
        return self.slug

    @property
    def name(self) -> str:
        return in_language(self.names)


class Offer(models.Model):
    """One modality on one area: minutes of treatment (numbing and turnaround are the modality's) and a price."""

    modality = models.ForeignKey(Modality, on_delete=models.CASCADE, related_name="offers")
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="offers")
    treatment_minutes = models.PositiveSmallIntegerField()
    price = models.DecimalField(max_digits=10, decimal_places=2)
    currency = models.CharField(max_length=3)
    loaded_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["area__order", "area__slug"]
        constraints = [
            models.UniqueConstraint(fields=["modality", "area"], name="offer_once_per_modality_and_area"),
            models.CheckConstraint(condition=Q(treatment_minutes__gte=5), name="offer_takes_time"),
            models.CheckConstraint(condition=Q(price__gte=Decimal(0)), name="offer_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.modality_id}/{self.area_id}"

    @property
    def visit_minutes(self) -> int:
        """How long the patient is with us: numbing and treatment, without the room's turnaround."""
        return self.modality.numbing_minutes + self.treatment_minutes
