"""A plan from the first word to the booked course: versions, answers, screening, prices, what the desk can see."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from bookings.models import Appointment, Course
from bookings.services import lifecycle
from bookings.states import Clearance, State
from clinic.audit.models import Entry
from clinic.errors import DomainError, Invalid, NotAllowed, NotFound
from clinic.messaging.models import Message
from clinic.people.access import Actor
from consultations import plan_draft, plan_messages
from consultations.models import Plan, PlanAnswer, PlanVersion
from consultations.plan_links import plan_id_of, plan_token
from consultations.selectors import plans
from consultations.services import plans as services
from consultations.services import review
from tests.bookings.cast import NOW, confirmed, held, make_patient, reserved
from tests.consultations.cast import BORN, submit
from tests.consultations.plan_cast import MIXED, accepted, again, drafted, planned, practitioner, proposals, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(clinic, questionnaire):
    return make_patient(date_of_birth=BORN)


def rows_of(course):
    return list(Appointment.objects.filter(course=course).select_related("modality").order_by("session"))


# writing and sending


def test_what_is_sent_is_what_was_written_with_the_usual_gaps_and_the_catalogues_price(patient):
    made = planned(patient, note="Bring sun cream.")
    version = made.version
    assert [(one["modality"], one.get("least"), one.get("most")) for one in version.sessions] == [
        ("pen", None, None), ("peel", 14, 21), ("pen", 14, 21), ("peel", 14, 21), ("pen", 14, 21),
    ]  # fmt: skip
    assert version.total == version.listed > 0 and version.currency == "TRY"
    assert (version.number, version.goal, version.note) == (1, "Calmer scars on both cheeks", "Bring sun cream.")
    assert made.plan.draft == {} and plans.state_of(made.plan) == plans.PROPOSED
    assert Entry.objects.get(action="plan.propose").detail == {"version": 1, "sessions": 5}


def test_one_message_that_tells_nothing_with_the_link(patient):
    made = planned(patient)
    [message] = Message.objects.filter(kind="plan_proposed")
    assert plan_token(made.plan) in message.body and "scars" not in message.body
    assert plan_id_of(plan_token(made.plan)) == made.plan.pk


FIRST = {"modality": "pen", "areas": ["face"]}


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"goal": " "}, "goal"),
        ({"sessions": []}, "sessions"),
        ({"sessions": [{"modality": "consult", "areas": ["face"]}]}, "s0-modality"),
        ({"sessions": [{"modality": "pen", "areas": []}]}, "s0-areas"),
        ({"sessions": [{"modality": "pen", "areas": ["scalp"]}]}, "s0-areas"),
        ({"sessions": [FIRST] * 13}, "sessions"),
        ({"sessions": [FIRST, FIRST | {"least": "0"}]}, "s1-least"),
        ({"sessions": [FIRST, FIRST | {"least": "30", "most": "29"}]}, "s1-most"),
        ({"total": "-1"}, "total"),
        ({"total": "NaN"}, "total"),
        ({"total": "1.005"}, "total"),
        ({"total": "lots"}, "total"),
        ({"expires_on": "2027-02-28"}, "expires_on"),
        ({"expires_on": "soon"}, "expires_on"),
        ({"note": "x" * 2001}, "note"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_draft_stays(patient, typed, field):
    actor = practitioner("ayse")
    visit = confirmed("2027-03-01 15:00", "consult", patient=patient, now=NOW)
    draft = drafted() | typed
    plan = services.save_draft(
        None, draft=draft, actor=actor, patient=patient, about=visit.ref, location=visit.location
    )
    with pytest.raises(Invalid) as refusal:
        services.propose(plan, actor=actor, now=NOW)
    assert list(refusal.value.fields) == [field]
    assert again(plan).draft == draft and not PlanVersion.objects.exists()


def test_sessions_nearer_than_the_table_need_a_reason_which_is_on_record(patient):
    near = drafted("pen", "peel", "pen")
    near["sessions"][2]["least"], near["sessions"][2]["most"] = "13", "20"
    actor = practitioner("ayse")
    visit = confirmed("2027-03-01 15:00", "consult", patient=patient, now=NOW)
    about = {"patient": patient, "about": visit.ref, "location": visit.location}
    plan = services.save_draft(None, draft=near, actor=actor, **about)
    with pytest.raises(Invalid) as refusal:
        services.propose(plan, actor=actor, now=NOW)
    assert list(refusal.value.fields) == ["near_reason"]
    plan = services.save_draft(plan, draft=near | {"near_reason": "Very light passes only."}, actor=actor)
    version = services.propose(plan, actor=actor, now=NOW)
    assert version.near_reason == "Very light passes only."
    assert Entry.objects.get(action="plan.propose").detail["near"] == [[1, 3], [2, 3]]


def test_the_desk_and_the_owner_write_no_plans(patient):
    made = planned(patient)
    for kind in ("desk", "owner", "patient"):
        for act in (
            lambda kind=kind: services.save_draft(made.plan, draft={}, actor=Actor(kind)),
            lambda kind=kind: services.propose(made.plan, actor=Actor(kind), now=NOW),
            lambda kind=kind: services.withdraw(made.plan, actor=Actor(kind), now=NOW),
        ):
            with pytest.raises(NotAllowed):
                act()


def test_a_colleague_who_does_not_treat_them_finds_no_plan(patient):
    made = planned(patient)
    with pytest.raises(NotFound):
        plans.get_plan(made.plan.pk, actor=practitioner("deniz"))
    assert plans.get_plan(made.plan.pk, actor=made.actor).pk == made.plan.pk
    assert Entry.objects.filter(action="plan.read").count() == 1


@pytest.mark.parametrize("about", ["appointment:{other}", "enquiry:{visit}", "appointment:x", "", "letter:{visit}"])
def test_a_plan_begins_only_from_a_visit_of_that_patient(patient, about):
    actor = practitioner("ayse")
    mine = confirmed("2027-03-01 15:00", "consult", patient=patient, practitioner="ayse", now=NOW)
    other = confirmed("2027-03-02 15:00", "consult", practitioner="ayse", now=NOW)
    with pytest.raises(NotFound):
        plans.subject_of(str(patient.pk), about.format(other=other.pk, visit=mine.pk), actor=actor)
    assert plans.subject_of(str(patient.pk), mine.ref, actor=actor)[0] == patient


# answers


def test_yes_is_kept_with_the_words_that_were_shown(patient):
    made = accepted(patient)
    [given] = PlanAnswer.objects.all()
    assert given.version == made.version and given.answer == "accept"
    assert "Calmer scars" in given.shown and "2 to 3 weeks" in given.shown
    assert given.shown_hash == services.hash_of(given.shown)
    assert plans.state_of(again(made.plan)) == plans.ACCEPTED
    say(made.plan, "accept")
    assert PlanAnswer.objects.count() == 1


def test_a_changed_plan_needs_another_yes(patient):
    made = accepted(patient)
    plan = services.save_draft(made.plan, draft=drafted("pen", "pen"), actor=made.actor)
    services.propose(plan, actor=made.actor, now=NOW)
    assert plans.state_of(again(plan)) == plans.PROPOSED
    with pytest.raises(DomainError) as refusal:
        services.book(plan, starts=[], now=NOW)
    assert refusal.value.code == "plan_not_accepted"
    assert [one.ref for one in Message.objects.filter(kind="plan_proposed")] == [plan.ref] * 2


def test_the_same_plan_is_not_sent_twice(patient):
    made = planned(patient)
    plan = services.save_draft(made.plan, draft=drafted(), actor=made.actor)
    with pytest.raises(DomainError) as refusal:
        services.propose(plan, actor=made.actor, now=NOW)
    assert refusal.value.code == "nothing_new"


def test_yes_to_what_has_changed_meanwhile_is_not_taken(patient):
    made = planned(patient)
    with pytest.raises(DomainError) as refusal:
        say(made.plan, "accept", shown_hash="0" * 64)
    assert refusal.value.code == "plan_changed"
    plan = services.save_draft(made.plan, draft=drafted("pen", "pen"), actor=made.actor)
    services.propose(plan, actor=made.actor, now=NOW)
    with pytest.raises(DomainError) as refusal:
        say(made.plan, "accept", seen=str(made.version.pk))
    assert refusal.value.code == "plan_changed" and not PlanAnswer.objects.exists()


def test_the_last_day_still_counts_and_the_next_does_not(patient):
    made = planned(patient, expires_on="2027-03-05")
    with pytest.raises(DomainError) as refusal:
        say(made.plan, "accept", now=NOW + timedelta(days=5))
    assert refusal.value.code == "plan_over"
    say(made.plan, "accept", now=NOW + timedelta(days=4, hours=14))
    assert PlanAnswer.objects.count() == 1


def test_not_now_leaves_it_open_and_a_question_waits_for_the_practitioner(patient):
    made = planned(patient)
    say(made.plan, "not_now")
    assert plans.state_of(again(made.plan)) == plans.NOT_NOW
    say(made.plan, "ask", text="Does it hurt?", now=NOW + timedelta(minutes=1))
    assert plans.open_question(again(made.plan)).text == "Does it hurt?"
    with pytest.raises(Invalid):
        say(made.plan, "ask", text="  ")
    assert plans.questions_waiting(made.actor) == 1
    say(made.plan, "accept", now=NOW + timedelta(minutes=2))
    assert plans.open_question(again(made.plan)) is None and plans.questions_waiting(made.actor) == 0


def test_a_question_waits_until_somebody_says_that_it_is_answered_and_the_next_one_waits_again(patient):
    made = planned(patient)
    say(made.plan, "ask", text="Does it hurt?", now=NOW + timedelta(minutes=1))
    services.settle_question(made.plan, actor=made.actor, now=NOW + timedelta(minutes=5))
    assert plans.open_question(again(made.plan)) is None and plans.questions_waiting(made.actor) == 0
    say(made.plan, "ask", text="And how long?", now=NOW + timedelta(minutes=9))
    assert plans.open_question(again(made.plan)).text == "And how long?"
    assert plans.questions_waiting(made.actor) == 1 and plans.questions_waiting(practitioner("deniz")) == 0


def test_a_plan_taken_back_is_answered_no_more_and_says_nothing_more(patient):
    made = planned(patient)
    services.withdraw(made.plan, actor=made.actor, now=NOW)
    with pytest.raises(DomainError) as refusal:
        say(made.plan, "accept")
    assert refusal.value.code == "plan_withdrawn"
    assert Message.objects.get(kind="plan_proposed").state == "cancelled"
    assert not plan_messages.is_current(made.plan.ref, 1)


@pytest.mark.parametrize(("table", "column"), [(PlanVersion, "number"), (PlanAnswer, "language")])
def test_what_was_sent_and_said_is_never_changed(patient, table, column):
    accepted(patient)
    for statement in (f"DELETE FROM {table._meta.db_table}", f"UPDATE {table._meta.db_table} SET {column} = '7'"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_database_takes_one_yes_for_a_version(patient):
    accepted(patient)
    given = PlanAnswer.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanAnswer.objects.create(version=given.version, answer="accept", shown_hash="", language="en", answered_at=NOW)


# booking the course


def test_the_whole_course_is_booked_and_nobody_is_cleared_by_it(patient):
    made = accepted(patient)
    best = proposals(made.plan)[0]
    course = services.book(made.plan, starts=best.sessions, now=NOW)
    rows = rows_of(course)
    assert [row.modality.slug for row in rows] == list(MIXED)
    assert {(row.state, row.clearance) for row in rows} == {(State.RESERVED, Clearance.UNKNOWN)}
    days = [row.start.date() for row in rows]
    assert all(14 <= (b - a).days <= 21 for a, b in zip(days, days[1:], strict=False))
    assert all((b - a).days >= 28 for a, b in zip(days, days[2:], strict=False))
    assert rows[0].form_due_at <= NOW + timedelta(days=1)
    assert all(row.form_due_at == row.start - timedelta(hours=24) for row in rows[1:])
    assert sum(row.price for row in rows) == made.version.total
    assert plans.state_of(again(made.plan)) == plans.BOOKED
    assert services.book(made.plan, starts=[], now=NOW) == course, "once more changes nothing"
    assert Course.objects.count() == 1


def test_an_agreed_price_is_split_over_the_visits_to_the_cent(patient):
    made = accepted(patient, total="19999.99")
    course = services.book(made.plan, starts=proposals(made.plan)[0].sessions, now=NOW)
    assert sum(row.price for row in rows_of(course)) == Decimal("19999.99")


def test_one_lost_session_books_none_and_brings_fresh_proposals(patient):
    made = accepted(patient)
    chosen = proposals(made.plan)[0].sessions
    for slug in ("ayse", "deniz"):
        held(chosen[2].start.strftime("%Y-%m-%d %H:%M"), "peel", practitioner=slug)
    before = Appointment.objects.count()
    with pytest.raises(DomainError) as refusal:
        services.book(made.plan, starts=chosen, now=NOW)
    assert (refusal.value.code, refusal.value.status, refusal.value.extra["session"]) == ("slot_taken", 409, 3)
    assert len(refusal.value.extra["proposals"]) == 3
    assert Appointment.objects.count() == before and again(made.plan).course_id is None


def test_fewer_times_than_sessions_book_nothing(patient):
    made = accepted(patient)
    with pytest.raises(DomainError) as refusal:
        services.book(made.plan, starts=proposals(made.plan)[0].sessions[:4], now=NOW)
    assert refusal.value.code == "sessions_missing" and not Course.objects.exists()


def test_a_deferral_keeps_that_treatment_until_its_day_and_no_other(patient):
    """A burn said in the form of another peel: no peel for two weeks, the needling as early as ever."""
    submitted_for(patient, "peel", sun="burn", sun_on="2027-02-27")
    held_ = plans.standings(patient, {"pen", "peel"}, today=date(2027, 3, 1))
    assert plans.first_days(held_, today=date(2027, 3, 1)) == {"peel": date(2027, 3, 13)}
    assert plans.standings(patient, {"peel"}, today=date(2027, 9, 1)) == {}, "answers count for 180 days"


def test_a_yes_that_was_taken_back_ends_no_deferral(patient):
    row = reserved("2027-03-20 10:00", "peel", areas=("neck",), patient=patient)
    submission, _verdict = submit(row, sun="burn", sun_on="2027-02-27", blood_thinner="unsure")
    selin = practitioner("selin")
    given = review.decide(submission, decision="approve", seen=None, actor=selin, wait=review.UNDO, now=NOW)
    for _how in ("while it may be", "once it was"):
        held_ = plans.standings(patient, {"peel"}, today=date(2027, 3, 1))
        assert plans.first_days(held_, today=date(2027, 3, 1)) == {"peel": date(2027, 3, 13)}
        if not given.is_superseded:
            review.undo(given, actor=selin, now=NOW)


def test_nothing_is_booked_before_the_day_that_screening_named(patient):
    made = accepted(patient, "peel", "pen")
    early = proposals(made.plan)[0].sessions
    submitted_for(patient, "peel", sun="burn", sun_on="2027-02-27")
    with pytest.raises(DomainError) as refusal:
        services.book(made.plan, starts=early, now=NOW)
    assert refusal.value.extra["session"] == 1
    assert refusal.value.extra["reasons"][0]["code"] == "bookable_from"
    first = plans.first_days(plans.standings(patient, {"peel"}, today=date(2027, 3, 1)), today=date(2027, 3, 1))
    fresh = proposals(made.plan, not_before=first)[0].sessions
    assert fresh[0].start.date() >= first["peel"]
    assert services.book(made.plan, starts=fresh, now=NOW).sessions == 2


def test_a_declined_treatment_stops_the_plan_and_says_nothing_about_why(patient):
    made = accepted(patient, "pen", "pen")
    chosen = proposals(made.plan)[0].sessions
    submitted_for(patient, "pen", changing_mole="yes")
    with pytest.raises(DomainError) as refusal:
        services.book(made.plan, starts=chosen, now=NOW)
    assert refusal.value.code == "plan_stopped" and "mole" not in str(refusal.value)
    assert not Course.objects.exists()


def submitted_for(patient, modality, **answers):
    """A form of an earlier visit on other skin; a first, fine one keeps the declined one on record."""
    row = reserved("2027-03-04 10:00", modality, areas=("neck",), patient=patient)
    submit(row, now=NOW - timedelta(hours=1))
    row.refresh_from_db()
    submit(row, **answers)
    row.refresh_from_db()
    if row.is_active:
        lifecycle.cancel(row, reason="patient", now=NOW)


def test_a_plan_with_a_reason_may_bring_its_own_sessions_near_and_no_others(patient):
    near = drafted("pen", "pen")["sessions"]
    near[1] |= {"least": "20", "most": "25"}
    made = accepted(patient, sessions=near, near_reason="Shallow passes.")
    chosen = proposals(made.plan)[0].sessions
    assert (chosen[1].start.date() - chosen[0].start.date()).days < 28
    course = services.book(made.plan, starts=chosen, now=NOW)
    assert [row.interval_reason for row in rows_of(course)] == [None, "Shallow passes."]
    assert Entry.objects.get(action="course.book").detail == {"sessions": 2, "near": [2]}
    with pytest.raises(DomainError) as refusal:
        held((chosen[1].start + timedelta(days=27)).strftime("%Y-%m-%d 10:00"), "pen", patient=patient, staff=True)
    assert refusal.value.extra["reasons"][0]["code"] == "interval"


def test_a_reason_does_not_open_the_way_to_somebody_elses_interval(patient):
    near = drafted("pen", "pen")["sessions"]
    near[1] |= {"least": "20", "most": "25"}
    made = accepted(patient, sessions=near, near_reason="Shallow passes.")
    chosen = proposals(made.plan)[0].sessions
    laser = chosen[1].start + timedelta(days=10)
    confirmed(laser.strftime("%Y-%m-%d 16:00"), "laser", patient=patient, staff=True)
    with pytest.raises(DomainError) as refusal:
        services.book(made.plan, starts=chosen, now=NOW)
    assert refusal.value.extra["session"] == 2 and refusal.value.extra["reasons"][0]["code"] == "interval"


def test_shares_lose_no_cent():
    assert plan_draft.shares(Decimal("100"), [Decimal(1)] * 3) == [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")]
    assert plan_draft.shares(Decimal("10"), [Decimal(0)] * 2) == [Decimal("5.00"), Decimal("5.00")]


def test_the_list_of_plans_asks_a_fixed_number_of_queries(patient, django_assert_num_queries):
    made = planned(patient)
    for count in (1, 3):
        while Plan.objects.count() < count:
            about = {"patient": patient, "about": made.visit.ref, "location": made.visit.location}
            plan = services.save_draft(None, draft=drafted("pen", "pen"), actor=made.actor, **about)
            services.propose(plan, actor=made.actor, now=NOW)
        with django_assert_num_queries(3):
            assert len(plans.plans_for(made.actor)) == count
