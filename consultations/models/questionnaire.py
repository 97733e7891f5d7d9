import uuid

from django.db import models


class QuestionnaireVersion(models.Model):
    """A published questionnaire: its whole content, never changed. Forms point to the version they were asked with."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.CharField(max_length=32, unique=True)
    content_hash = models.CharField(max_length=64, unique=True)
    content = models.JSONField()
    published_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.version
