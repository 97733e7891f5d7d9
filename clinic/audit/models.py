from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Entry(models.Model):
    """One act. ``fields`` are names, never values; ``detail`` holds codes such as states and rule ids.

    The database refuses UPDATE and DELETE.
    """

    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=64)
    action = models.CharField(max_length=64)
    subject = models.CharField(max_length=96)
    fields = ArrayField(models.CharField(max_length=64), default=list, db_default=[])
    detail = models.JSONField(default=dict, db_default={})
    purpose = models.CharField(max_length=64, blank=True, db_default="")

    class Meta:
        indexes = [models.Index(fields=["subject", "at"]), models.Index(fields=["actor", "at"])]
        verbose_name_plural = "entries"
