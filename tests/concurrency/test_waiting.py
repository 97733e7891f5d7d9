"""Offers made and answered all at once: one freed time is one offer, and one offer is one booking."""

import random
from collections import Counter
from datetime import timedelta

import pytest

from bookings.models import Allocation, Appointment, WaitingEntry, WaitingOffer
from bookings.services import holds, lifecycle, offers, waiting
from clinic.errors import DomainError
from clinic.messaging.models import Message
from tests.bookings.cast import NOW, at, make_clinic, make_patient, plan
from tests.bookings.waiting_cast import TEN, later, one_half_hour, open_offer, taken_half_hour, waits
from tests.concurrency.test_holds import _killed_before, outcome

pytestmark = pytest.mark.django_db(transaction=True)
MILLISECOND = timedelta(milliseconds=1)
THREADS = 20
REFUSALS = {
    "slot_taken", "start_not_possible", "busy", "already_offered", "offer_over", "not_on_the_list", "patient_busy",
    "wrong_state",
}  # fmt: skip


@pytest.fixture
def clinic(transactional_db):
    made = make_clinic()
    one_half_hour()
    return made


def whole() -> bool:
    """Entries, offers, holds and messages agree; nobody has two offers, no time is offered twice."""
    given = list(WaitingOffer.objects.filter(answer="").select_related("entry", "appointment"))
    assert {one.entry_id for one in given} == set(
        WaitingEntry.objects.filter(state="offered").values_list("pk", flat=True)
    )
    for one in given:
        assert one.appointment.patient_id == one.entry.patient_id
        assert one.appointment.state != "held" or one.appointment.hold_expires_at == one.until
    for visit in Appointment.objects.filter(source="waiting"):
        assert WaitingOffer.objects.filter(appointment=visit).count() == 1
        sent = Message.objects.filter(ref=visit.ref, kind="waitlist_offer")
        assert sent.count() <= 1
        if visit.state == "held":
            assert sent.filter(state="pending").exists()
    booked = WaitingEntry.objects.filter(state="booked").count()
    assert booked == WaitingOffer.objects.filter(answer="taken").count()
    return True


def test_sweeps_and_the_desk_at_once_make_one_offer(clinic, together, overlaps, orphans):
    rows = [waits(clinic, f"Person {number}", now=later(seconds=number)) for number in range(6)]
    clicks = [lambda row=row: offers.offer(row, start=at(TEN), by_hand=True, now=NOW) for row in rows]
    sweeps = [lambda: offers.sweep(now=NOW)] * (THREADS - len(clicks))
    answers = together([lambda call=call: outcome(call) for call in clicks + sweeps])
    assert {code for code, _ in answers} <= REFUSALS | {"done"}
    assert WaitingOffer.objects.count() == 1
    assert whole()
    assert (overlaps(), orphans()) == (0, 0)


def test_sweeps_alone_offer_to_who_waited_longest(clinic, together):
    rows = [waits(clinic, f"Person {number}", now=later(seconds=number)) for number in range(4)]
    together([lambda: outcome(lambda: offers.sweep(now=NOW))] * THREADS)
    [given] = WaitingOffer.objects.all()
    assert given.entry_id == rows[0].pk


def test_twenty_sweeps_serve_everybody_once(together, overlaps, orphans):
    """Plenty is free: nobody is offered two times, no time twice."""
    clinic = make_clinic()
    rows = [waits(clinic, f"Person {number}", now=later(seconds=number)) for number in range(8)]
    together([lambda: outcome(lambda: offers.sweep(now=NOW))] * THREADS)
    while offers.sweep(now=NOW):
        pass
    assert WaitingOffer.objects.filter(answer="").count() == len(rows)
    assert whole()
    assert (overlaps(), orphans()) == (0, 0)


@pytest.mark.parametrize("moment", [-MILLISECOND, timedelta(0), MILLISECOND])
def test_taking_races_with_the_end_and_with_somebody_else(clinic, together, overlaps, orphans, moment):
    """Around the last millisecond: the patient presses, sweeps run, somebody books the same time online."""
    entry = waits(clinic)
    offers.sweep(now=NOW)
    given = open_offer(entry)
    now = given.until + moment
    acts = [lambda: offers.accept(entry, offer_id=given.pk, now=now)] * 6
    acts += [lambda: holds.lapse_due(now=now)] * 4 + [lambda: offers.sweep(now=now)] * 4
    acts += [lambda: holds.hold_slot(plan=plan("peel"), start=at(TEN), now=now)] * 6
    answers = together([lambda act=act: outcome(act) for act in acts])
    codes = Counter(code for code, _ in answers)
    assert set(codes) <= REFUSALS | {"done"}
    active = Appointment.objects.filter(start=at(TEN)).exclude(state__in=["lapsed", "cancelled"])
    assert active.count() == 1
    entry.refresh_from_db()
    if moment < timedelta(0):
        assert (active.get().state, active.get().pk, entry.state) == ("reserved", given.appointment_id, "booked")
    else:
        assert active.get().pk != given.appointment_id
        assert entry.state != "booked"
    offers.settle_over(now=now)
    assert whole()
    assert (overlaps(), orphans()) == (0, 0)


def test_taking_refusing_and_leaving_at_once_is_one_answer(clinic, together, overlaps, orphans):
    for turn in range(4):
        entry = waits(clinic, f"Person {turn}")
        offers.sweep(now=NOW)
        given = open_offer(entry)
        acts = [lambda entry=entry, given=given: offers.accept(entry, offer_id=given.pk, now=NOW)] * 5
        acts += [lambda entry=entry, given=given: offers.decline(entry, offer_id=given.pk, now=NOW)] * 5
        acts += [lambda entry=entry: waiting.leave(entry, now=NOW)] * 5
        acts += [lambda entry=entry: lifecycle.cancel(open_offer_visit(entry), reason="clinic", now=NOW)] * 5
        random.Random(turn).shuffle(acts)
        answers = together([lambda act=act: outcome_of_any(act) for act in acts])
        assert set(answers) <= REFUSALS | {"done", "gone"}
        offers.settle_over(now=NOW)
        entry.refresh_from_db()
        assert entry.state in ("booked", "left")
        assert whole()
        assert (overlaps(), orphans()) == (0, 0)
        for visit in Appointment.objects.filter(start=at(TEN), state="reserved"):
            lifecycle.cancel(visit, reason="clinic", now=NOW)


def open_offer_visit(entry):
    given = open_offer(entry)
    if given is None:
        raise DomainError("not_on_the_list", "gone")
    return given.appointment


def outcome_of_any(act):
    try:
        return outcome(act)[0]
    except WaitingEntry.DoesNotExist:
        return "gone"


def test_every_path_at_once(together, overlaps, orphans):
    """Twenty threads join, leave, sweep, take, refuse, book and cancel on one day; everything agrees afterwards."""
    clinic = make_clinic()
    dice = random.Random(5)
    rows = [waits(clinic, f"Person {number}") for number in range(6)]
    offers.sweep(now=NOW)
    people = [row.patient for row in rows]

    def act():
        row, when = dice.choice(rows), later(minutes=dice.choice([0, 29, 30, 31]))
        given = open_offer(row)
        start = at("2027-03-02 09:00") + timedelta(minutes=dice.randrange(0, 300, 15))
        return dice.choice(
            [
                lambda: offers.sweep(now=when),
                lambda: offers.accept(row, offer_id=given.pk if given else 0, now=when),
                lambda: offers.decline(row, offer_id=given.pk if given else 0, now=when),
                lambda: waiting.leave(row, now=when),
                lambda: waits(clinic, patient=dice.choice(people), now=when),
                lambda: holds.hold_slot(plan=plan("peel"), start=start, now=when),
                lambda: holds.lapse_due(now=when),
            ]
        )

    for _round in range(3):
        acts = [act() for _ in range(THREADS)]
        answers = together([lambda one=one: outcome(one)[0] for one in acts])
        assert set(answers) <= REFUSALS | {"done", "patient_gone"}
        assert whole()
        assert (overlaps(), orphans()) == (0, 0)


@pytest.mark.parametrize("path", ["offer", "accept", "decline", "leave", "settle"])
def test_killed_between_any_two_statements_leaves_nothing_half_done(clinic, path, orphans, overlaps):
    entry = waits(clinic)
    if path != "offer":
        offers.sweep(now=NOW)
    number = open_offer(entry).pk if path != "offer" else 0
    acts = {
        "offer": lambda: offers.offer(entry, start=at(TEN), now=NOW),
        "accept": lambda: offers.accept(entry, offer_id=number, now=NOW),
        "decline": lambda: offers.decline(entry, offer_id=number, now=NOW),
        "leave": lambda: waiting.leave(entry, now=NOW),
        "settle": lambda: offers.settle_over(now=later(minutes=30)),
    }

    def picture():
        tables = (
            Appointment.objects.values_list("pk", "state", "patient_id", "hold_expires_at"),
            Allocation.objects.values_list("appointment_id", "resource_id", "during", "active", "expires_at"),
            WaitingEntry.objects.values_list("pk", "state", "patient_id", "unanswered"),
            WaitingOffer.objects.values_list("pk", "answer"),
            Message.objects.values_list("dedupe_key", "state"),
        )
        return [sorted(map(str, rows)) for rows in tables]

    before, statement = picture(), 0
    while True:
        statement += 1
        if not _killed_before(statement, acts[path]):
            break
        assert picture() == before
        assert (orphans(), overlaps()) == (0, 0)
    assert statement > 8
    assert picture() != before
    assert whole()
    assert (orphans(), overlaps()) == (0, 0)


def test_a_freed_time_under_load_goes_to_one_of_them(together, overlaps, orphans):
    """The visit is cancelled while twenty sweeps and bookings wait for it: one of them gets the time."""
    clinic = make_clinic()
    visit = taken_half_hour()
    waits(clinic)
    acts = [lambda: lifecycle.cancel(visit, reason="patient", now=NOW)]
    acts += [lambda: offers.sweep(now=NOW)] * 10
    acts += [lambda: holds.hold_slot(plan=plan("peel"), start=at(TEN), patient=make_patient(), now=NOW)] * 9
    answers = together([lambda act=act: outcome(act)[0] for act in acts])
    assert set(answers) <= REFUSALS | {"done"}
    offers.sweep(now=NOW)
    assert Appointment.objects.filter(start=at(TEN), state="held").count() == 1
    assert whole()
    assert (overlaps(), orphans()) == (0, 0)
