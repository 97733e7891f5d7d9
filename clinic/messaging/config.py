"""The outbox's own numbers. `settings.MESSAGING` overrides any of them; the tests squeeze minutes into seconds."""

from typing import Any

from django.conf import settings

DEFAULTS: dict[str, Any] = {
    "lease_seconds": 60,  # how long a claimed message belongs to its sender
    "margin_seconds": 15,  # the POST is not begun with less of the lease left: connect + read timeouts
    "doubt_seconds": 300,  # after the lease, before an outcome nobody saw is looked up
    "absent_seconds": 60,  # between the first and the second look
    "poll_seconds": [900, 7200],  # asking after what is not final
    "ask_again_seconds": 600,  # where the provider did not say
    "backoff_seconds": [5, 30, 120, 600, 1800],
    "connect_timeout": 3.05,
    "read_timeout": 10.0,
    "threads": 8,
    "lookers": 4,  # threads that settle what is in doubt
    "sweeps": 2,  # how many sweeps may send at once, over all workers
    "sweep_seconds": 45,
    "apart_seconds": 2,  # between the beginnings of two sweeps; ticks that come sooner have piled up and are dropped
    "daily_messages": 5000,  # the spend breaker: segments a day
    "forget_days": 90,
}


def option(name: str) -> Any:
    return {**DEFAULTS, **getattr(settings, "MESSAGING", {})}[name]
