"""What a verdict allows an appointment on a given day. Pure.

The verdict is made on the day the form is answered. A deferral stops every time before its date. A time on or after that
date is kept, but somebody said that something was wrong and nobody has seen since that it has healed, so a practitioner
looks before it is confirmed.
"""

import datetime as dt

from bookings.states import Clearance
from consultations.screening import Outcome, Verdict

BY_OUTCOME = {
    Outcome.OK: Clearance.CLEARED,
    Outcome.CAUTION: Clearance.CAUTION,
    Outcome.REVIEW: Clearance.REVIEW,
    Outcome.DEFER: Clearance.DEFERRED,
    Outcome.DECLINE: Clearance.DECLINED,
}


def clearance_for(verdict: Verdict, *, visit_on: dt.date) -> Clearance:
    """``visit_on`` is the visit's day in the clinic's time zone."""
    if verdict.outcome is Outcome.DEFER and verdict.bookable_from <= visit_on:
        return Clearance.REVIEW
    return BY_OUTCOME[verdict.outcome]
