from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clinic.audit.services import record
from clinic.people.models import User
from clinic.people.roles import Role


class Command(BaseCommand):
    help = "Give a practitioner the right to decide against a rule's or a colleague's no, or take it away."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("--take-away", action="store_true")

    @transaction.atomic
    def handle(self, *args, email, take_away=False, **options):
        user = User.objects.select_for_update().filter(email=email.casefold(), role=Role.PRACTITIONER).first()
        if user is None:
            raise CommandError("There is no practitioner with this email address.")
        user.may_override = not take_away
        user.save(update_fields=["may_override"])
        record("user.override", subject=f"user:{user.pk}", detail={"may": user.may_override})
        self.stdout.write(f"{user.name}: {'may' if user.may_override else 'may not'} decide against a no.")
