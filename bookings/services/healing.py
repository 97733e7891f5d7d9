"""Bringing every appointment's messages in line: nightly, so that a lost event mends, and after a change of moments."""

import logging
from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from bookings import messages
from bookings.links import register_manage_link
from bookings.models import Appointment
from bookings.states import State
from clinic.messaging import limits
from clinic.messaging.healing import remember_healing
from clinic.messaging.plan import Reconciled
from clinic.messaging.wording.editions import own_timings
from clinic.messaging.wording.timings import longest_after

log = logging.getLogger(__name__)
PLAN_BATCH = 200
BACK_DAYS = 45  # the last message of most visits is planned within this time
NIGHTLY, RETIMED = "nightly", "retimed"


def to_look_at(*, now: datetime) -> QuerySet[Appointment]:
    """Appointments that may still have something to say: all of late, and done ones until their results were asked for."""
    since = now - timedelta(days=BACK_DAYS)
    results = now - max(longest_after(own_timings()), timedelta()) - messages.LINK_LASTS
    rows = Appointment.objects.filter(patient__isnull=False).exclude(state=State.HELD)
    return rows.filter(Q(end__gt=since) | Q(state=State.DONE, end__gt=results)).order_by("pk")


def heal(*, why: str = NIGHTLY, now: datetime | None = None) -> Reconciled:
    """Looks at each in a transaction of its own; one that cannot be planned is logged and counted as failed, and those
    behind it go on. What was put right is logged, put on record and shown on the status page, by kind of message and
    without a name. May run twice, or twice at once.
    """
    limits.forget_remembered()
    instant = now or timezone.now()
    rows, total, looked_at, after = to_look_at(now=instant), Reconciled(), 0, None
    while batch := list((rows.filter(pk__gt=after) if after else rows).values_list("pk", flat=True)[:PLAN_BATCH]):
        for identifier in batch:
            try:
                total += heal_one(identifier, now=now)
            except Exception as problem:
                log.error("messages of appointment %s could not be planned: %s", identifier, type(problem).__name__)
                total += Reconciled(kinds=Counter(failed=1))
        looked_at, after = looked_at + len(batch), batch[-1]
    log.info("messages brought in line (%s): %d appointments, %s", why, looked_at, dict(total.kinds) or "nothing to do")
    remember_healing(why, looked_at=looked_at, kinds=total.kinds, now=instant)
    return total


@transaction.atomic
def heal_one(identifier, *, now: datetime | None = None) -> Reconciled:
    """One appointment's messages; where a later one is planned anew, its link opens as long."""
    row = (
        Appointment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("modality", "location", "patient", "course")
        .get(pk=identifier)
    )
    done = messages.reconcile(row, now=now)
    if row.state == State.DONE and done.kinds.keys() & set(messages.RESULTS):
        register_manage_link(row, until=messages.last_word(row, now=now))
    return done
