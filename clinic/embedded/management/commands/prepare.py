"""Everything between an empty database and the first page: safe to repeat, quick when there is nothing to do."""

import io

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection, transaction

from clinic.embedded.assets import collect_static, compile_translations

LOADERS = ("load_catalogue", "load_questionnaire")  # reference data, loaded at every start
DEMO_LOADER = "load_demo"  # people and appointments, only into an empty database


class Command(BaseCommand):
    help = "Migrates, loads reference and demo data, compiles translations and collects static files."
    requires_system_checks = ()

    def add_arguments(self, parser) -> None:
        parser.add_argument("--assets-only", action="store_true", help="Leave the database alone (image builds).")

    def handle(self, *, assets_only: bool, **options) -> None:
        compile_translations(settings.LOCALE_PATHS)
        collect_static(settings.VAR_DIR / "run" / "static.stamp")
        if not assets_only:
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
        if settings.DEMO and not get_user_model().objects.exists():
            with transaction.atomic():  # half a demo clinic would pass for a whole one at the next start
                self.load(DEMO_LOADER)

    def load(self, name: str) -> None:
        if name in get_commands():
            call_command(name, verbosity=0, stdout=io.StringIO())
        else:
            self.stdout.write(f"{name} is not part of this build; left out.")
