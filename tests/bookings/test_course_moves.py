"""Moving one session of a course: the later ones judged, proposed anew, and moved along or none of them."""

from datetime import timedelta

import pytest

from bookings.models import Appointment
from bookings.selectors.course_moves import bounds_between, later_sessions_broken
from bookings.selectors.courses import Chosen, get_course
from bookings.services import lifecycle, moves
from bookings.services.course_moves import move_with_followers
from bookings.services.courses import book_course, book_series
from clinic.audit.models import Entry
from clinic.errors import DomainError
from tests.bookings.cast import NOW, at, held, make_patient, plan
from tests.bookings.test_courses import rows_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(clinic):
    """Four Tuesdays at ten with Ayşe, four weeks apart from 2 March on."""
    days = ("2027-03-02", "2027-03-30", "2027-04-27", "2027-05-25")
    starts = [Chosen(at(f"{day} 10:00"), "ayse") for day in days]
    return book_course(plan=plan(), patient=make_patient(), starts=starts, now=NOW)


def broken(row, start):
    found = later_sessions_broken(row, at(start), now=NOW)
    return [(one.visit.session, one.why, one.days) for one in found]


def days_of(course):
    return [str(row.start.date()) for row in rows_of(get_course(course.pk))]


def followers(row, start):
    found = later_sessions_broken(row, at(start), now=NOW)
    return [(one.visit.pk, Chosen(one.start, one.practitioner)) for one in found]


def test_a_week_later_pushes_every_later_session_that_would_be_too_close(course):
    second = rows_of(course)[1]
    assert broken(second, "2027-04-06 10:00") == [(3, "too_close", 21), (4, "too_close", 21)]
    found = later_sessions_broken(second, at("2027-04-06 10:00"), now=NOW)
    assert [one.start for one in found] == [at("2027-05-04 10:00"), at("2027-06-01 10:00")]
    assert all(one.hard and one.practitioner == "ayse" for one in found)


def test_what_keeps_its_distance_stays(course):
    first, *_others, last = rows_of(course)
    assert broken(first, "2027-03-01 15:00") == []
    assert broken(last, "2027-06-22 10:00") == []
    # The second comes far behind the first, then keeps its distance to the third.
    assert broken(first, "2027-02-09 10:00") == [(2, "too_far", 49)]


def test_a_session_alone_may_not_come_too_close_to_the_next(course):
    second = rows_of(course)[1]
    with pytest.raises(DomainError) as refusal:
        moves.move(second, start=at("2027-04-06 10:00"), now=NOW, staff=True)
    assert refusal.value.extra["reasons"][0]["code"] == "interval"


def test_together_they_move_in_one_transaction(course):
    second = rows_of(course)[1]
    start = "2027-04-06 10:00"
    moved = move_with_followers(second, start=at(start), followers=followers(second, start), now=NOW, staff=True)
    assert moved.pk == second.pk and moved.start == at(start)
    assert days_of(course) == ["2027-03-02", "2027-04-06", "2027-05-04", "2027-06-01"]
    assert Entry.objects.get(action="course.move").detail == {"sessions": [2, 3, 4]}
    assert {row.version for row in rows_of(course)} == {1, 2}


def test_earlier_together_too(course):
    third = rows_of(course)[2]
    moved = move_with_followers(
        third,
        start=at("2027-05-11 10:00"),
        followers=[(rows_of(course)[3].pk, Chosen(at("2027-06-08 15:00"), "deniz"))],
        now=NOW,
        staff=True,
    )
    assert moved.start == at("2027-05-11 10:00")
    last = rows_of(course)[3]
    assert (last.start, last.practitioner.slug) == (at("2027-06-08 15:00"), "deniz")


def test_none_moves_when_one_of_them_cannot(course):
    second = rows_of(course)[1]
    wanted = followers(second, "2027-04-06 10:00")
    held("2027-06-01 10:00", now=NOW)
    before = days_of(course)
    with pytest.raises(DomainError) as refusal:
        move_with_followers(second, start=at("2027-04-06 10:00"), followers=wanted, now=NOW, staff=True)
    assert (refusal.value.code, refusal.value.extra["session"]) == ("slot_taken", 4)
    assert days_of(course) == before
    assert not Entry.objects.filter(action="appointment.move").exists()


def test_followers_that_would_still_be_too_close_are_refused(course):
    second, third = rows_of(course)[1:3]
    near = [(third.pk, Chosen(at("2027-05-03 10:00")))]
    with pytest.raises(DomainError) as refusal:
        move_with_followers(second, start=at("2027-04-06 10:00"), followers=near, now=NOW, staff=True)
    assert (refusal.value.code, refusal.value.extra["session"]) == ("session_too_soon", 3)


def test_one_that_is_not_moved_along_keeps_its_interval(course):
    """Only the third goes along; the fourth stays four weeks behind where the third was."""
    second, third = rows_of(course)[1:3]
    some = [(third.pk, Chosen(at("2027-05-04 10:00"), "ayse"))]
    with pytest.raises(DomainError) as refusal:
        move_with_followers(second, start=at("2027-04-06 10:00"), followers=some, now=NOW, staff=True)
    assert refusal.value.extra["session"] == 3 and refusal.value.extra["reasons"][0]["code"] == "interval"


def test_somebody_elses_visit_is_no_follower(course):
    stranger = held("2027-03-04 10:00", now=NOW)
    with pytest.raises(DomainError) as refusal:
        move_with_followers(
            rows_of(course)[1],
            start=at("2027-03-31 10:00"),
            followers=[(stranger.pk, Chosen(at("2027-05-05 10:00")))],
            now=NOW,
        )
    assert refusal.value.code == "not_a_follower"


def test_a_visit_without_a_course_has_no_followers(clinic):
    row = Appointment.objects.get(pk=held("2027-03-04 10:00", now=NOW).pk)
    assert later_sessions_broken(row, row.start + timedelta(days=7), now=NOW) == []


# several treatments


@pytest.fixture
def mixed(clinic):
    """Pen, peel, pen, peel, pen on Tuesdays at ten with Ayşe, two weeks apart from 2 March on."""
    days = ("2027-03-02", "2027-03-16", "2027-03-30", "2027-04-13", "2027-04-27")
    visits = [plan("pen"), plan("peel"), plan("pen"), plan("peel"), plan("pen")]
    starts = [Chosen(at(f"{day} 10:00"), "ayse") for day in days]
    return book_series(visits=visits, gaps=[(14, 21)] * 4, patient=make_patient(), starts=starts, now=NOW)


def test_a_peel_that_comes_later_takes_needling_and_peels_after_it_along(mixed):
    second, start = rows_of(mixed)[1], "2027-03-23 10:00"
    assert broken(second, start) == [(3, "too_close", 7), (4, "too_close", 7), (5, "too_close", 7)]
    move_with_followers(second, start=at(start), followers=followers(second, start), now=NOW)
    assert days_of(mixed) == ["2027-03-02", "2027-03-23", "2027-04-06", "2027-04-20", "2027-05-04"]


def test_a_move_within_the_gap_touches_nobody(mixed):
    assert broken(rows_of(mixed)[0], "2027-02-27 10:00") == []
    assert broken(rows_of(mixed)[4], "2027-05-04 10:00") == []
    assert broken(rows_of(mixed)[0], "2027-02-20 10:00") == [(2, "too_far", 24)]


def test_without_the_peel_between_two_needlings_keep_four_weeks_and_not_the_sum_of_the_gaps(clinic):
    """Gaps of three weeks made six; once the peel is gone, the skin needs four."""
    days, patient = ("2027-03-02", "2027-03-23", "2027-04-13"), make_patient()
    starts = [Chosen(at(f"{day} 10:00"), "ayse") for day in days]
    visits = [plan("pen"), plan("peel"), plan("pen")]
    course = book_series(visits=visits, gaps=[(21, 28)] * 2, patient=patient, starts=starts, now=NOW)
    first, peel, last = rows_of(course)
    assert bounds_between(first, peel) == (21, 28) and bounds_between(peel, last) == (21, 28)
    lifecycle.cancel(peel, reason="patient", now=NOW)
    first, last = rows_of(course)[0], rows_of(course)[2]
    assert bounds_between(first, last) == (28, 56)
    assert broken(first, "2027-03-16 10:00") == []
    assert broken(first, "2027-03-17 10:00") == [(3, "too_close", 27)]


def test_what_a_plan_once_allowed_with_a_reason_a_later_move_does_not(clinic):
    starts = [Chosen(at("2027-03-02 10:00"), "ayse"), Chosen(at("2027-03-22 10:00"), "ayse")]
    reason = {"near_reason": "Shallow passes."}
    visits = [plan("pen")] * 2
    course = book_series(visits=visits, gaps=[(20, 25)], patient=make_patient(), starts=starts, now=NOW, **reason)
    first, second = rows_of(course)
    assert bounds_between(first, second)[0] == 28
    with pytest.raises(DomainError) as refusal:
        moves.move(second, start=at("2027-03-23 10:00"), now=NOW)
    assert refusal.value.extra["reasons"][0]["code"] == "interval"


def test_a_mixed_course_keeps_its_gaps_on_record(mixed):
    assert mixed.is_mixed and mixed.gaps_between(1, 3) == [(14, 21), (14, 21)]
    assert (mixed.modality.slug, mixed.spacing) == ("pen", (14, 21))
    assert [row.modality.slug for row in rows_of(mixed)] == ["pen", "peel", "pen", "peel", "pen"]


def test_a_course_may_reach_beyond_the_horizon_and_a_first_visit_may_not(clinic):
    clinic.location.horizon_days = 30
    clinic.location.save()
    starts = [
        Chosen(at("2027-03-02 10:00"), "ayse"),
        Chosen(at("2027-03-30 10:00"), "ayse"),
        Chosen(at("2027-04-27 10:00")),
    ]
    course = book_series(visits=[plan("pen")] * 3, gaps=[(28, 42)] * 2, patient=make_patient(), starts=starts, now=NOW)
    last = rows_of(course)[2]
    assert moves.move(last, start=at("2027-05-04 10:00"), now=NOW).start == at("2027-05-04 10:00")
    with pytest.raises(DomainError) as refusal:
        held("2027-04-28 10:00", now=NOW)
    assert refusal.value.extra["reasons"][0]["code"] == "too_far"
