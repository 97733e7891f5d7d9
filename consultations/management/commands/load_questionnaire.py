from django.core.management.base import BaseCommand, CommandError

from consultations.questionnaire import QuestionnaireError, load
from consultations.services.questionnaire import publish


class Command(BaseCommand):
    help = "Publish the questions, rules and words of consultations/questionnaire/data/ as a version. Safe to repeat."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="Only check the files, write nothing.")

    def handle(self, *args, check=False, **options):
        try:
            questionnaire = load()
        except QuestionnaireError as error:
            raise CommandError(str(error)) from None
        if check:
            self.stdout.write(f"Questionnaire {questionnaire.version} is sound.")
            return
        version, is_new = publish(questionnaire)
        state = "draft, not signed off yet" if version.draft else f"signed off by {version.signed_off_by}"
        self.stdout.write(f"Questionnaire {version}: {'published' if is_new else 'already published'}; {state}.")
