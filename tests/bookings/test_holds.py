from datetime import timedelta

import pytest

from bookings.models import Absence, Allocation, Appointment, Closure
from bookings.selectors import free_starts, nearest_starts, why_not
from bookings.services import holds, lifecycle
from bookings.services.limits import Caller
from bookings.states import Clearance, State
from clinic.errors import DomainError
from tests.bookings.cast import NOW, at, held, make_patient, plan, reserved

pytestmark = pytest.mark.django_db


def refusal(call) -> DomainError:
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value


def test_a_hold_takes_each_resource_for_its_phase(clinic):
    row = held("2027-03-02 10:00")
    taken = {(one.resource_id, one.during.lower, one.during.upper) for one in row.allocations.all()}
    assert row.state == State.HELD
    assert row.hold_expires_at == NOW + timedelta(minutes=10)
    assert taken == {
        (row.room_id, at("2027-03-02 10:00"), at("2027-03-02 11:30")),
        (row.practitioner_id, at("2027-03-02 10:30"), at("2027-03-02 11:15")),
        (clinic.device.pk, at("2027-03-02 10:30"), at("2027-03-02 11:15")),
    }


def test_a_taken_time_is_refused_with_the_nearest_ones(clinic):
    held("2027-03-02 10:00")
    error = refusal(lambda: held("2027-03-02 10:00"))
    assert (error.code, error.status) == ("slot_taken", 409)
    assert error.extra["nearest"] == [
        "2027-03-02T09:00:00+03:00",
        "2027-03-02T09:15:00+03:00",
        "2027-03-02T10:45:00+03:00",
    ]
    assert list(error.fields) == ["start"]


def test_while_one_numbs_the_practitioner_treats_another(clinic):
    first = held("2027-03-02 10:00", "peel", practitioner="ayse")
    second = held("2027-03-02 10:00", "pen", practitioner="ayse")  # treatment begins at 10:30, when the peel is done
    assert first.room_id != second.room_id
    assert first.practitioner_id == second.practitioner_id


@pytest.mark.parametrize(
    ("start", "code"),
    [
        ("2027-03-02 07:00", "closed"),
        ("2027-03-07 10:00", "closed"),
        ("2027-03-02 17:00", "closed"),
        ("2027-03-02 10:07", "off_grid"),
        ("2027-03-01 10:00", "notice"),
        ("2027-02-27 10:00", "past"),
        ("2027-12-01 10:00", "too_far"),
        ("2027-03-02 12:30", "practitioner_break"),
    ],
)
def test_an_impossible_time_says_why_at_the_field(clinic, start, code):
    error = refusal(lambda: held(start))
    assert (error.code, error.status) == ("start_not_possible", 422)
    assert code in [one["code"] for one in error.extra["reasons"]]
    assert error.fields["start"]


def test_holidays_and_absences_are_named(clinic):
    Closure.objects.create(location=clinic.location, date_from="2027-03-03", date_to="2027-03-03")
    for who in (clinic.ayse, clinic.deniz):
        Absence.objects.create(resource=who, starts_at=at("2027-03-04 08:00"), ends_at=at("2027-03-04 20:00"))
    codes = [
        [one.code for one in why_not(plan=plan(), start=at(start), now=NOW)]
        for start in ("2027-03-03 10:00", "2027-03-04 10:00", "2027-03-05 10:00")
    ]
    assert codes == [["holiday"], ["practitioner_away"], []]


def test_staff_may_book_without_notice(clinic):
    assert held("2027-03-01 10:00", staff=True).state == State.HELD


def test_a_lapsed_hold_does_not_count_and_is_cleared_by_who_needs_its_time(clinic):
    first = held("2027-03-02 10:00")
    later = NOW + timedelta(minutes=10)
    second = held("2027-03-02 10:00", now=later)
    first.refresh_from_db()
    assert (first.state, second.state) == (State.LAPSED, State.HELD)
    assert not first.allocations.filter(active=True).exists()


def test_a_hold_counts_until_its_last_millisecond(clinic):
    held("2027-03-02 10:00")
    just_before = NOW + timedelta(minutes=10) - timedelta(milliseconds=1)
    assert refusal(lambda: held("2027-03-02 10:00", now=just_before)).code == "slot_taken"


def test_a_hold_can_be_prolonged_three_times(clinic):
    row = held()
    for minutes in (9, 18, 27):
        row = holds.extend_hold(row, now=NOW + timedelta(minutes=minutes))
        assert row.hold_expires_at == NOW + timedelta(minutes=minutes + 10)
    assert refusal(lambda: holds.extend_hold(row, now=NOW + timedelta(minutes=30))).code == "no_more_time"
    assert set(row.allocations.values_list("expires_at", flat=True)) == {row.hold_expires_at}


def test_a_hold_that_ran_out_is_taken_again_while_nobody_has_it(clinic):
    row = held()
    assert holds.lapse_due(now=NOW + timedelta(minutes=11)) == 1
    row = lifecycle.reserve(row, patient=make_patient(), now=NOW + timedelta(minutes=12))
    assert row.state == State.RESERVED
    assert row.allocations.filter(active=True, expires_at=None).count() == 4


def test_a_hold_that_ran_out_and_was_taken_is_refused_with_the_nearest(clinic):
    row = held("2027-03-02 10:00")
    held("2027-03-02 10:00", now=NOW + timedelta(minutes=11))
    error = refusal(lambda: lifecycle.reserve(row, patient=make_patient(), now=NOW + timedelta(minutes=12)))
    assert error.code == "slot_taken"
    assert error.extra["nearest"]


def test_a_released_hold_is_free_at_once(clinic):
    holds.release_hold(held("2027-03-02 10:00"), now=NOW)
    assert held("2027-03-02 10:00").state == State.HELD


def test_a_form_not_finished_gives_the_time_back(clinic):
    row = reserved("2027-03-10 10:00")
    assert row.form_due_at == NOW + timedelta(hours=24)
    assert holds.lapse_due(now=NOW + timedelta(hours=23)) == 0
    assert holds.lapse_due(now=NOW + timedelta(hours=24)) == 1
    row.refresh_from_db()
    assert row.state == State.LAPSED


def test_a_visit_within_two_days_has_its_form_due_in_two_hours(clinic):
    assert reserved("2027-03-02 10:00").form_due_at == NOW + timedelta(hours=2)


def test_somebody_booked_in_for_now_has_half_an_hour_for_the_form(clinic):
    row = reserved("2027-03-01 10:00", now=at("2027-03-01 09:55"), staff=True)
    assert holds.lapse_due(now=at("2027-03-01 10:10")) == 0
    row = lifecycle.record_clearance(row, clearance=Clearance.CLEARED, now=at("2027-03-01 10:15"))
    assert lifecycle.confirm(row, now=at("2027-03-01 10:15")).state == State.CONFIRMED


def test_one_browser_keeps_two_times_and_one_address_twenty_an_hour(clinic, settings):
    settings.RATE_LIMITS = True
    mine = Caller(browser="b1", address="192.0.2.1")
    held("2027-03-02 10:00", caller=mine)
    held("2027-03-03 10:00", caller=mine)
    assert refusal(lambda: held("2027-03-04 10:00", caller=mine)).code == "too_many_holds"
    settings.RATE_LIMITS = False
    assert held("2027-03-04 10:00", caller=mine).state == State.HELD


def test_the_same_person_is_not_in_two_places(clinic, patient):
    reserved("2027-03-02 10:00", patient=patient)
    other = held("2027-03-02 10:00", "consult")
    assert refusal(lambda: lifecycle.reserve(other, patient=patient, now=NOW)).code == "patient_busy"


def test_the_interval_holds_before_and_after(clinic, patient):
    reserved("2027-04-15 10:00", patient=patient)
    for start, code in (("2027-04-01 10:00", "interval"), ("2027-05-12 10:00", "interval"), ("2027-05-13 10:00", None)):
        reasons = why_not(plan=plan(), start=at(start), patient_id=patient.pk, now=NOW)
        assert [one.code for one in reasons] == ([code] if code else [])
        other = held(start)
        if code:
            assert refusal(lambda row=other: lifecycle.reserve(row, patient=patient, now=NOW)).code == code
        else:
            assert lifecycle.reserve(other, patient=patient, now=NOW).state == State.RESERVED


def test_bookable_from_and_the_review_lead_move_the_first_time(clinic):
    day = at("2027-03-02 00:00").date()
    later = day + timedelta(days=3)
    found = free_starts(plan=plan(), first=day, last=later, bookable_from=later, now=NOW)
    assert [bool(starts) for starts in found.days.values()] == [False, False, False, True]
    first = free_starts(plan=plan(), first=day, last=day, clearance="review", now=NOW).starts[0]
    assert first == at("2027-03-02 09:00")  # 24 hours after NOW


def test_within_a_transaction_that_has_written_its_own_writes_count(clinic, django_assert_num_queries):
    wanted, day = plan(), at("2027-03-02 00:00").date()
    held("2027-03-02 10:00")
    with django_assert_num_queries(3):  # may the copy be used? no: zone, everything
        before = free_starts(plan=wanted, first=day, last=day, now=NOW).starts
    for start in ("2027-03-02 14:00", "2027-03-02 16:00"):
        held(start)
    with django_assert_num_queries(3):
        after = free_starts(plan=wanted, first=day, last=day + timedelta(days=30), now=NOW)
    assert len(before) > len(after.days[day])


def test_looking_writes_nothing(clinic):
    held("2027-03-02 10:00")
    later = NOW + timedelta(hours=1)
    nearest_starts(plan=plan(), start=at("2027-03-02 10:00"), now=later)
    assert Appointment.objects.get().state == State.HELD
    assert Allocation.objects.filter(active=True).count() == 3
