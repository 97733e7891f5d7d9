"""Locks in one order, for a short time, with a friendly refusal.

Whoever takes a resource's time first locks the resource rows in id order, then appointments. Bare inserts against the
exclusion constraint deadlock by the thousand under a stampede; ordered locks do not.
"""

import functools
from collections.abc import Callable, Iterable
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from clinic.errors import DomainError

WAIT = "1500ms"
_LOCK_TIMEOUT, _DEADLOCK, _SERIALIZATION = "55P03", "40P01", "40001"


class Overtaken(Exception):
    """What was locked is no longer what is needed: `one_transaction` begins anew."""


def busy() -> DomainError:
    return DomainError(
        "busy",
        _("Many people are booking right now. Nothing you entered is lost. Please try again in a moment."),
        status=409,
    )


def wait_shortly() -> None:
    """From here to the end of the transaction nothing waits longer than WAIT for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{WAIT}'")


# Sent ahead of a look at the diaries. NO KEY UPDATE, so that foreign keys to the rows are not held up.
LOCK = f"""
SET LOCAL lock_timeout = '{WAIT}';
SELECT id FROM bookings_resource WHERE id = ANY (%(ids)s) ORDER BY id FOR NO KEY UPDATE;
"""  # noqa: S608 - our own text


def lock_resources(identifiers: Iterable[int | None]) -> None:
    """Locks resource rows in id order, waiting for each no longer than WAIT."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, {"ids": in_order(identifiers)})


def in_order(identifiers: Iterable[int | None]) -> list[int]:
    return sorted({one for one in identifiers if one is not None})


def one_transaction(service: Callable[..., Any]) -> Callable[..., Any]:
    """One transaction with a short lock timeout; a lost lock is tried once more, then refused as `busy`."""
    return _guarded(service, wait_shortly)


def one_transaction_locking_first(service: Callable[..., Any]) -> Callable[..., Any]:
    """The same for a service that sends LOCK before anything that could wait: the timeout comes with it."""
    return _guarded(service, lambda: None)


def _guarded(service: Callable[..., Any], begin: Callable[[], None]) -> Callable[..., Any]:
    @functools.wraps(service)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        for attempt in (1, 2):
            try:
                with transaction.atomic():
                    begin()
                    return service(*args, **kwargs)
            except (OperationalError, Overtaken) as problem:
                if not _worth_another_try(problem):
                    raise
                if attempt == 2:
                    raise busy() from problem
        return None  # not reached

    return guarded


def _worth_another_try(problem: Exception) -> bool:
    lost = (_LOCK_TIMEOUT, _DEADLOCK, _SERIALIZATION)
    return isinstance(problem, Overtaken) or getattr(problem.__cause__, "pgcode", "") in lost
