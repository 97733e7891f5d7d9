"""Answers remembered for a repeated request, and traces of holds; both forgotten after a day."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.models import HoldTrace, IdempotentRequest
from bookings.selectors.books import forget_changes
from clinic.errors import DomainError, Invalid, problem

KEPT = timedelta(hours=24)
LONGEST_KEY = 200
Answer = tuple[int, dict[str, Any]]


def once(key: str, *, scope: str, body: Any, act: Callable[[], Answer]) -> Answer:
    """The answer to a request, made once per key and scope however often it is sent, side by side too.

    The key's row and the act share a transaction: whoever comes second waits for the first and gets its answer. A key
    sent again with another body is refused (422 `key_reused`). A refusal is remembered like any answer, except `busy`,
    which invites another try.
    """
    if not key.strip() or len(key) > LONGEST_KEY:
        raise Invalid({"Idempotency-Key": [_("Give a key of 1 to 200 characters.")]}, code="key_invalid")
    key_hash = hashlib.sha256(f"{scope}\0{key}".encode()).hexdigest()
    body_hash = hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()
    with transaction.atomic():
        fresh = IdempotentRequest(key_hash=key_hash, body_hash=body_hash)
        IdempotentRequest.objects.bulk_create([fresh], ignore_conflicts=True)
        row = IdempotentRequest.objects.get(key_hash=key_hash)
        if row.body_hash != body_hash:
            raise DomainError(
                "key_reused", _("This Idempotency-Key was used with another request before. Use a new one."), status=422
            )
        if row.status is not None:
            return row.status, row.answer
        row.status, row.answer = _act(act)
        row.save(update_fields=["status", "answer"])
        return row.status, row.answer


def _act(act: Callable[[], Answer]) -> Answer:
    try:
        with transaction.atomic():
            return act()
    except DomainError as refusal:
        if refusal.code == "busy" or refusal.status == 429:
            raise
        return refusal.status, problem(refusal)


def forget_old() -> int:
    """Removes what is older than a day."""
    since = timezone.now() - KEPT
    return (
        IdempotentRequest.objects.filter(created_at__lt=since).delete()[0]
        + HoldTrace.objects.filter(created_at__lt=since).delete()[0]
        + forget_changes()
    )
