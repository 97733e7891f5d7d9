"""What a practitioner has said about somebody before. A rule never outranks it."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from bookings.models import Appointment
from bookings.selectors.appointments import local_day
from clinic.dates import say
from consultations.models import NO, Decision, ReviewDecision
from consultations.questionnaire import current
from consultations.screening import Outcome

EARLIER = "record.earlier_decision"


def standing_decision(appointment: Appointment) -> ReviewDecision | None:
    """A practitioner's "no" to this treatment for this person, of another visit, that still stands on the visit's day.

    A decline stands until a practitioner decides otherwise; a deferral until its day, which itself is free again. One
    query.
    """
    latest = _last_no(appointment)
    if latest is None:
        return None
    return latest if latest.decision == Decision.DECLINE or local_day(appointment) < latest.bookable_from else None


def deferred_until(appointment: Appointment) -> dt.date | None:
    """The day that a practitioner named of another visit for the same treatment, also where it lies before this one."""
    latest = _last_no(appointment)
    return latest.bookable_from if latest else None


def _last_no(appointment: Appointment) -> ReviewDecision | None:
    said = ReviewDecision.objects.filter(
        submission__patient_id=appointment.patient_id,
        submission__modality=appointment.modality.slug,
    ).standing()
    said = said.exclude(decision=Decision.ASK).exclude(submission__appointment=appointment)
    latest = said.select_related("decided_by").order_by("-decided_at").first()
    return latest if latest and latest.decision in NO else None


def earlier_decision(said: ReviewDecision) -> dict[str, Any]:
    """The finding a reviewer reads: who said no, and when. The patient is told nothing by it."""
    return {
        "rule": EARLIER,
        "question": "earlier_decision",
        "outcome": Outcome.REVIEW.value,
        "until": said.bookable_from.isoformat() if said.bookable_from else None,
        "reason_id": "",
        "told": "",
        "title": {code: _in(code, said, title=True) for code in current().languages},
        "why": {code: _in(code, said) for code in current().languages},
        "sources": ["CLINIC"],
        "confidence": "high",
        "instruction_id": "",
    }


def _in(language: str, said: ReviewDecision, *, title: bool = False) -> str:
    with override(language):
        if title:
            return _("What a practitioner decided before")
        words = {"who": said.decided_by.name, "day": say(said.decided_at.date(), "j F Y")}
        if said.bookable_from:
            words["from"] = say(said.bookable_from, "j F Y")
            return (
                _("%(who)s put this treatment off until %(from)s, on %(day)s. Decide whether that still holds.") % words
            )
        return _("%(who)s declined this treatment on %(day)s. Decide whether that still holds.") % words
