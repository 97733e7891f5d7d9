"""Limits that hold with any number of workers: counters taken by one upsert, and channels that stand still."""

import datetime as dt
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from clinic.messaging.config import option
from clinic.messaging.models import Channel, ChannelState, RateBucket

DAY = dt.timedelta(days=1)
SPEND = "spend"  # the reason of a pause because a day's allowance is used up
CREDENTIALS = "credentials"
COUNTERS = ("spend", "spend:cents")  # of a day: segments, and hundredths of a cent
# How long a refused account rests, by how long it has been refused already.
RESTS = ((dt.timedelta(minutes=5), dt.timedelta(minutes=5)), (dt.timedelta(minutes=20), dt.timedelta(minutes=15)))
LONG_REST = dt.timedelta(hours=1)

_seen: dict[str, tuple[float, Any]] = {}


@dataclass(frozen=True)
class Want:
    """One more of something of which `limit` fit into a `window`. `name` says which limit it is; keys hold no number."""

    name: str
    key: str
    limit: int
    window: dt.timedelta
    amount: int = 1


def window_of(moment: dt.datetime, window: dt.timedelta) -> dt.datetime:
    """When the fixed window began that holds `moment`."""
    seconds = window.total_seconds()
    return dt.datetime.fromtimestamp(moment.timestamp() // seconds * seconds, dt.UTC)


def take(key: str, *, limit: int, window: dt.timedelta, amount: int = 1, now: dt.datetime | None = None) -> bool:
    """Counts `amount` against `limit` in the fixed window that holds `now`; False (counted all the same) when it is
    used up.
    """
    want = Want(key, key, limit, window, amount)
    return count([want], now=now or timezone.now())[key] <= limit


def take_all(wants: Iterable[Want], *, now: dt.datetime) -> Want | None:
    """Counts one more against each of them, or against none: then the first that is used up comes back.

    Rows are locked in the order of their keys, so takers of the same limits never wait for each other in a circle.
    """
    wants = list(wants)
    if not wants:
        return None
    with transaction.atomic(savepoint=False):
        used = count(wants, now=now)
        full = next((one for one in wants if used[one.key] > one.limit), None)
        if full:
            give_back(wants, taken=now)
    return full


def give_back(wants: Iterable[Want], *, taken: dt.datetime) -> None:
    """What was taken at that moment did not happen after all."""
    for one in sorted(wants, key=lambda want: want.key):
        RateBucket.objects.filter(key=one.key, window=window_of(taken, one.window), used__gte=one.amount).update(
            used=F("used") - one.amount
        )


def count(wants: Iterable[Want], *, now: dt.datetime) -> dict[str, int]:
    """Key → how much is used in its window now, these included. One statement."""
    ordered = sorted(wants, key=lambda want: want.key)
    keys, windows, amounts = zip(*((one.key, window_of(now, one.window), one.amount) for one in ordered), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO messaging_ratebucket (key, "window", used) '
            "SELECT * FROM unnest(%s::text[], %s::timestamptz[], %s::int[]) "
            "ON CONFLICT ON CONSTRAINT rate_bucket_once DO UPDATE SET used = messaging_ratebucket.used + EXCLUDED.used "
            "RETURNING key, used",
            [list(keys), list(windows), list(amounts)],
        )
        return dict(cursor.fetchall())


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


def same_account(channel: str) -> list[str]:
    """Channels that stand and fall with the same credentials."""
    return [Channel.EMAIL] if channel == Channel.EMAIL else [Channel.SMS, Channel.WHATSAPP]


def standing() -> list[ChannelState]:
    return list(ChannelState.objects.exclude(reason="").order_by("channel"))


def _standing(fresh: dt.datetime | None) -> list[ChannelState]:
    return remembered("standing", standing, fresh=fresh)


def paused(*, now: dt.datetime | None = None, but: str = "") -> tuple[str, ...]:
    """Channels that stand still, for any reason `but` one."""
    moment = now or timezone.now()
    return tuple(row.channel for row in _standing(now) if _rests(row, moment) and row.reason != but)


def _rests(row: ChannelState, now: dt.datetime) -> bool:
    return row.paused_until is not None and row.paused_until > now


def pause(channel: str, *, reason: str, until: dt.datetime, now: dt.datetime | None = None) -> None:
    """`since` stays the first moment for as long as the reason is the same."""
    now = now or timezone.now()
    row, new = ChannelState.objects.get_or_create(
        channel=channel, defaults={"paused_until": until, "reason": reason, "since": now}
    )
    if not new:
        row.since = row.since if row.since and row.reason == reason and reason == CREDENTIALS else now
        row.paused_until, row.reason = until, reason
        row.save()
    forget_remembered()


def refused(channel: str, *, now: dt.datetime) -> None:
    """Our credentials were refused: every channel of the account rests, longer the longer it has been refused."""
    known = ChannelState.objects.filter(channel__in=same_account(channel), reason=CREDENTIALS)
    since = known.order_by("since").values_list("since", flat=True).first() or now
    rest = next((rest for younger, rest in RESTS if now - since < younger), LONG_REST)
    for one in same_account(channel):
        pause(one, reason=CREDENTIALS, until=now + rest, now=now)


def may_begin(channel: str, *, now: dt.datetime | None = None) -> bool:
    """False while somebody else tries an account that was refused: after each rest one message goes, not a burst.

    Call it in the claim's transaction. A trial whose end nobody saw makes room for the next one after a lease.
    """
    if not any(row.channel == channel and row.reason == CREDENTIALS for row in _standing(now)):
        return True
    moment = now or timezone.now()
    locked = ChannelState.objects.select_for_update().filter(channel__in=same_account(channel), reason=CREDENTIALS)
    rows = list(locked.order_by("channel"))
    mine = not any(_rests(row, moment) for row in rows)
    if rows and mine:
        trial = moment + dt.timedelta(seconds=option("lease_seconds"))
        ChannelState.objects.filter(pk__in=[row.pk for row in rows]).update(paused_until=trial)
    forget_remembered()
    return mine


def answered(channel: str, *, now: dt.datetime | None = None) -> None:
    """The provider dealt with one of our messages, so it knows us: what rested for that reason opens."""
    if any(row.channel == channel and row.reason == CREDENTIALS for row in _standing(now)):
        _open(ChannelState.objects.filter(channel__in=same_account(channel), reason=CREDENTIALS))


def reset(channel: str) -> None:
    """A person has looked and opens the channel again, with those that stand still for the same reason. After the spend
    breaker the day's allowance begins anew; what was sent today stays on record.
    """
    reason = ChannelState.objects.filter(channel=channel).values_list("reason", flat=True).first()
    if reason == SPEND:
        for key in COUNTERS:
            if row := RateBucket.objects.filter(key=key).order_by("-window").first():
                RateBucket.objects.update_or_create(key=f"{key}:before", window=row.window, defaults={"used": row.used})
    if reason:
        shared = [channel, *same_account(channel)] if reason in {SPEND, CREDENTIALS} else [channel]
        _open(ChannelState.objects.filter(channel__in=shared, reason=reason))


def _open(rows: Any) -> None:
    rows.update(paused_until=None, reason="", since=None)
    forget_remembered()
