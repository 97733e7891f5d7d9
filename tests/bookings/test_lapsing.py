"""A hold around its last millisecond: whoever asks, one answer, and never two owners or none who was told yes."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction

from bookings.models import Allocation, Appointment
from bookings.selectors import free_starts, nearest_starts, why_not
from bookings.services import holds, lifecycle, moves
from bookings.states import State
from clinic.errors import DomainError
from tests.bookings.cast import NOW, at, held, make_patient, plan

pytestmark = pytest.mark.django_db
MS = timedelta(milliseconds=1)
START, ELSEWHERE, SLOT = at("2027-03-02 10:00"), at("2027-03-03 10:00"), "2027-03-02 10:00"
# Fractions of a second to either side of the half: an expiry that was rounded to whole seconds would show.
BEGUN = [NOW + timedelta(microseconds=one) for one in (0, 300_400, 700_600)]
YES = "yes"


class Story:
    """Somebody's hold of Ayse's ten o'clock, made at `begun`; instants are given from its end."""

    def __init__(self, begun):
        self.row = held(SLOT, practitioner="ayse", patient=make_patient("First"), clearance="cleared", now=begun)
        self.end = self.row.hold_expires_at
        self.second = make_patient("Second")
        self.theirs: Appointment | None = None

    def at(self, distance: timedelta):
        return self.end + distance

    def act(self, what: str, distance: timedelta) -> str:
        """The refusal's code, or yes."""
        try:
            with transaction.atomic():
                return ACTS[what](self, self.at(distance)) or YES
        except DomainError as refusal:
            return refusal.code

    def owners(self) -> list[str]:
        """Who has Ayse at ten, by her active allocations."""
        found = Allocation.objects.filter(
            resource__slug="ayse", active=True, during__contains=START + timedelta(minutes=30)
        )
        return ["first" if one.appointment_id == self.row.pk else "second" for one in found]

    def state(self) -> str:
        return Appointment.objects.values_list("state", flat=True).get(pk=self.row.pk)


def other(story, now) -> None:
    story.theirs = held(SLOT, practitioner="ayse", now=now)


ACTS: dict[str, Callable] = {
    "confirm": lambda story, now: lifecycle.confirm(story.row, now=now) and None,
    "reserve": lambda story, now: lifecycle.reserve(story.row, patient=story.row.patient, now=now) and None,
    "extend": lambda story, now: holds.extend_hold(story.row, now=now) and None,
    "move": lambda story, now: moves.move(story.row, start=ELSEWHERE, now=now) and None,
    "other": other,
    "sweep": lambda story, now: YES if holds.lapse_due(now=now) else "nothing",
    "offered": lambda story, now: YES if START in offered(now) else "no",
    "nearest": lambda story, now: YES if START in near(now) else "no",
    "why_not": lambda story, now: "".join(
        one.code for one in why_not(plan=plan(), start=START, practitioner="ayse", now=now)
    ),
}


def offered(now) -> list:
    return free_starts(plan=plan(), first=START.date(), last=START.date(), practitioner="ayse", now=now).starts


def near(now) -> list:
    return nearest_starts(plan=plan(), start=START, practitioner="ayse", now=now)


TABLE = [
    # what, a millisecond before, at the end, a millisecond after
    ("confirm", YES, "hold_expired", "hold_expired"),
    ("reserve", YES, YES, YES),  # taken again: nobody else has it
    ("extend", YES, YES, YES),
    ("move", YES, "hold_expired", "hold_expired"),
    ("other", "slot_taken", YES, YES),
    ("sweep", "nothing", YES, YES),
    ("offered", "no", YES, YES),
    ("nearest", "no", YES, YES),
    ("why_not", "practitioner_taken", YES, YES),
]


@pytest.mark.parametrize("begun", BEGUN)
def test_every_question_around_the_end_of_a_hold(clinic, begun):
    for what, *expected in TABLE:
        if what == "why_not":
            expected = [expected[0] + "device_taken", *expected[1:]]
        given = []
        for distance in (-MS, 0 * MS, MS):
            with transaction.atomic():
                given.append(Story(begun).act(what, distance))
                transaction.set_rollback(True)
        assert given == expected, what


@pytest.mark.parametrize(
    ("what", "expected"),
    [("reserve", "slot_taken"), ("extend", "slot_taken"), ("confirm", "hold_expired"), ("move", "hold_expired")],
)
@pytest.mark.parametrize("distance", [0 * MS, MS])
def test_once_somebody_else_has_it_the_first_is_told_so_with_other_times(clinic, what, expected, distance):
    story = Story(BEGUN[1])
    assert story.act("other", distance) == YES
    assert story.act(what, distance) == expected
    assert story.owners() == ["second"]
    assert story.state() == State.LAPSED


@dataclass
class Model:
    """What must be answered, said without a database. `until` and all instants are distances from the first end."""

    state: str = "held"
    until: timedelta = timedelta()
    extensions: int = 0
    here: bool = True
    theirs: bool = False

    def is_over(self, at: timedelta) -> bool:
        return self.state == "lapsed" or (self.state == "held" and at >= self.until)

    def owners(self) -> list[str]:
        mine = self.here and self.state != "lapsed"
        return ["second"] if self.theirs else ["first"] if mine else []

    def confirm(self, at: timedelta) -> str:
        if self.is_over(at):
            return "hold_expired"
        if self.state == "confirmed":
            return "wrong_state"
        self.state = "confirmed"
        return YES

    def reserve(self, at: timedelta) -> str:
        if self.state == "confirmed":
            return "wrong_state"
        if self.is_over(at) and self.here and self.theirs:
            return "slot_taken"
        self.state = "reserved"
        return YES

    def extend(self, at: timedelta) -> str:
        if self.state not in ("held", "lapsed"):
            return "wrong_state"
        if self.extensions == 3:
            return "no_more_time"
        if self.is_over(at) and self.here and self.theirs:
            return "slot_taken"
        self.state, self.extensions = "held", self.extensions + 1
        self.until = max(self.until, at + timedelta(minutes=10))
        return YES

    def move(self, at: timedelta) -> str:
        if self.is_over(at):
            return "hold_expired"
        self.here = False
        return YES

    def other(self, at: timedelta) -> str:
        if self.theirs or (self.here and not self.is_over(at)):
            return "slot_taken"
        self.theirs = True
        if self.here:
            self.state = "lapsed"
        return YES

    def sweep(self, at: timedelta) -> str:
        if self.state == "held" and at >= self.until:
            self.state = "lapsed"
            return YES
        return "nothing"

    def offered(self, at: timedelta) -> str:
        return "no" if self.theirs or (self.here and not self.is_over(at)) else YES


STEPS = ["confirm", "reserve", "extend", "extend", "move", "other", "other", "sweep", "offered"]


@pytest.mark.parametrize("seed", range(12))
def test_any_steps_around_the_end_are_answered_as_the_model_answers_them(clinic, seed):
    dice = random.Random(seed)
    for begun in BEGUN:
        told, model = [], Model()
        with transaction.atomic():
            story = Story(begun)
            for distance in sorted(dice.choices([-MS, -MS, 0 * MS, MS], k=4)):
                what = dice.choice(STEPS)
                told.append((what, distance // MS, story.act(what, distance), getattr(model, what)(distance)))
                assert told[-1][2] == told[-1][3], told
                assert story.owners() == model.owners(), told
            transaction.set_rollback(True)
