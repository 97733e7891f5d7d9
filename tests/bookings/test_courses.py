"""Courses against a real database: proposals, booking all or nothing, forms and messages of the later sessions."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from bookings import messages
from bookings.models import Appointment, Course
from bookings.selectors.books import current_book
from bookings.selectors.courses import Chosen, plan_course
from bookings.services import holds, lifecycle, moves
from bookings.services.courses import book_course
from bookings.services.taking import later_form_due
from bookings.states import State
from clinic.audit.models import Entry
from clinic.errors import DomainError, NotAllowed
from clinic.messaging.models import Message
from clinic.people.access import Actor
from clinic.people.models import User
from tests.bookings.cast import NOW, at, confirmed, held, make_patient, plan

pytestmark = pytest.mark.django_db
FIRST = date(2027, 3, 2)


def proposals(sessions=4, modality="pen", **options):
    options.setdefault("staff", True)
    return plan_course(plan=plan(modality), sessions=sessions, earliest=FIRST, now=NOW, **options)


def booked(patient=None, sessions=4, **options):
    chosen = proposals(sessions).plans[0].sessions
    return book_course(plan=plan(), patient=patient or make_patient(), starts=chosen, now=NOW, **options)


def rows_of(course):
    return list(Appointment.objects.filter(course=course).select_related("location", "modality").order_by("session"))


def test_proposals_keep_the_spacing_and_tell_why(clinic):
    found = proposals()
    assert found.timezone == "Europe/Istanbul" and found.price == 4 * 3000
    for one in found.plans:
        days = [session.start.date() for session in one.sessions]
        assert all(28 <= (b - a).days <= 42 for a, b in zip(days, days[1:], strict=False))
        assert all(session.practitioner in ("ayse", "deniz") and session.name for session in one.sessions)
    assert "same_weekday_and_time" in {one.code for one in found.plans[0].reasons}


def test_a_closed_day_is_named_in_words(clinic):
    clinic.location.closures.create(date_from="2027-03-30", date_to="2027-03-30")
    [best, *_] = proposals(prefer="ayse", weekday=1, minute=600).plans
    [told] = [one.sentence for one in best.reasons if one.code == "another_day"][:1]
    assert told.startswith("Session 2 is ") and "Tuesday 30 March" in told and "closed on that day" in told


def test_nothing_is_proposed_that_has_passed_even_for_staff(clinic):
    late = at("2027-03-02 10:40")
    found = plan_course(plan=plan("peel"), sessions=2, earliest=FIRST, weekday=1, minute=600, staff=True, now=late)
    assert all(session.start >= late for one in found.plans for session in one.sessions)


@pytest.mark.django_db(transaction=True)
def test_three_queries_whatever_the_length(clinic, patient, django_assert_num_queries):
    wanted = plan()
    current_book()
    for sessions in (2, 6):
        with django_assert_num_queries(
            3
        ):  # is the copy fresh, what the patient has already, what was last said of them
            plan_course(plan=wanted, sessions=sessions, earliest=FIRST, patient_id=patient.pk, now=NOW)


def test_what_the_patient_has_already_keeps_its_distance_from_every_session(clinic, patient):
    confirmed("2027-04-20 10:00", "laser", patient=patient)
    found = proposals(3, patient_id=patient.pk)
    for one in found.plans:
        for session in one.sessions:
            assert abs((session.start.date() - date(2027, 4, 20)).days) >= 28


@pytest.mark.parametrize(("sessions", "code"), [(1, "sessions_out_of_range"), (7, "sessions_out_of_range")])
def test_too_few_or_too_many_sessions_are_refused(clinic, sessions, code):
    with pytest.raises(DomainError) as refusal:
        proposals(sessions)
    assert refusal.value.code == code


def test_a_course_is_booked_whole(clinic, patient):
    chosen = proposals().plans[0].sessions
    course = book_course(plan=plan(), patient=patient, starts=chosen, now=NOW)
    rows = rows_of(course)
    assert [(row.session, row.start, row.state) for row in rows] == [
        (number, one.start, State.RESERVED) for number, one in enumerate(chosen, 1)
    ]
    assert {row.patient_id for row in rows} == {patient.pk}
    assert [one.practitioner for one in chosen] == [row.practitioner.slug for row in rows]
    assert (course.sessions, course.spacing) == (4, (28, 42))
    assert Entry.objects.filter(action="course.book", subject=course.ref).count() == 1


def test_one_lost_session_books_none_and_brings_fresh_plans(clinic, patient):
    chosen = proposals().plans[0].sessions
    third = chosen[2]
    held(third.start.strftime("%Y-%m-%d %H:%M"))  # the only device
    before = Appointment.objects.count()
    with pytest.raises(DomainError) as refusal:
        book_course(plan=plan(), patient=patient, starts=chosen, now=NOW)
    assert refusal.value.code == "slot_taken" and refusal.value.extra["session"] == 3
    assert refusal.value.extra["reasons"][0]["code"].endswith("_taken")
    fresh = refusal.value.extra["proposals"]
    assert len(fresh) == 3
    assert (Appointment.objects.count(), Course.objects.count(), Message.objects.count()) == (before, 0, 0)
    again = [Chosen(at(one["start"][:16].replace("T", " ")), one["practitioner"]) for one in fresh[0]["sessions"]]
    assert book_course(plan=plan(), patient=patient, starts=again, now=NOW).sessions == 4


def test_sessions_too_near_to_each_other_are_refused_before_anything_is_taken(clinic, patient):
    starts = [Chosen(at("2027-03-02 10:00")), Chosen(at("2027-03-29 10:00"))]
    with pytest.raises(DomainError) as refusal:
        book_course(plan=plan(), patient=patient, starts=starts, now=NOW)
    assert (refusal.value.code, refusal.value.extra["session"]) == ("session_too_soon", 2)
    assert not Appointment.objects.exists()


def test_the_first_form_is_due_as_ever_and_the_others_a_day_before_their_own_visit(clinic):
    first, *others = rows_of(booked())
    assert first.form_due_at == NOW + timedelta(hours=2), "within 48 hours"
    assert [row.form_due_at for row in others] == [row.start - timedelta(hours=24) for row in others]
    holds.lapse_due(now=NOW + timedelta(days=3))
    states = [row.state for row in rows_of(Course.objects.get())]
    assert states == [State.LAPSED, State.RESERVED, State.RESERVED, State.RESERVED]
    holds.lapse_due(now=others[0].start - timedelta(hours=23))
    assert [row.state for row in rows_of(Course.objects.get())][1] == State.LAPSED


def test_one_message_at_once_and_the_later_forms_are_asked_for_near_their_day(clinic):
    first, second, *others = rows_of(booked())
    at_once = Message.objects.filter(due_at__lte=NOW, state="pending")
    assert [(one.ref, one.kind) for one in at_once] == [(first.ref, "intake_due")]
    wanted = {one.kind + one.step: one.due_at for one in messages.desired(second, now=NOW)}
    days_before = {"intake_due5d": 5, "intake_due48h": 2}
    assert wanted == {
        key: messages.days_from(second.start, -days, "Europe/Istanbul") for key, days in days_before.items()
    }
    for row in (second, *others):
        waiting = Message.objects.filter(ref=row.ref, state="pending")
        assert waiting.count() == 2 and min(one.due_at for one in waiting) > NOW + timedelta(days=20)


def test_a_later_session_that_moves_keeps_a_form_near_its_own_day(clinic):
    second = rows_of(booked(sessions=2))[1]
    moved = moves.move(second, start=second.start + timedelta(days=1), now=NOW, staff=True)
    assert moved.form_due_at == moved.start - timedelta(hours=24)


def test_a_later_session_booked_at_short_notice_still_leaves_time_for_its_form(clinic, patient):
    second = rows_of(booked(patient))[1]
    late = second.start - timedelta(hours=3)
    row = lifecycle.locked(second)
    assert later_form_due(row.start, now=late) == late + timedelta(hours=2)


def test_a_session_number_is_taken_once_while_it_counts(clinic):
    first, second, *_ = rows_of(booked())
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.filter(pk=second.pk).update(session=1)
    lifecycle.cancel(first, reason="clinic", now=NOW)
    Appointment.objects.filter(pk=second.pk).update(session=1)


@pytest.mark.parametrize("half", [{"session": None}, {"course": None}, {"session": 0}])
def test_a_course_without_a_number_or_a_number_without_a_course_cannot_be(clinic, half):
    row = rows_of(booked())[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.filter(pk=row.pk).update(**half)


def test_a_consultation_is_no_course(clinic):
    with pytest.raises(DomainError) as refusal:
        proposals(3, "consult")
    assert refusal.value.code == "no_course"


def test_a_practitioner_books_courses_in_their_own_diary_only(clinic, patient):
    user = User.objects.create_user("ayse@clinic.example", "a long enough word", name="Ayse", role="practitioner")
    type(clinic.ayse.practitioner).objects.filter(pk=clinic.ayse.pk).update(user=user)
    actor = Actor("practitioner", user=user)
    for who, allowed in (("deniz", False), (None, False), ("ayse", True)):
        starts = [Chosen(one.start, who) for one in proposals(2, practitioner="ayse").plans[0].sessions]
        if allowed:
            assert book_course(plan=plan(), patient=patient, starts=starts, actor=actor, now=NOW).sessions == 2
        else:
            with pytest.raises(NotAllowed):
                book_course(plan=plan(), patient=patient, starts=starts, actor=actor, now=NOW)
