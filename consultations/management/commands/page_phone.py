from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.errors import Invalid
from clinic.people.access import SYSTEM
from clinic.people.models import User
from clinic.people.roles import Role
from consultations.services.paging_numbers import remove_number, set_number


class Command(BaseCommand):
    help = (
        "Set the mobile number on which a practitioner is paged about urgent reports, besides email; or take it away. "
        "The page /events/paging/ does the same."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("number", nargs="?", help="with country code; left out: no text messages")

    def handle(self, *args: Any, email: str, number: str | None = None, **options: Any) -> None:
        user = User.objects.filter(email=email.casefold(), role=Role.PRACTITIONER).first()
        if user is None:
            raise CommandError("There is no practitioner with this email address.")
        if not number:
            remove_number(user, actor=SYSTEM)
        else:
            try:
                set_number(user, number, actor=SYSTEM)
            except Invalid as refusal:
                raise CommandError(str(refusal.fields["phone"][0])) from None
        self.stdout.write(f"{user.name}: paged by email{' and text message' if number else ' only'}.")
