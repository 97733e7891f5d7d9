"""Limits that hold with any number of workers: counters taken by one upsert, and channels that stand still."""

import datetime as dt
import time

from django.db import connection
from django.utils import timezone

from clinic.messaging.models import ChannelState, RateBucket

_seen: dict[str, object] = {"until": 0.0, "paused": ()}


def take(key: str, *, limit: int, window: dt.timedelta, amount: int = 1, now: dt.datetime | None = None) -> bool:
    """Counts `amount` against `limit` in the fixed window that holds `now`; False (counted all the same) when it is
    used up.
    """
    now = now or timezone.now()
    start = dt.datetime.fromtimestamp(now.timestamp() // window.total_seconds() * window.total_seconds(), dt.UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO messaging_ratebucket (key, "window", used) VALUES (%s, %s, %s) '
            "ON CONFLICT ON CONSTRAINT rate_bucket_once DO UPDATE SET used = messaging_ratebucket.used + EXCLUDED.used "
            "RETURNING used",
            [key, start, amount],
        )
        return cursor.fetchone()[0] <= limit


def paused(*, now: dt.datetime | None = None) -> tuple[str, ...]:
    """Channels that stand still. Remembered for a second, as every claim asks."""
    if now is None and time.monotonic() < _seen["until"]:
        return _seen["paused"]
    found = tuple(ChannelState.objects.filter(paused_until__gt=now or timezone.now()).values_list("channel", flat=True))
    if now is None:
        _seen.update(until=time.monotonic() + 1, paused=found)
    return found


def pause(channel: str, *, reason: str, until: dt.datetime, now: dt.datetime | None = None) -> None:
    ChannelState.objects.update_or_create(
        channel=channel, defaults={"paused_until": until, "reason": reason, "since": now or timezone.now()}
    )
    _seen["until"] = 0.0


def reset(channel: str) -> None:
    """A person has looked and opens the channel again; after the spend breaker, with a fresh day's allowance."""
    if ChannelState.objects.filter(channel=channel, reason="spend").exists():
        RateBucket.objects.filter(key="spend").delete()
    ChannelState.objects.filter(channel=channel).update(paused_until=None, reason="", since=None)
    _seen["until"] = 0.0
