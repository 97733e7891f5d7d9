"""Published questionnaires. What was published is never changed: the database refuses it."""

from functools import cache

from django.db import models

from consultations.questionnaire import Questionnaire, as_published, current


class QuestionnaireVersions(models.Manager):
    def current(self) -> "QuestionnaireVersion":
        """The row of the questionnaire this release asks. ``load_questionnaire`` publishes it at every start."""
        return self.get(content_hash=current().content_hash)


class QuestionnaireVersion(models.Model):
    """One version of all questions, rules and words, as it was published.

    Only the sign-off may be added later, once. Every filled-in form points at the version it was asked with.
    """

    version = models.CharField(max_length=40, unique=True)
    content = models.JSONField()
    content_hash = models.CharField(max_length=64, unique=True)
    published_at = models.DateTimeField()
    draft = models.BooleanField(default=True)
    signed_off_by = models.CharField(max_length=200, blank=True, default="")
    signed_off_on = models.DateField(null=True, blank=True)

    objects = QuestionnaireVersions()

    class Meta:
        ordering = ["-published_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="questionnaire_signed_whole",
                condition=models.Q(signed_off_by="", signed_off_on=None, draft=True)
                | (~models.Q(signed_off_by="") & models.Q(signed_off_on__isnull=False, draft=False)),
            )
        ]

    def __str__(self) -> str:
        return self.version

    def questionnaire(self) -> Questionnaire:
        """The questions, rules and words of this version, ready to ask and to weigh."""
        return _built(self.content_hash)


@cache
def _built(content_hash: str) -> Questionnaire:
    return as_published(QuestionnaireVersion.objects.values_list("content", flat=True).get(content_hash=content_hash))
