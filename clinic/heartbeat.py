"""Celery's clock, leaving a sign of life: a clock that stands still looks healthy from outside.

``celery beat --scheduler clinic.heartbeat:Scheduler`` touches BEAT_HEARTBEAT at every tick;
``python -m clinic.heartbeat`` ends with 1 where the last tick is too old (a container's health check).
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from celery.beat import PersistentScheduler

MAY_PAUSE = 60  # seconds between two ticks before the clock counts as dead; `max_interval` keeps them well below


def sign_of_life() -> Path:
    return Path(os.environ.get("BEAT_HEARTBEAT") or Path(tempfile.gettempdir()) / "needlepoint-beat")


class Scheduler(PersistentScheduler):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.max_interval = min(self.max_interval or MAY_PAUSE, MAY_PAUSE / 4)

    def tick(self, *args, **kwargs):
        wait = super().tick(*args, **kwargs)
        sign_of_life().touch()
        return wait


def beats() -> bool:
    try:
        return time.time() - sign_of_life().stat().st_mtime < MAY_PAUSE
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(0 if beats() else 1)
