"""When the clinic is open and who works when. Local wall-clock times; closing at or before opening is the next day."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bookings.models.resources import Location, Resource

WEEKDAY = models.Q(weekday__gte=0, weekday__lte=6)


class OpeningHours(models.Model):
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(_("weekday"), help_text=_("Monday is 0"))
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        verbose_name_plural = "opening hours"
        constraints = [models.CheckConstraint(condition=WEEKDAY, name="opening_hours_weekday")]


class Closure(models.Model):
    """Whole local days on which a location is closed, both included."""

    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="closures")
    date_from = models.DateField(_("from"))
    date_to = models.DateField(_("to"))
    reason = models.CharField(_("reason"), max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(date_to__gte=F("date_from")), name="closure_ends_after_it_begins")
        ]


class WorkingHours(models.Model):
    """A stretch of work in the week; a break is the gap between two. A room or device without any is there whenever
    its location is open; a practitioner without any does not work."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="working_hours")
    weekday = models.PositiveSmallIntegerField(_("weekday"))
    starts = models.TimeField(_("starts"))
    ends = models.TimeField(_("ends"))
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        verbose_name_plural = "working hours"
        constraints = [models.CheckConstraint(condition=WEEKDAY, name="working_hours_weekday")]


class Absence(models.Model):
    """Time a resource is not there although it usually is: leave, training, a device at the maker's."""

    class Kind(models.TextChoices):
        LEAVE = "leave", _("Leave")
        TRAINING = "training", _("Training")
        OUT_OF_ORDER = "out_of_order", _("Out of order")
        OTHER = "other", _("Other")

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.LEAVE)
    reason = models.CharField(_("reason"), max_length=120, blank=True)

    class Meta:
        indexes = [models.Index(fields=["resource", "ends_at"])]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="absence_ends_after_it_begins")
        ]
