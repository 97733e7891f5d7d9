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
    "forget_days": 90,
    # The day's breaker: from midnight UTC, over all phone channels. What a segment (sms) or message (whatsapp) costs is
    # in cents of the account's currency, by country; * stands for every other one.
    "daily_messages": 5000,
    "daily_cents": 20_000,
    "sms_cents": {"*": 10},
    "whatsapp_cents": {"*": 5},
    # How fast one sender may go, in messages a second; 0 for no limit of ours.
    "sms_per_second": 1,
    "whatsapp_per_second": 80,
    # What one number may get on SMS and WhatsApp together, and all numbers that begin with the same digits (country code
    # included). A normal course stays far below; a loop does not.
    "hourly_per_number": 30,
    "daily_per_number": 60,
    "hourly_per_prefix": 200,
    "prefix_digits": 7,
    # Answers that no person wrote: two robots must not talk for ever.
    "hourly_answers": 6,
    "daily_answers": 20,
    "emergency_minutes": 10,  # the emergency text is given again after this long, and never capped
    # Numbers that somebody typed, over all pages: how many with the same first digits an hour.
    "hourly_codes_per_prefix": 20,
    "hourly_typed_per_prefix": 40,
}


def option(name: str) -> Any:
    return {**DEFAULTS, **getattr(settings, "MESSAGING", {})}[name]
