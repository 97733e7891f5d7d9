"""What the front desk may know of an open adverse event: that it is open, whom we paged, who sees to it and by when.

Nothing of what was reported or done; that is read through `selectors.adverse`, by practitioners.
"""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.conf import settings

from consultations.models import AdverseEvent, Page


@dataclass(frozen=True)
class Standing:
    """``paged``: names with the moment of each page since somebody has to look, oldest first. ``unseen``: nobody has."""

    event_id: uuid.UUID
    urgency: str
    due_at: dt.datetime
    unseen: bool
    taken_by: str
    paged: tuple[tuple[str, dt.datetime], ...]
    zone: str


def standing_of(patient_id: uuid.UUID) -> Standing | None:
    """None while no event of this patient is open. One query; a second one while nobody has looked."""
    known = ("urgency", "due_at", "unseen_since", "taken_by__name", "appointment__location__timezone")
    row = AdverseEvent.objects.filter(patient_id=patient_id, closed_at=None).values("pk", *known).first()
    if row is None:
        return None
    paged: tuple = ()
    if row["unseen_since"]:
        pages = Page.objects.filter(subject=f"event:{row['pk']}", since=row["unseen_since"]).order_by("number")
        paged = tuple(pages.values_list("user__name", "at"))
    return Standing(
        event_id=row["pk"],
        urgency=row["urgency"],
        due_at=row["due_at"],
        unseen=row["unseen_since"] is not None,
        taken_by=row["taken_by__name"] or "",
        paged=paged,
        zone=row["appointment__location__timezone"] or settings.CLINIC_TIMEZONE,
    )
