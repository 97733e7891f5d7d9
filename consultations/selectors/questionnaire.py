"""Which version of the questionnaire is asked now."""

from consultations.models import QuestionnaireVersion
from consultations.questionnaire import current


def published_version() -> QuestionnaireVersion:
    """The published row of today's questionnaire. DoesNotExist until ``load_questionnaire`` has run."""
    return QuestionnaireVersion.objects.get(content_hash=current().content_hash)
