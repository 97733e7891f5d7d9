"""Publishes today's questionnaire, once per content."""

from django.core.management.base import BaseCommand

from consultations.models import QuestionnaireVersion
from consultations.questionnaire import current


class Command(BaseCommand):
    help = "Publishes the questionnaire of this release."

    def handle(self, **options) -> None:
        now = current()
        _row, new = QuestionnaireVersion.objects.get_or_create(
            content_hash=now.content_hash, defaults={"version": now.version, "content": dict(now.content)}
        )
        self.stdout.write(f"Questionnaire {now.version}: {'published' if new else 'published before'}.")
