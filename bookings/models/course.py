"""Several sessions that belong together, of one treatment or of several."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from treatments.models import Area, Modality


class Course(models.Model):
    """A course as it was booked. Its visits are the appointments that name it, each with its number from 1 on.

    Each visit has its own treatment and areas; `modality` is the one given most and `areas` are all of them. `gaps` are
    least and most local days between neighbours, as they held when it was booked; empty where every gap is `spacing_min`
    to `spacing_max`, which are the widest bounds in any case.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, related_name="courses")
    modality = models.ForeignKey(Modality, on_delete=models.PROTECT, related_name="courses")
    areas = models.ManyToManyField(Area, related_name="courses")
    sessions = models.PositiveSmallIntegerField()
    spacing_min = models.PositiveSmallIntegerField()
    spacing_max = models.PositiveSmallIntegerField()
    gaps = ArrayField(ArrayField(models.PositiveSmallIntegerField(), size=2), default=list, blank=True)
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

    def gaps_between(self, earlier: int, later: int) -> list[tuple[int, int]]:
        """The bounds of every gap from one session's number to a later one's."""
        every = [tuple(gap) for gap in self.gaps] or [self.spacing] * (self.sessions - 1)
        return every[earlier - 1 : later - 1]

    @property
    def is_mixed(self) -> bool:
        return bool(self.gaps)

    @property
    def spacing(self) -> tuple[int, int]:
        return self.spacing_min, self.spacing_max
