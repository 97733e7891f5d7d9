"""Writing the audit. A row that cannot be written stops the act it belongs to."""

from collections.abc import Iterable
from contextlib import contextmanager
from typing import Any

from django.db import connection

from clinic.audit.models import Entry
from clinic.people.access import SYSTEM, Actor


def record(
    action: str,
    *,
    subject: str,
    actor: Actor | None = None,
    fields: Iterable[str] = (),
    detail: dict[str, Any] | None = None,
    purpose: str = "",
) -> Entry:
    """One row, in the caller's transaction. ``subject`` is ``kind:id``. Give codes, never answers or contacts."""
    row = entry(action, subject=subject, actor=actor, fields=fields, detail=detail, purpose=purpose)
    row.save(force_insert=True)
    return row


def entry(
    action: str,
    *,
    subject: str,
    actor: Actor | None = None,
    fields: Iterable[str] = (),
    detail: dict[str, Any] | None = None,
    purpose: str = "",
) -> Entry:
    """The same, not yet written: for whoever writes it together with what it is about."""
    return Entry(
        actor=(actor or SYSTEM).label,
        action=action,
        subject=subject,
        fields=sorted(fields),
        detail=detail or {},
        purpose=purpose,
    )


def act_as(actor: Actor | None) -> None:
    """Names the actor for the row triggers until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('needlepoint.actor', %s, true)", [(actor or SYSTEM).label])


@contextmanager
def acting(actor: Actor | None):
    """``with transaction.atomic(), acting(actor): …``"""
    act_as(actor)
    yield


@contextmanager
def erasing():
    """Inside a transaction: rows of erasable append-only tables may be deleted with the person they speak of."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('needlepoint.maintenance', 'erasure', true)")
        yield
        cursor.execute("SELECT set_config('needlepoint.maintenance', '', true)")
