"""What a verdict allows on the day of the visit."""

import datetime as dt

import pytest

from bookings.states import CLEARED
from consultations.clearances import clearance_for
from consultations.screening import Outcome, Verdict

DAY = dt.date(2027, 3, 20)


def verdict(outcome, until=None):
    return Verdict(outcome=Outcome(outcome), bookable_from=until, findings=())


@pytest.mark.parametrize(
    ("outcome", "clearance"),
    [("ok", "cleared"), ("caution", "caution"), ("review", "review"), ("decline", "declined")],
)
def test_each_outcome_has_its_clearance(outcome, clearance):
    assert clearance_for(verdict(outcome), visit_on=DAY) == clearance


@pytest.mark.parametrize(
    ("days", "clearance"), [(1, "deferred"), (400, "deferred"), (0, "review"), (-1, "review"), (-60, "review")]
)
def test_a_deferral_holds_until_its_day_and_is_looked_at_from_then_on(days, clearance):
    assert clearance_for(verdict("defer", DAY + dt.timedelta(days=days)), visit_on=DAY) == clearance


@pytest.mark.parametrize("outcome", ["review", "defer", "decline"])
def test_nothing_worse_than_a_caution_is_ever_cleared(outcome):
    until = DAY - dt.timedelta(days=30) if outcome == "defer" else None
    assert clearance_for(verdict(outcome, until), visit_on=DAY) not in CLEARED
