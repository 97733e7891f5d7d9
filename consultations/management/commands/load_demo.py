"""Loads the demo clinic into an empty database."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bookings.models import Location
from consultations.demo import cast, loader


class Command(BaseCommand):
    help = "Loads a demo clinic with a diary around today. Does nothing where a clinic exists already."

    def handle(self, **options) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo clinic has published passwords, so it is not loaded in production.")
        if Location.objects.exists():
            self.stdout.write("A clinic is there already; nothing was loaded.")
            return
        counts = loader.load()
        shown = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
        self.stdout.write(f"Demo clinic loaded: {len(cast.PATIENTS)} patients, visits: {shown}.")
