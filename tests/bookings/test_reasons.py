"""Every reason for which a time can be refused: it can happen, it is true, and it goes with its cause."""

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

import pytest
import time_machine

from bookings import reasons
from bookings.models import Absence, Closure, Location, Resource, WorkingHours
from bookings.selectors import free_starts, why_not
from bookings.services import holds, lifecycle
from bookings.states import Clearance
from clinic.errors import DomainError
from clinic.people.models import Patient
from tests.bookings.cast import NOW, at, confirmed, held, make_patient, plan, reserved

pytestmark = pytest.mark.django_db
DAY = "2027-03-02"
TEN = at(f"{DAY} 10:00")


def codes_of_the_module() -> set[str]:
    """Every code that `reasons` has a sentence for, read from its text."""
    tree = ast.parse(inspect.getsource(reasons))
    cases = [node.pattern for node in ast.walk(tree) if isinstance(node, ast.match_case)]
    return {node.value.value for case in cases for node in ast.walk(case) if isinstance(node, ast.MatchValue)}


CODES = codes_of_the_module()


@dataclass
class Scene:
    """A clinic in which one thing forbids `start`. `cure` takes it away, or changes what is asked."""

    start: Any = TEN
    cure: Callable[["Scene"], Any] = lambda scene: None
    modality: str = "pen"
    patient: Patient | None = None
    now: Any = NOW

    def __post_init__(self):
        self.wish: dict[str, Any] = {}

    def codes(self) -> list[str]:
        return [one.code for one in self.reasons()]

    def reasons(self) -> list[reasons.Reason]:
        who = {"patient_id": self.patient.pk} if self.patient else {}
        return why_not(plan=plan(self.modality), start=self.start, now=self.now, **who, **self.wish)

    def is_offered(self) -> bool:
        who = {"patient_id": self.patient.pk} if self.patient else {}
        day = self.start.date()
        found = free_starts(plan=plan(self.modality), first=day, last=day, now=self.now, **who, **self.wish)
        return self.start in found.starts

    def hold(self):
        who = {"patient": self.patient} if self.patient else {}
        return holds.hold_slot(plan=plan(self.modality), start=self.start, now=self.now, **who, **self.wish)


SCENES: list[tuple[str, Callable]] = []


def scene(code: str):
    """Registers a scene for a code: a function of the clinic that sets it up and returns the Scene."""

    def register(make: Callable) -> Callable:
        SCENES.append((code, make))
        return make

    return register


def asks(**changes) -> Callable[[Scene], None]:
    """A cure that asks for something else."""

    def change(one: Scene) -> None:
        for name, value in changes.items():
            setattr(one, name, value)

    return change


def wishing(scene_: Scene, **wish) -> Scene:
    scene_.wish = wish
    return scene_


@scene("off_grid")
def _(clinic):
    return Scene(at(f"{DAY} 10:05"), asks(start=TEN))


@scene("off_grid")
def _(clinic):
    return Scene(at(f"{DAY} 10:00:01"), asks(start=TEN))


@scene("past")
def _(clinic):
    return Scene(at("2027-03-01 09:45"), asks(now=NOW - timedelta(days=1)), now=NOW + timedelta(hours=2))


@scene("notice")
def _(clinic):
    return Scene(at("2027-03-01 10:45"), lambda one: Location.objects.update(notice_minutes=60))


@scene("notice")
def _(clinic):
    def by_staff(one: Scene) -> None:
        one.wish = {"staff": True}

    return Scene(at("2027-03-01 10:45"), by_staff)


@scene("too_far")
def _(clinic):
    return Scene(at("2027-08-30 10:00"), lambda one: Location.objects.update(horizon_days=182))


@scene("bookable_from")
def _(clinic):
    return wishing(
        Scene(cure=lambda one: one.wish.update(bookable_from=TEN.date())), bookable_from=at("2027-03-03 10:00").date()
    )


@scene("answers_lapsed")
def _(clinic):
    day = TEN.date()
    return wishing(Scene(cure=lambda one: one.wish.update(cleared_until=day)), cleared_until=day - timedelta(days=1))


@scene("review_lead")
def _(clinic):
    one = Scene(
        at("2027-03-02 09:00"),
        lambda one: Location.objects.update(review_lead_hours=23),
        now=NOW + timedelta(minutes=1),
    )
    return wishing(one, clearance=Clearance.REVIEW)


def _interval(start: str) -> Scene:
    one = Scene(at(start), patient=make_patient())
    other = reserved("2027-04-15 10:00", patient=one.patient)
    one.cure = lambda _: lifecycle.cancel(other, reason="patient", now=NOW)
    return one


@scene("interval")
def _(clinic):
    """After the other one."""
    return _interval("2027-05-12 10:00")


@scene("interval")
def _(clinic):
    """Before it."""
    return _interval("2027-03-19 10:00")


@scene("patient_busy")
def _(clinic):
    one = Scene(TEN, modality="peel", patient=make_patient())
    other = reserved(f"{DAY} 10:00", "consult", patient=one.patient)
    one.cure = lambda _: lifecycle.cancel(other, reason="patient", now=NOW)
    return one


@scene("closed")
def _(clinic):
    """The room would still be turned over after closing time."""
    return Scene(at(f"{DAY} 16:45"), asks(start=at(f"{DAY} 16:30")))


@scene("closed")
def _(clinic):
    WorkingHours.objects.create(resource=clinic.ayse, weekday=6, starts=time(9), ends=time(18))
    hours = {"weekday": 6, "opens": time(9), "closes": time(18)}
    return Scene(at("2027-03-07 10:00"), lambda one: clinic.location.opening_hours.create(**hours))


@scene("holiday")
def _(clinic):
    closure = Closure.objects.create(location=clinic.location, date_from=DAY, date_to=DAY)
    return Scene(cure=lambda one: closure.delete())


@scene("nobody_offers")
def _(clinic):
    return wishing(Scene(cure=lambda one: one.wish.update(location="moda")), location="nowhere")


@scene("nobody_offers")
def _(clinic):
    Location.objects.update(active=False)
    return Scene(cure=lambda one: Location.objects.update(active=True))


def _both(clinic) -> list[Resource]:
    return [clinic.ayse, clinic.deniz]


def _without(clinic, kind: str) -> Callable:
    """Nobody and nothing of the kind serves a pen any more; the cure gives one back."""
    served = {
        "practitioner": [one.practitioner.skills for one in _both(clinic)],
        "room": [clinic.room1.room.suits, clinic.room2.room.suits],
        "device": [clinic.device.device.serves],
    }[kind]
    for one in served:
        one.clear()
    return lambda _: served[0].add(clinic.pen)


def _all_of(clinic, kind: str) -> list[Resource]:
    return {"practitioner": _both(clinic), "room": [clinic.room1, clinic.room2], "device": [clinic.device]}[kind]


def _for_each_kind(make: Callable, ending: str) -> None:
    for kind in ("practitioner", "room", "device"):
        SCENES.append((f"{kind}_{ending}", lambda clinic, kind=kind: make(clinic, kind)))


def _missing(clinic, kind):
    return Scene(cure=_without(clinic, kind))


def _off(clinic, kind):
    """Working hours of their own, and none on that day."""
    everyone = _all_of(clinic, kind)
    WorkingHours.objects.filter(resource__in=everyone, weekday=1).delete()
    for one in everyone:
        WorkingHours.objects.create(resource=one, weekday=2, starts=time(20), ends=time(21))
    hours = {"weekday": 1, "starts": time(9), "ends": time(18)}
    return Scene(cure=lambda _: everyone[0].working_hours.create(**hours))


def _away(clinic, kind):
    """Touches only the last minute for which they are needed."""
    until = {"room": "11:29", "practitioner": "11:14", "device": "11:14"}[kind]
    kind_of = Absence.Kind.LEAVE if kind == "practitioner" else Absence.Kind.OUT_OF_ORDER
    for one in _all_of(clinic, kind):
        Absence.objects.create(resource=one, starts_at=at(f"{DAY} {until}"), ends_at=at(f"{DAY} 19:00"), kind=kind_of)
    return Scene(cure=lambda _: Absence.objects.first().delete())


_for_each_kind(_missing, "missing")
_for_each_kind(_off, "off")
_for_each_kind(_away, "away")


@scene("practitioner_break")
def _(clinic):
    """Numbed at half past twelve, both would be at lunch when the treatment begins."""
    hours = {"weekday": 1, "starts": time(13), "ends": time(14)}
    return Scene(at(f"{DAY} 12:30"), lambda one: clinic.ayse.working_hours.create(**hours))


@scene("practitioner_taken")
def _(clinic):
    other = held(f"{DAY} 10:30", "peel", practitioner="ayse")
    return wishing(Scene(cure=lambda one: holds.release_hold(other, now=NOW)), practitioner="ayse")


@scene("practitioner_taken")
def _(clinic):
    """A hold that runs out takes its reason with it."""
    held(f"{DAY} 10:30", "peel", practitioner="ayse")
    return wishing(Scene(cure=asks(now=NOW + timedelta(minutes=10))), practitioner="ayse")


@scene("room_taken")
def _(clinic):
    Absence.objects.create(resource=clinic.room2, starts_at=at(f"{DAY} 08:00"), ends_at=at(f"{DAY} 20:00"))
    other = confirmed(f"{DAY} 09:30", "peel", practitioner="deniz")
    return Scene(cure=lambda one: lifecycle.cancel(other, reason="clinic", now=NOW))


@scene("device_taken")
def _(clinic):
    other = held(f"{DAY} 10:00", practitioner="deniz")
    return wishing(Scene(cure=lambda one: holds.release_hold(other, now=NOW)), practitioner="ayse")


@scene("reflection")
def _(clinic):
    """Five days to think after a consent that nobody has given yet."""
    clinic.pen.reflection_days = 5
    clinic.pen.save()
    return Scene(cure=asks(start=at("2027-03-08 10:00")))


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize(("code", "make"), SCENES, ids=[code for code, _ in SCENES])
def test_a_reason_is_given_here_there_and_at_the_booking_and_goes_with_its_cause(clinic, code, make):
    one = make(clinic)
    given = one.reasons()
    assert code in [each.code for each in given]
    assert all(each.sentence.endswith(".") for each in given)
    assert not one.is_offered()
    with pytest.raises(DomainError) as refusal:
        one.hold()
    assert [each["code"] for each in refusal.value.extra["reasons"]] == [each.code for each in given]
    assert refusal.value.code == (
        "slot_taken" if {each.code for each in given} <= reasons.TAKEN else "start_not_possible"
    )
    one.cure(one)
    assert one.codes() == []
    assert one.is_offered()
    assert one.hold().state == "held"


def test_every_reason_has_a_scene():
    assert {code for code, _ in SCENES} == CODES


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_reason_has_a_sentence_with_and_without_a_name(code):
    from bookings.availability import Finding

    dated = {"too_far", "bookable_from", "interval", "answers_lapsed", "reflection"}
    for detail in ["2027-03-02"] if code in dated else ["", "Ayşe"]:
        assert reasons.reason(Finding(code, detail)).sentence


def test_several_reasons_are_given_together(clinic):
    """Two days too early for the skin, somebody else in the chair, and the device at the maker's."""
    patient = make_patient()
    reserved("2027-03-20 10:00", patient=patient)
    held(f"{DAY} 10:30", "peel", practitioner="ayse")
    Absence.objects.create(
        resource=clinic.device, starts_at=at(f"{DAY} 08:00"), ends_at=at(f"{DAY} 20:00"), kind=Absence.Kind.OUT_OF_ORDER
    )
    codes = [one.code for one in why_not(plan=plan(), start=TEN, practitioner="ayse", patient_id=patient.pk, now=NOW)]
    assert codes == ["interval", "practitioner_taken", "device_away"]


def test_somebody_who_did_not_come_and_comes_later_is_told_of_their_own_visit(clinic):
    """Their time is kept for the desk's undo: it is theirs that stands in the way, not somebody else's."""
    patient = make_patient()
    row = confirmed("2027-03-01 11:00", "consult", patient=patient, practitioner="ayse")
    now = at("2027-03-01 11:10")
    lifecycle.mark_no_show(row, now=now)
    one = Scene(at("2027-03-01 11:15"), patient=patient, modality="consult", now=now)
    one.wish = {"staff": True, "practitioner": "deniz"}
    assert one.codes() == ["patient_busy"]
    lifecycle.step_back(row, now=now)
    lifecycle.cancel(row, reason="patient", now=now)
    assert one.codes() == []
    assert one.hold().state == "held"
