"""Texts are kept for a limited time; that a message was sent, and what became of it, stays."""

import datetime as dt

from django.db.models import Q
from django.utils import timezone

from clinic.messaging.config import option
from clinic.messaging.models import InboundEvent, Message, RateBucket
from clinic.messaging.states import OUT, REFUSED, SETTLED

BATCH = 500
CODES = dt.timedelta(hours=24)


def forget(*, now: dt.datetime | None = None) -> int:
    """Empties bodies and variables of old messages, drops old webhooks and counters. Returns how many bodies went."""
    now = now or timezone.now()
    before = now - dt.timedelta(days=option("forget_days"))
    gone = 0
    old = Message.objects.filter(state__in=sorted(OUT | REFUSED | SETTLED)).exclude(code="")
    old = old.filter(Q(due_at__lt=before) | Q(kind="sign_in_code", due_at__lt=now - CODES))
    while rows := list(old.order_by("due_at")[:BATCH]):
        for row in rows:
            row.body, row.facts, row.code = "", {}, ""
            row.save(update_fields=["body", "facts", "code", "updated_at"])
        gone += len(rows)
    InboundEvent.objects.filter(received_at__lt=before).delete()
    RateBucket.objects.filter(window__lt=now - dt.timedelta(days=3)).delete()
    return gone
