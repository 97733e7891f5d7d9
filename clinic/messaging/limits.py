"""Limits that hold with any number of workers: counters taken by one upsert, and channels that stand still."""

import datetime as dt
import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.utils import timezone

from clinic.messaging.models import ChannelState, RateBucket

_seen: dict[str, tuple[float, Any]] = {}


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


def remembered(name: str, find: Callable[[], Any], *, fresh: dt.datetime | None, seconds: int = 1) -> Any:
    """What every claim asks is asked of the database once a second and process. A given clock asks each time."""
    if abs((fresh or timezone.now()) - timezone.now()) > dt.timedelta(seconds=5):
        return find()
    until, value = _seen.get(name, (0.0, None))
    if time.monotonic() >= until:
        value = find()
        remember(name, value, seconds=seconds)
    return value


def remember(name: str, value: Any, *, seconds: float) -> None:
    _seen[name] = (time.monotonic() + seconds, value)


def forget_remembered() -> None:
    _seen.clear()


def paused(*, now: dt.datetime | None = None) -> tuple[str, ...]:
    """Channels that stand still."""
    moment = now or timezone.now()
    standing = ChannelState.objects.filter(paused_until__gt=moment).order_by("channel")
    return remembered("paused", lambda: tuple(standing.values_list("channel", flat=True)), fresh=now)


def pause(channel: str, *, reason: str, until: dt.datetime, now: dt.datetime | None = None) -> None:
    ChannelState.objects.update_or_create(
        channel=channel, defaults={"paused_until": until, "reason": reason, "since": now or timezone.now()}
    )
    forget_remembered()


def reset(channel: str) -> None:
    """A person has looked and opens the channel again; after the spend breaker, with a fresh day's allowance."""
    if ChannelState.objects.filter(channel=channel, reason="spend").exists():
        RateBucket.objects.filter(key="spend").delete()
    ChannelState.objects.filter(channel=channel).update(paused_until=None, reason="", since=None)
    forget_remembered()
