"""Talks by video and visits in the clinic fight for the same practitioners, at once."""

import random
from collections import Counter
from datetime import timedelta

import pytest

from bookings.models import Appointment
from bookings.services import holds, moves
from tests.bookings.cast import NOW, at, make_clinic, make_patient, plan, reserved
from tests.concurrency.test_holds import REFUSALS, outcome
from treatments.selectors import visit_plan

pytestmark = pytest.mark.django_db(transaction=True)
TEN = at("2027-03-02 10:00")


def by_video():
    return visit_plan(modality="consult", areas=["face"], video=True)


def test_one_practitioner_is_sold_once_whichever_way(together, overlaps, orphans):
    make_clinic()
    ways = [by_video(), plan("consult"), plan("peel")]

    def take(wanted):
        return lambda: outcome(lambda: holds.hold_slot(plan=wanted, start=TEN, practitioner="ayse", now=NOW))

    answers = together([take(ways[number % 3]) for number in range(30)])
    assert Counter(code for code, _took in answers) == {"done": 1, "slot_taken": 29}
    assert (overlaps(), orphans()) == (0, 0)


def test_calls_visits_and_changes_between_the_two_all_at_once(together, overlaps, orphans):
    make_clinic()
    dice = random.Random(11)
    rows = [
        reserved(f"2027-03-0{day} {hour}:00", "consult", patient=make_patient(f"Person {day} {hour}"))
        for day in (2, 3)
        for hour in (10, 11, 15)
    ]

    def start():
        return at("2027-03-02 09:00") + timedelta(days=dice.randrange(2), minutes=dice.randrange(0, 480, 15))

    def hold():
        wanted, when = dice.choice([by_video(), plan("consult"), plan("peel")]), start()
        return lambda: outcome(lambda: holds.hold_slot(plan=wanted, start=when, now=NOW))

    def change():
        row, when, way = dice.choice(rows), start(), dice.choice([True, False])
        return lambda: outcome(lambda: moves.move(row, start=when, video=way, now=NOW))

    answers = together([hold() for _ in range(25)] + [change() for _ in range(25)])
    assert {code for code, _took in answers} <= REFUSALS | {"done"}
    assert (overlaps(), orphans()) == (0, 0)
    assert Appointment.objects.filter(by_video=True, state__in=["held", "reserved"]).exists()
