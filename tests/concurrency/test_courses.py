"""Whole courses or none, with two desks at once and with a connection that dies."""

import pytest

from bookings.models import Allocation, Appointment, Course
from bookings.selectors.courses import Chosen
from bookings.services.courses import book_course
from clinic.messaging.models import Message
from consultations.models import PlanVersion
from consultations.services import plans
from tests.bookings.cast import NOW, at, confirmed, make_clinic, make_patient, plan
from tests.concurrency.test_holds import _killed_before, outcome
from tests.consultations.plan_cast import drafted, practitioner, proposals, say

pytestmark = pytest.mark.django_db(transaction=True)
STARTS = [Chosen(at(f"2027-{day} 10:00"), "ayse") for day in ("03-02", "03-30", "04-27", "05-25")]


def whole_or_none() -> bool:
    """Every course there is has all its sessions, and nothing is booked outside one."""
    sizes = [(course.sessions, course.appointments.count()) for course in Course.objects.all()]
    return all(a == b for a, b in sizes) and Appointment.objects.filter(course=None).count() == 0


def test_two_desks_book_overlapping_courses_at_once(together, overlaps, orphans):
    """The courses share only one session's time, not the same one of each: one is whole, the other is not there."""
    make_clinic()
    wanted = plan()
    for hour in ("10", "14"):
        here = [Chosen(one.start.replace(hour=int(hour)), one.practitioner) for one in STARTS]
        other = [here[2], *(Chosen(at(f"2027-{day} {hour}:00"), "ayse") for day in ("05-26", "06-23"))]
        people = [make_patient(), make_patient()]

        def book(who, starts):
            return lambda: outcome(lambda: book_course(plan=wanted, patient=who, starts=starts, now=NOW))

        before = Course.objects.count()
        answers = together([book(people[0], here), book(people[1], other)])
        assert sorted(code for code, _ in answers) == ["done", "slot_taken"]
        assert whole_or_none() and Course.objects.count() == before + 1
        assert (overlaps(), orphans()) == (0, 0)


def test_many_desks_want_the_same_course(together, overlaps, orphans):
    make_clinic()
    wanted, people = plan(), [make_patient() for _ in range(6)]

    def book(who):
        return lambda: outcome(lambda: book_course(plan=wanted, patient=who, starts=STARTS, now=NOW))

    answers = [code for code, _ in together([book(who) for who in people])]
    assert answers.count("done") == 1 and set(answers) <= {"done", "slot_taken", "busy"}
    assert whole_or_none() and Course.objects.count() == 1
    assert (overlaps(), orphans()) == (0, 0)


def test_killed_between_any_two_statements_leaves_no_part_of_a_course(orphans, overlaps):
    make_clinic()
    patient, wanted = make_patient(), plan()

    def picture():
        return (
            Course.objects.count(),
            Appointment.objects.count(),
            Allocation.objects.count(),
            Message.objects.count(),
        )

    before, statement = picture(), 0
    while True:
        statement += 1
        act = lambda: book_course(plan=wanted, patient=patient, starts=STARTS[:2], now=NOW)  # noqa: E731
        if not _killed_before(statement, act):
            break
        assert picture() == before
    assert statement > 30, statement
    assert picture()[:2] == (1, 2) and whole_or_none()
    assert (orphans(), overlaps()) == (0, 0)


def test_an_accepted_plan_is_booked_once_however_many_windows_press(together, overlaps, orphans):
    location = make_clinic().location
    patient = make_patient()
    actor = practitioner("ayse")
    visit = confirmed("2027-03-01 15:00", "consult", patient=patient, practitioner="ayse")
    about = {"patient": patient, "about": visit.ref, "location": location}
    made = plans.save_draft(None, draft=drafted("pen", "peel", "pen"), actor=actor, **about)
    plans.propose(made, actor=actor, now=NOW)
    say(made, "accept")
    starts = [one.sessions for one in proposals(made)]
    calls = [lambda chosen=chosen: outcome(lambda: plans.book(made, starts=chosen, now=NOW)) for chosen in starts * 2]
    answers = [code for code, _ in together(calls)]
    assert set(answers) <= {"done", "busy"} and "done" in answers
    assert Course.objects.count() == 1 and Appointment.objects.filter(course=Course.objects.get()).count() == 3
    assert (overlaps(), orphans()) == (0, 0)


def test_two_practitioners_send_at_once_and_each_version_has_its_number(together):
    location = make_clinic().location
    patient, actor = make_patient(), practitioner("ayse")
    visit = confirmed("2027-03-01 15:00", "consult", patient=patient, practitioner="ayse")
    about = {"patient": patient, "about": visit.ref, "location": location}
    made = plans.save_draft(None, draft=drafted("pen", "pen"), actor=actor, **about)
    answers = [code for code, _ in together([lambda: outcome(lambda: plans.propose(made, actor=actor, now=NOW))] * 4)]
    assert answers.count("done") == 1, answers
    assert list(PlanVersion.objects.values_list("number", flat=True)) == [1]
