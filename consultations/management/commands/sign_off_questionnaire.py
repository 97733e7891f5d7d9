import datetime as dt

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic.errors import DomainError
from consultations.models import QuestionnaireVersion
from consultations.services.questionnaire import sign_off


class Command(BaseCommand):
    help = "Write a clinician's name under today's questions and rules. Once for each version; it can't be taken back."

    def add_arguments(self, parser):
        parser.add_argument("--name", required=True, help="The clinician who has read the rules and stands for them.")
        parser.add_argument("--on", type=dt.date.fromisoformat, help="The day of the signature, YYYY-MM-DD; today.")

    def handle(self, *args, name, on=None, **options):
        try:
            version = QuestionnaireVersion.objects.current()
            version = sign_off(version, name=name, on=on or timezone.localdate())
        except QuestionnaireVersion.DoesNotExist:
            raise CommandError("Nothing is published yet: run load_questionnaire first.") from None
        except DomainError as refusal:
            said = [str(one) for sentences in refusal.fields.values() for one in sentences]
            raise CommandError(" ".join(said) or str(refusal)) from None
        self.stdout.write(f"Questionnaire {version}: signed off by {version.signed_off_by} on {version.signed_off_on}.")
