"""Everything between an empty database and the first page: safe to repeat, quick when there is nothing to do."""

import hashlib
import io
import os
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection, transaction
from django.utils.module_loading import import_string

from clinic.embedded.assets import collect_static, compile_translations, translation_folders
from clinic.embedded.places import write_private

LOADERS = ("load_catalogue", "load_questionnaire")  # reference data, loaded at every start
DEMO_LOADER = "load_demo"  # people and appointments; does nothing where a clinic exists already
DEMO_PASSWORD = "consultations.demo.cast.PASSWORD"  # tied by name: the ground imports from no floor above it


class Command(BaseCommand):
    help = "Migrates, loads reference and demo data, compiles translations and collects static files."
    requires_system_checks = ()

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--only", choices=("assets", "database"), help="Images: assets at build, database at start."
        )

    def handle(self, *, only: str | None, **options) -> None:
        if only != "database":
            compile_translations(translation_folders())
            collect_static(settings.VAR_DIR / "run" / "static.stamp")
        if only != "assets":
            self.fill_database()

    def fill_database(self) -> None:
        try:
            connection.ensure_connection()
        except OperationalError as problem:
            where = "{HOST}:{PORT}".format(**settings.DATABASES["default"])
            raise CommandError(f"The database on {where} does not let us in: {str(problem).strip()}") from None
        call_command("check", stdout=io.StringIO())
        call_command("migrate", interactive=False, verbosity=0)
        for name in LOADERS:
            self.load(name)
        if settings.DEMO and not settings.PRODUCTION:
            with transaction.atomic():  # half a demo clinic would pass for a whole one at the next start
                self.load(DEMO_LOADER)
            self.note_sign_ins()

    def load(self, name: str) -> None:
        call_command(name, verbosity=0, stdout=io.StringIO())

    def note_sign_ins(self) -> None:
        """Leave the demo's sign-ins where ``manage.py up`` prints them from; accounts with another password stay out."""
        path = os.environ.get("DEMO_SIGN_INS_FILE")
        if not path:
            return
        password = import_string(DEMO_PASSWORD)
        users = get_user_model().objects.filter(is_active=True).order_by("role", "email")[:20]
        # Checking passwords is slow on purpose, so it is done again only when one of them changed.
        seen = hashlib.sha256(
            "".join(f"{user.email} {user.role} {user.password}\n" for user in users).encode()
        ).hexdigest()
        text, key = Path(path), Path(f"{path}.seen")
        if text.exists() and key.exists() and key.read_text() == seen:
            return
        rows = [f"  {user.role:<13} {user.email:<32} {password}" for user in users if user.check_password(password)]
        write_private(text, "\n".join(rows))
        write_private(key, seen)
