from django.core.management.base import BaseCommand, CommandError

from treatments.catalogue import ContentError, read
from treatments.loading import load_catalogue


class Command(BaseCommand):
    help = (
        "Bring the treatments, areas, prices and care texts of treatments/content/ into the database. Safe to repeat."
    )

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="Only check the files, write nothing.")

    def handle(self, *args, check=False, **options):
        try:
            catalogue = read()
        except ContentError as error:
            raise CommandError(str(error)) from None
        if check:
            self.stdout.write("The content files are in order.")
            return
        loaded = load_catalogue(catalogue)
        self.stdout.write(f"Catalogue {catalogue.version}: {loaded.written} written, {loaded.unchanged} unchanged.")
