"""What Celery beat fires. Plain data, so that settings can import it.

Every tick expires: a worker that was away does not find a night of them. A tick carries the instant of its expiry, by
the clock of the machine that beat runs on, so it must last longer than two machines' clocks may differ. Sweeps that
come too soon after one another drop out by the database's clock.
"""

from typing import Any

TICK_LASTS = 600  # seconds
DAY = 24 * 3600


def tick(task: str, seconds: float) -> dict[str, Any]:
    """Fired every so many seconds."""
    return {"task": task, "schedule": float(seconds), "options": {"expires": TICK_LASTS}}


def daily(task: str) -> dict[str, Any]:
    """Fired once a day; worth doing within the hour."""
    return {"task": task, "schedule": float(DAY), "options": {"expires": 3600}}


BEAT = {
    "messaging.sweep": tick("messaging.sweep", 5),
    "messaging.reconcile": tick("messaging.reconcile", 60),
    "messaging.heartbeat": tick("messaging.heartbeat", 30),
    "messaging.sync_templates": tick("messaging.sync_templates", 3600),
    "messaging.forget": daily("messaging.forget"),
}
