"""The waiting list: joining, leaving, offers by the clock, and the next in line."""

from contextlib import contextmanager
from datetime import date, timedelta
from unittest.mock import patch

import pytest
from django.db import IntegrityError, connection, transaction

from bookings.links import waiting_token
from bookings.models import WaitingEntry, WaitingOffer
from bookings.selectors import waiting as reading
from bookings.services import holds, lifecycle, moves, offers, waiting
from bookings.states import State, Waiting
from clinic.audit.models import Entry
from clinic.errors import DomainError, Invalid, NotFound
from clinic.messaging.models import Message
from clinic.messaging.sweep import sweep as send
from clinic.people.models import Patient
from tests.bookings.cast import NOW, at, confirmed, held, make_clinic, make_patient, plan, reserved
from tests.bookings.waiting_cast import (
    TEN,
    TUESDAY,
    later,
    offers_sent,
    one_half_hour,
    open_offer,
    taken_half_hour,
    waits,
)
from treatments.selectors import visit_plan

pytestmark = pytest.mark.django_db


def code_of(call) -> str:
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value.code


def again(entry):
    entry.refresh_from_db()
    return entry


# joining


def test_joining_keeps_the_wish_and_nothing_else(clinic):
    entry = waits(clinic, parts=["evening", "morning"], weekdays=[3, 1], last=date(2027, 3, 20))
    assert (entry.parts, entry.weekdays) == (["morning", "evening"], [1, 3])
    assert (entry.state, entry.clearance, entry.bookable_from, entry.since) == ("waiting", "unknown", None, NOW)
    assert reading.entry_by_token(waiting_token(entry), now=NOW).pk == entry.pk
    assert Entry.objects.filter(action="waiting.join", subject=entry.ref).exists()


def test_joining_again_changes_the_wish_and_keeps_the_place(clinic):
    first = waits(clinic)
    second = waits(clinic, patient=first.patient, parts=["evening"], now=later(days=1))
    assert (second.pk, second.since, second.parts) == (first.pk, NOW, ["evening"])
    assert waits(clinic, "Elif Aydın", "pen", patient=first.patient).pk != first.pk


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"first": date(2027, 3, 5)}, "last"),
        ({"first": date(2027, 2, 1), "last": date(2027, 2, 2)}, "last"),
        ({"last": date(2028, 3, 5)}, "last"),
        ({"parts": []}, "parts"),
        ({"parts": ["midnight"]}, "parts"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_at_its_field(clinic, wish, field):
    with pytest.raises(Invalid) as caught:
        waits(clinic, **wish)
    assert list(caught.value.fields) == [field]
    assert not WaitingEntry.objects.exists()


def test_a_declined_person_leaves_nothing(clinic):
    someone = {"name": "Asya Er", "phone": "+905325550300", "language": "en"}
    wish = {"plan": plan("peel"), "location": clinic.location, "first": TUESDAY, "last": TUESDAY, "parts": ["morning"]}
    assert code_of(lambda: waiting.join(**wish, person=someone, clearance="declined", now=NOW)) == "not_now"
    assert not Patient.objects.filter(name="Asya Er").exists()


# who fits


def test_longest_waiting_first_and_each_by_the_engine(clinic):
    one_half_hour()
    waits(clinic, "Too late", parts=["evening"])
    deferred = waits(clinic, "Not yet", bookable_from=date(2027, 3, 3))
    second = waits(clinic, "Second", now=later(minutes=2))
    first = waits(clinic, "First", now=later(minutes=1))
    recent = make_patient("Too soon")
    confirmed("2027-03-03 10:00", "peel", patient=recent)
    too_soon = waits(clinic, patient=recent)
    reviewed = waits(clinic, "Needs a look", clearance="review", now=later(minutes=3))
    start = at(TEN)
    fits = reading.who_fits(start=start, end=start + timedelta(minutes=30), location=clinic.location, now=NOW)
    assert [fit.entry.pk for fit in fits] == [first.pk, second.pk, reviewed.pk]
    assert {tuple(fit.starts) for fit in fits} == {(start,)}
    against = {
        row.patient.name: [one.code for one in reading.reasons_against(row, start, now=NOW)]
        for row in (deferred, too_soon)
    }
    assert against == {"Not yet": ["bookable_from"], "Too soon": ["interval"]}
    near = NOW + timedelta(hours=24)  # Tuesday, nine: less than notice and review allow
    assert [one.code for one in reading.reasons_against(reviewed, start, now=near)] == ["notice", "review_lead"]


def test_a_named_practitioner_is_waited_for(clinic):
    one_half_hour()
    entry = waits(clinic, practitioner=clinic.deniz)
    assert reading.best_offers(entry, now=NOW) == []
    assert reading.best_offers(waits(clinic, practitioner=clinic.ayse), now=NOW) == [at(TEN)]


def test_a_woman_is_waited_for_and_a_talk_comes_along(clinic):
    for resource, gender in ((clinic.ayse, "man"), (clinic.deniz, "woman")):
        type(resource.practitioner).objects.filter(pk=resource.pk).update(gender=gender)
    wanted = visit_plan(modality="peel", areas=["face"], consult=True)
    wish = {"first": TUESDAY, "last": TUESDAY, "parts": ["afternoon"], "gender": "woman"}
    entry = waiting.join(plan=wanted, location=clinic.location, patient=make_patient(), now=NOW, **wish)
    assert offers.sweep(now=NOW) == 1
    visit = open_offer(entry).appointment
    assert (visit.practitioner_id, visit.practitioner_gender) == (clinic.deniz.pk, "woman")
    assert visit.talk_end > visit.start == at("2027-03-02 12:00")


# the chain


def test_from_a_freed_time_through_silence_to_the_next(clinic, time_machine):
    """Cancelled → offered → nobody answers → the next in line → taken."""
    time_machine.move_to(NOW, tick=False)
    visit = taken_half_hour()
    first, second = waits(clinic, "Elif Aydın"), waits(clinic, "Deniz Ak", now=later(minutes=1))
    assert offers.sweep() == 0
    lifecycle.cancel(visit, reason="patient")
    assert offers.sweep() == 1
    given = open_offer(again(first))
    assert (first.state, second.state) == ("offered", "waiting")
    assert (given.start, given.until) == (at(TEN), NOW + timedelta(minutes=30))
    assert (given.appointment.state, given.appointment.source) == ("held", "waiting")
    assert given.appointment.patient_id == first.patient_id
    assert given.appointment.hold_expires_at == given.until
    [message] = offers_sent()
    assert (message.due_at, message.not_after, message.patient_id) == (NOW, given.until, first.patient_id)
    assert f"/w/{waiting_token(first)}/" in message.body
    assert offers.sweep() == 0

    time_machine.move_to(given.until - timedelta(milliseconds=1), tick=False)
    holds.lapse_due()
    assert (offers.sweep(), again(first).state) == (0, "offered")
    time_machine.move_to(given.until, tick=False)
    assert (offers.sweep(), again(first).state, again(second).state) == (1, "waiting", "offered")
    given.refresh_from_db()
    assert (given.answer, first.unanswered) == ("unanswered", 1)
    assert given.appointment.state == State.LAPSED
    assert [one.patient_id for one in offers_sent()] == [second.patient_id]
    assert not Message.objects.filter(kind="hold_released").exists()

    taken = offers.accept(second, offer_id=open_offer(second).pk)
    assert (taken.state, taken.start, taken.patient.name) == ("reserved", at(TEN), "Deniz Ak")
    assert (again(second).state, second.patient_id) == ("booked", None)
    assert offers.sweep() == 0
    assert (
        sorted(Message.objects.filter(ref=taken.ref, state="pending").values_list("kind", flat=True))[0] == "intake_due"
    )


def test_not_this_one_goes_to_the_next_and_does_not_come_back(clinic):
    one_half_hour()
    first, second = waits(clinic), waits(clinic, "Deniz Ak", now=later(minutes=1))
    offers.sweep(now=NOW)
    offers.decline(first, offer_id=open_offer(first).pk, now=later(minutes=3))
    assert (again(first).state, first.unanswered) == ("waiting", 0)
    assert offers.sweep(now=later(minutes=4)) == 1
    assert (again(first).state, again(second).state) == ("waiting", "offered")
    offers.decline(second, offer_id=open_offer(second).pk, now=later(minutes=5))
    assert offers.sweep(now=later(minutes=6)) == 0


def test_three_silences_pause_until_somebody_has_called(clinic):
    entry = waits(clinic, last=TUESDAY + timedelta(days=20))
    now = NOW
    for _round in range(3):
        assert offers.sweep(now=now) == 1
        now += timedelta(minutes=30)
    assert offers.sweep(now=now) == 0
    assert (again(entry).state, entry.unanswered) == ("waiting", 3)
    waiting.resume(entry, now=now)
    assert offers.sweep(now=now) == 1


def test_a_moved_visit_and_a_lapsed_one_free_a_time_too(clinic):
    visit = taken_half_hour()
    waits(clinic)
    moves.move(visit, start=at("2027-03-05 10:00"), now=NOW)
    assert offers.sweep(now=NOW) == 1
    WaitingEntry.objects.all().update(state="offered")
    lapsing = reserved("2027-03-04 10:00", "peel")
    holds.lapse_due(now=lapsing.form_due_at)
    only = waits(clinic, "Deniz Ak", first=date(2027, 3, 4), last=date(2027, 3, 4), now=lapsing.form_due_at)
    now = at("2027-03-03 12:00")
    assert offers.sweep(now=now) == 1
    assert again(only).state == "offered"


def test_no_offer_in_the_night_nor_by_hand(clinic):
    entry = waits(clinic, last=date(2027, 3, 3))
    night = at("2027-03-01 21:00")
    assert offers.sweep(now=night) == 0
    start = at("2027-03-03 10:00")
    assert code_of(lambda: offers.offer(entry, start=start, by_hand=True, now=night)) == "quiet_hours"
    assert offers.sweep(now=at("2027-03-02 08:00")) == 1


def test_no_offer_with_less_than_notice(clinic):
    one_half_hour()
    waits(clinic)
    assert offers.sweep(now=at("2027-03-02 08:01")) == 0


def test_the_location_may_switch_offers_off_and_the_desk_offers_by_hand(clinic):
    one_half_hour()
    entry = waits(clinic)
    waiting.switch_offers(clinic.location, on=False)
    assert offers.sweep(now=NOW) == 0
    assert offers.offer(entry, start=at(TEN), by_hand=True, now=NOW).by_hand
    assert code_of(lambda: offers.offer(entry, start=at(TEN), by_hand=True, now=NOW)) == "already_offered"


def test_a_paused_person_is_offered_by_hand_only(clinic):
    entry = waits(clinic)
    WaitingEntry.objects.update(unanswered=3)
    assert offers.sweep(now=NOW) == 0
    assert code_of(lambda: offers.offer(entry, start=at(TEN), now=NOW)) == "offers_paused"
    assert offers.offer(entry, start=at(TEN), by_hand=True, now=NOW)


def test_what_does_not_fit_cannot_be_offered_by_hand_either(clinic):
    recent = make_patient("Too soon")
    confirmed("2027-03-03 10:00", "peel", patient=recent)
    entry = waits(clinic, patient=recent)
    refusal = code_of(lambda: offers.offer(entry, start=at(TEN), by_hand=True, now=NOW))
    assert refusal == "start_not_possible"
    assert again(entry).state == "waiting"


# answers


def test_over_is_over_to_the_millisecond(clinic):
    one_half_hour()
    entry = waits(clinic)
    offers.sweep(now=NOW)
    given = open_offer(entry)
    assert code_of(lambda: offers.accept(entry, offer_id=given.pk, now=given.until)) == "offer_over"
    just = given.until - timedelta(milliseconds=1)
    assert offers.accept(entry, offer_id=given.pk, now=just).state == "reserved"


def test_taking_twice_is_one_booking_and_another_offer_is_not_taken(clinic):
    entry = waits(clinic)
    offers.sweep(now=NOW)
    given = open_offer(entry)
    assert code_of(lambda: offers.accept(entry, offer_id=given.pk + 1, now=NOW)) == "offer_over"
    first = offers.accept(entry, offer_id=given.pk, now=NOW)
    assert offers.accept(entry, offer_id=given.pk, now=NOW).pk == first.pk


def test_the_clearance_goes_along_and_nobody_is_confirmed_by_taking(clinic):
    entry = waits(clinic, last=date(2027, 3, 12), clearance="review", bookable_from=date(2027, 3, 4))
    offers.sweep(now=NOW)
    visit = offers.accept(entry, offer_id=open_offer(entry).pk, now=NOW)
    assert (visit.clearance, visit.bookable_from, visit.start) == ("review", date(2027, 3, 4), at("2027-03-04 09:00"))
    assert visit.state == "reserved"


def test_an_offer_the_desk_cancels_is_taken_back_without_a_word(clinic):
    one_half_hour()
    entry = waits(clinic)
    offers.sweep(now=NOW)
    lifecycle.cancel(open_offer(entry).appointment, reason="clinic", now=later(minutes=1))
    assert not offers_sent().exists()
    assert offers.settle_over(now=later(minutes=1)) == 1
    assert (again(entry).state, entry.unanswered) == ("waiting", 0)
    assert not Message.objects.filter(kind="cancelled").exists()
    assert offers.sweep(now=later(minutes=2)) == 1  # it was not their answer


def test_a_visit_that_was_taken_and_is_cancelled_is_told_as_any_other(clinic):
    entry = waits(clinic, first=date(2027, 3, 8), last=date(2027, 3, 8))
    offers.sweep(now=NOW)
    visit = offers.accept(entry, offer_id=open_offer(entry).pk, now=NOW)
    lifecycle.cancel(visit, reason="clinic", now=NOW)
    assert Message.objects.filter(ref=visit.ref, kind="cancelled").exists()


def test_the_offer_is_sent_and_is_not_once_it_is_over(clinic, settings, time_machine):
    time_machine.move_to(NOW, tick=False)
    one_half_hour()
    entry = waits(clinic)
    offers.sweep()
    time_machine.move_to(later(minutes=30), tick=False)
    holds.lapse_due()
    send(threads=1)
    assert not offers_sent("delivered").exists()
    assert not offers_sent("accepted").exists()
    assert again(entry).state == "offered"  # until the sweep has looked


# leaving


def test_leaving_forgets_somebody_who_never_came(clinic):
    one_half_hour()
    entry = waits(clinic)
    offers.sweep(now=NOW)
    patient, token, visit = entry.patient, waiting_token(entry), open_offer(entry).appointment
    waiting.leave(entry, now=NOW)
    assert (again(entry).state, entry.patient_id) == ("left", None)
    with pytest.raises(NotFound):
        reading.entry_by_token(token, now=NOW)
    visit.refresh_from_db()
    assert (visit.state, visit.patient_id) == ("lapsed", None)
    assert not Patient.objects.filter(pk=patient.pk).exists()
    assert not Message.objects.filter(kind="waitlist_offer").exists()
    waiting.leave(entry, now=NOW)
    assert Entry.objects.filter(action="waiting.left", subject=entry.ref).count() == 1


def test_leaving_keeps_somebody_with_a_booking(clinic):
    patient = make_patient()
    confirmed("2027-05-03 10:00", "pen", patient=patient)
    waiting.leave(waits(clinic, patient=patient), now=NOW)
    assert Patient.objects.filter(pk=patient.pk).exists()


def test_leaving_one_list_keeps_them_on_the_other(clinic):
    patient = make_patient()
    pen, peel = waits(clinic, modality="pen", patient=patient), waits(clinic, patient=patient)
    waiting.leave(pen, now=NOW)
    assert again(peel).patient_id == patient.pk


def test_days_that_are_over_end_it(clinic):
    entry, open_end = waits(clinic), waits(clinic, "Deniz Ak", last=date(2027, 3, 3))
    assert waiting.expire_old(now=at("2027-03-02 23:59")) == 0
    assert waiting.expire_old(now=at("2027-03-03 00:00")) == 1
    assert (again(entry).state, entry.patient_id, again(open_end).state) == ("expired", None, "waiting")


# what the database keeps


def test_one_open_offer_and_one_open_entry(clinic):
    entry = waits(clinic, last=date(2027, 3, 20))
    offers.sweep(now=NOW)
    other = held("2027-03-09 10:00", "peel")
    row = {"entry": entry, "appointment": other, "start": other.start, "until": other.start, "made_at": NOW}
    with pytest.raises(IntegrityError, match="offer_one_at_a_time"), transaction.atomic():
        WaitingOffer.objects.create(**row)
    with pytest.raises(IntegrityError, match="waiting_once_per_treatment"), transaction.atomic():
        WaitingEntry.objects.create(
            patient=entry.patient,
            modality=entry.modality,
            location=entry.location,
            first_day=TUESDAY,
            last_day=TUESDAY,
            parts=["morning"],
            agreed_at=NOW,
        )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "wrong",
    [
        "UPDATE bookings_waitingentry SET state = 'waiting'",
        "DELETE FROM bookings_waitingoffer",
        "UPDATE bookings_waitingoffer SET answer = 'declined', answered_at = now()",
        "UPDATE bookings_waitingentry SET patient_id = NULL",
        "UPDATE bookings_waitingentry SET parts = '{night}'",
        "UPDATE bookings_waitingentry SET clearance = 'declined'",
    ],
)
def test_raw_sql_cannot_part_an_entry_from_its_offer(wrong):
    waits(make_clinic())
    offers.sweep(now=NOW)
    assert WaitingEntry.objects.get().state == "offered"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(wrong)


@pytest.mark.django_db(transaction=True)
def test_whoever_is_off_the_list_stays_off():
    entry = waits(make_clinic())
    waiting.leave(entry, now=NOW)
    patient = make_patient("Deniz Ak")
    with pytest.raises(IntegrityError, match="off the list"), transaction.atomic():
        WaitingEntry.objects.filter(pk=entry.pk).update(state=Waiting.WAITING, patient=patient, ended_at=None)


# how much is asked


@pytest.mark.django_db(transaction=True)
def test_a_quiet_sweep_asks_the_same_however_many_wait(django_assert_num_queries):
    clinic = make_clinic()
    with django_assert_num_queries(3):
        offers.sweep(now=NOW)
    taken_half_hour()
    waits(clinic, "First")
    assert offers.sweep(now=NOW) == 0  # looks, finds nothing
    with django_assert_num_queries(6):
        offers.sweep(now=NOW)
    for number in range(5):
        waits(clinic, f"Person {number}")
    with django_assert_num_queries(6):  # somebody new: everybody is looked at, and nothing fits anybody
        offers.sweep(now=NOW)
    with searches() as looked, django_assert_num_queries(6):
        offers.sweep(now=NOW)
    assert looked == []
    confirmed("2027-03-09 10:00", "consult")
    with searches() as looked, django_assert_num_queries(7):  # a diary changed: its times are read, all are looked at
        offers.sweep(now=NOW)
    assert len(looked) == 6
    with searches() as looked, django_assert_num_queries(6):
        offers.sweep(now=NOW)
    assert looked == []


@contextmanager
def searches():
    """The entries that were looked at meanwhile."""
    seen, really = [], offers.best_offer

    def looking(row, **given):
        seen.append(row.pk)
        return really(row, **given)

    with patch.object(offers, "best_offer", looking):
        yield seen


@pytest.mark.django_db(transaction=True)
def test_only_those_for_whom_something_is_free_cost_a_query(django_assert_num_queries):
    clinic = make_clinic()
    one_half_hour()
    for number in range(4):
        waits(clinic, f"Person {number}", now=later(minutes=number))
    for number in range(3):
        waits(clinic, f"Evening {number}", parts=["evening"])
    start = at(TEN)
    freed = {"start": start, "end": start + timedelta(minutes=30), "location": clinic.location, "now": NOW}
    reading.who_fits(**freed)  # the diaries and the catalogue are read once
    with django_assert_num_queries(3 + 1 + 2 * 4):
        found = reading.who_fits(**freed)
    assert [fit.entry.patient.name for fit in found] == [f"Person {number}" for number in range(4)]
