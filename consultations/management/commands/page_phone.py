from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from clinic.audit.services import record
from clinic.errors import Invalid
from clinic.people.models import StaffPhone, User
from clinic.people.phones import normalise
from clinic.people.roles import Role


class Command(BaseCommand):
    help = (
        "Set the mobile number on which a practitioner is paged about urgent reports, besides email; or take it away."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("number", nargs="?", help="with country code; left out: no text messages")

    @transaction.atomic
    def handle(self, *args: Any, email: str, number: str | None = None, **options: Any) -> None:
        user = User.objects.filter(email=email.casefold(), role=Role.PRACTITIONER).first()
        if user is None:
            raise CommandError("There is no practitioner with this email address.")
        StaffPhone.objects.filter(user=user).delete()
        if number:
            try:
                StaffPhone.objects.create(user=user, number=normalise(number))
            except Invalid as refusal:
                raise CommandError(str(refusal.fields["phone"][0])) from None
        record("user.page_phone", subject=f"user:{user.pk}", detail={"set": bool(number)})
        self.stdout.write(f"{user.name}: paged by email{' and text message' if number else ' only'}.")
