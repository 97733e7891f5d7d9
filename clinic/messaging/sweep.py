"""Sends everything that is due. Fired every few seconds; running it twice, or ten times at once, changes nothing."""

import datetime as dt
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone

from clinic.messaging import claiming, sending
from clinic.messaging.config import option
from clinic.messaging.models import Message
from clinic.messaging.states import State

LOCK = 0x6D657373  # "mess": the class of our advisory locks


def sweep(*, now: dt.datetime | None = None, threads: int | None = None, seconds: float | None = None) -> Counter:
    """Claims and sends until nothing is due or the time is up. Counts outcomes by name.

    With `threads=1` everything happens on the caller's connection, which is what tests inside a transaction need.
    At most `sweeps` of them run at once over all workers: the others would only wait for the provider.
    """
    slot = _take_slot()
    if slot is None:
        return Counter(busy=1)
    try:
        threads = min(threads or option("threads"), _due(now, threads or option("threads")))
        stop = time.monotonic() + (seconds or option("sweep_seconds"))
        if threads <= 1:
            total = _send_all(now, stop)
        else:
            with ThreadPoolExecutor(threads) as pool:
                total = sum(pool.map(lambda _number: _in_thread(now, stop), range(threads)), Counter())
        if settings.MESSAGE_PROVIDER == "demo":
            from clinic.messaging.channels import demo

            total["reported"] = demo.report(now=now)
        return total
    finally:
        _give_slot(slot)


def begin() -> bool:
    """Whether a sweep is wanted: False when another began a moment ago, by the database's clock. Ticks pile up while
    workers are busy or away, and two beats fire twice.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO messaging_heartbeat (component, at) VALUES ('sweep_begun', clock_timestamp()) "
            "ON CONFLICT (component) DO UPDATE SET at = EXCLUDED.at "
            "WHERE abs(extract(epoch FROM EXCLUDED.at - messaging_heartbeat.at)) >= %s RETURNING component",
            [option("apart_seconds")],
        )
        return cursor.fetchone() is not None


def _due(now: dt.datetime | None, most: int) -> int:
    """How many messages are due, up to `most`: a quiet sweep opens no further connections."""
    due = Message.objects.filter(state=State.PENDING, due_at__lte=now or timezone.now())
    return len(due.values_list("pk")[:most])


def _in_thread(now: dt.datetime | None, stop: float) -> Counter:
    try:
        return _send_all(now, stop)
    finally:
        connection.close()


def _send_all(now: dt.datetime | None, stop: float) -> Counter:
    total: Counter = Counter()
    while time.monotonic() < stop:
        try:
            claimed = claiming.claim(now=now)
        except claiming.Paced as turn:
            if now is not None or time.monotonic() + turn.seconds > stop:
                break  # a given clock does not move on
            time.sleep(turn.seconds)
            continue
        if claimed is None:
            break
        outcome = sending.deliver(claimed, now=now)
        total[outcome.result.value if outcome else "lease"] += 1
    return total


def _take_slot() -> int | None:
    """A session lock: it goes with the connection, so a killed worker never leaves it behind."""
    if not connection.in_atomic_block:
        close_old_connections()
    with connection.cursor() as cursor:
        for slot in range(option("sweeps")):
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, slot])
            if cursor.fetchone()[0]:
                return slot
    return None


def _give_slot(slot: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, slot])
