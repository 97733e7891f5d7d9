"""What a planner's run put right, for the audit and the status page: counts by kind, never a name."""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from clinic.audit.services import record
from clinic.messaging.models import Healing


@transaction.atomic
def remember_healing(
    component: str, *, looked_at: int, kinds: Mapping[str, int], now: dt.datetime | None = None
) -> None:
    """The latest run of each component stands on the status page; each run that changed something is on record."""
    found = {kind: number for kind, number in sorted(kinds.items()) if number}
    Healing.objects.update_or_create(
        component=component, defaults={"at": now or timezone.now(), "looked_at": looked_at, "kinds": found}
    )
    if found:
        record("message.healed", subject=f"messages:{component}", detail=found)
