"""Sends what is due and settles what is in doubt, without Celery: for a clinic without workers, and for drills."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from clinic.messaging.config import option
from clinic.messaging.reconcile import poll, reconcile
from clinic.messaging.sweep import sweep
from clinic.messaging.tasks import beat


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on until stopped")
        parser.add_argument("--pause", type=float, default=5.0, help="seconds between two rounds")
        parser.add_argument("--threads", type=int, default=None)

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            sent = sweep(threads=options["threads"])
            beat("sweep")
            settled = reconcile(threads=option("lookers"))
            beat("reconcile")
            asked = poll()
            if not options["loop"]:
                self.stdout.write(f"{dict(sent)} {settled} asked after {asked}")
                return
            time.sleep(options["pause"])
