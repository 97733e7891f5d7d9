"""What Celery beat fires for messages. Plain data, so that settings can import it.

Every task expires before its next tick: a worker that was away finds one tick to do, not a night of them.
"""

BEAT = {
    "messaging.sweep": {"task": "messaging.sweep", "schedule": 5.0, "options": {"expires": 5}},
    "messaging.reconcile": {"task": "messaging.reconcile", "schedule": 60.0, "options": {"expires": 60}},
    "messaging.heartbeat": {"task": "messaging.heartbeat", "schedule": 30.0, "options": {"expires": 30}},
    "messaging.sync_templates": {"task": "messaging.sync_templates", "schedule": 3600.0, "options": {"expires": 600}},
    "messaging.forget": {"task": "messaging.forget", "schedule": 24 * 3600.0, "options": {"expires": 3600}},
}
