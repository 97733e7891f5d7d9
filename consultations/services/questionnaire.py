"""Publishing a questionnaire, and a clinician's name under it."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.audit.services import record
from clinic.errors import DomainError, Invalid
from clinic.people.access import Actor
from consultations.models import QuestionnaireVersion
from consultations.questionnaire import Questionnaire


@transaction.atomic
def publish(
    questionnaire: Questionnaire, *, actor: Actor | None = None, now: datetime | None = None
) -> tuple[QuestionnaireVersion, bool]:
    """Keep this questionnaire for good, and say whether it is new. The same content is published once."""
    version, is_new = QuestionnaireVersion.objects.get_or_create(
        content_hash=questionnaire.content_hash,
        defaults={
            "version": questionnaire.version,
            "content": questionnaire.content,
            "published_at": now or timezone.now(),
        },
    )
    if is_new:
        record("questionnaire.publish", subject=f"questionnaire:{version.version}", actor=actor)
    return version, is_new


@transaction.atomic
def sign_off(version: QuestionnaireVersion, *, name: str, on: date, actor: Actor | None = None) -> QuestionnaireVersion:
    """A clinician of the clinic takes responsibility for a version: the name and the day, once."""
    if not name.strip():
        raise Invalid({"name": [_("Write the name of the clinician who signs.")]})
    version = QuestionnaireVersion.objects.select_for_update().get(pk=version.pk)
    if not version.draft:
        raise DomainError("already_signed", _("This version is signed already. Publish a new one to change it."))
    version.signed_off_by, version.signed_off_on, version.draft = name.strip(), on, False
    version.save(update_fields=["signed_off_by", "signed_off_on", "draft"])
    record("questionnaire.sign_off", subject=f"questionnaire:{version.version}", actor=actor)
    return version
