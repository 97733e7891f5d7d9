"""Several sessions of one treatment that belong together."""

import uuid

from django.db import models
from django.db.models import F, Q

from treatments.models import Area, Modality


class Course(models.Model):
    """A course as it was booked. Its visits are the appointments that name it, each with its number from 1 on.

    `spacing_min` and `spacing_max` are whole local days between two sessions, as they held when it was booked.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="courses")
    modality = models.ForeignKey(Modality, on_delete=models.PROTECT, related_name="courses")
    areas = models.ManyToManyField(Area, related_name="courses")
    sessions = models.PositiveSmallIntegerField()
    spacing_min = models.PositiveSmallIntegerField()
    spacing_max = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sessions__gte=1), name="course_has_sessions"),
            models.CheckConstraint(
                condition=Q(spacing_min__gte=1) & Q(spacing_max__gte=F("spacing_min")), name="course_spacing_in_order"
            ),
        ]

    @property
    def ref(self) -> str:
        """How the audit names it."""
        return f"course:{self.pk}"

    @property
    def spacing(self) -> tuple[int, int]:
        return self.spacing_min, self.spacing_max
