"""What Celery beat fires for messages. Plain data, so that settings can import it.

Every tick expires: a worker that was away does not find a night of them. A tick carries the instant of its expiry, by
the clock of the machine that beat runs on, so it must last longer than two machines' clocks may differ. Sweeps that
come too soon after one another drop out by the database's clock.
"""

TICK_LASTS = 600  # seconds

BEAT = {
    "messaging.sweep": {"task": "messaging.sweep", "schedule": 5.0, "options": {"expires": TICK_LASTS}},
    "messaging.reconcile": {"task": "messaging.reconcile", "schedule": 60.0, "options": {"expires": TICK_LASTS}},
    "messaging.heartbeat": {"task": "messaging.heartbeat", "schedule": 30.0, "options": {"expires": TICK_LASTS}},
    "messaging.forget": {"task": "messaging.forget", "schedule": 24 * 3600.0, "options": {"expires": 3600}},
}
