"""Something changed: exactly its questions are asked again, nothing becomes better silently, old answers run out."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.models import Appointment
from bookings.services import lifecycle
from bookings.states import CLEARED, Clearance
from clinic.audit.models import Entry
from clinic.errors import DomainError, Invalid
from clinic.messaging.models import Message
from consultations.models import Draft, Submission
from consultations.questionnaire import current
from consultations.reopening import reopened_by, topics_for
from consultations.selectors.known_answers import known_answers
from consultations.selectors.questionnaire import published_version
from consultations.services import changes, intake
from consultations.services.review import decide
from tests.bookings.cast import NOW, make_patient, reserved
from tests.consultations.cast import BORN, agree, answers_for, submit

pytestmark = pytest.mark.django_db
PEN = {"modality": "pen", "areas": {"face": "face"}}
THINNER = {"blood_thinner": "yes", "blood_thinner_name": "Apixaban"}
WEEK = NOW + dt.timedelta(days=7)


@pytest.fixture(autouse=True)
def _clinic(clinic, questionnaire):
    pass


def booked(start="2027-03-22 10:00", *, patient=None, **answers):
    row = reserved(start, patient=patient or make_patient(date_of_birth=BORN))
    submit(row, **answers)
    row.refresh_from_db()
    return row


def confirmed(start="2027-03-22 10:00", **answers):
    return agree(booked(start, **answers))


def change(row, *topics, now=WEEK, **answers):
    """Says that something changed, what, and sends the form with these answers to what was opened."""
    changes.report_change(row, now=now)
    draft = changes.choose_topics(row, topics=topics)
    asked = {name: value for name, value in answers_for(row, **answers).items() if _of(name) in draft.reopened}
    draft = intake.keep_answers(row, answers=asked, replaces=frozenset(asked))
    version = published_version().version
    found = intake.submit(row, answers=draft.answers, version=version, language="en", now=now)
    row.refresh_from_db()
    return found


def _of(name):
    return current().owner_of_field[name].id


def test_every_question_but_the_age_can_be_named():
    named = {question for topic in current().topics for question in topic.questions}
    assert named == {one.id for one in current().questions} - {"adult", "date_of_birth"}


def test_only_what_is_asked_for_the_visit_can_have_changed():
    peel = {topic.id for topic in topics_for(current(), modality="peel", areas={"face": "face"})}
    talk = topics_for(current(), modality="consult", areas={})
    assert ("allergy" in peel, talk) == (True, [])


def test_a_named_topic_opens_its_questions_and_no_others():
    assert reopened_by(current(), ["pregnancy"], answers=answers_for(booked()), **PEN) == ["pregnant", "breastfeeding"]


def test_a_wait_that_began_with_an_answer_is_always_asked_again():
    """Kept, sore spots of a week ago would begin their 28 days anew."""
    answers = answers_for(booked()) | {"acne": "inflamed", "sun": "tan", "sun_on": "2027-02-20"}
    assert reopened_by(current(), ["pregnancy"], answers=answers, **PEN) == ["pregnant", "breastfeeding", "acne"]


def test_what_was_not_named_stays_as_it_was_with_its_day():
    row = confirmed(smoking="yes")
    change(row, "pregnancy")
    lines = {line["id"]: line for line in Submission.objects.get(number=2).as_asked}
    assert (lines["smoking"]["answer"], lines["smoking"]["on"]) == ("yes", "2027-03-01")
    assert lines["pregnant"]["on"] == "2027-03-08"


def test_the_oldest_answer_says_how_long_the_form_counts():
    row = confirmed()
    until = row.cleared_until
    change(row, "pregnancy")
    assert row.cleared_until == until == dt.date(2027, 3, 1) + dt.timedelta(days=180)


def test_nothing_is_opened_by_nothing_or_by_something_unknown():
    row = confirmed()
    with pytest.raises(DomainError):
        changes.choose_topics(row, topics=["skin"])
    changes.report_change(row, now=WEEK)
    for topics in ([], ["weather"]):
        with pytest.raises(Invalid):
            changes.choose_topics(row, topics=topics)


def test_choosing_again_keeps_what_was_typed_for_what_is_still_open():
    row = confirmed()
    changes.report_change(row, now=WEEK)
    changes.choose_topics(row, topics=["pregnancy", "sun"])
    intake.keep_answers(row, answers={"pregnant": "unsure", "sun": "fake_tan"})
    draft = changes.choose_topics(row, topics=["pregnancy"])
    assert (draft.answers["pregnant"], draft.answers["sun"]) == ("unsure", "none")


@pytest.mark.parametrize(
    ("topic", "answers", "state", "reason", "kind"),
    [
        ("medicine", THINNER, "pending_review", "", "booking_received"),
        ("pregnancy", {"pregnant": "yes"}, "cancelled", "declined", "not_as_booked"),
        ("skin", {"acne": "inflamed"}, "cancelled", "deferred", "not_as_booked"),
        ("illness", {"unwell": "yes"}, "pending_review", "", "booking_received"),
    ],
)
def test_a_worse_answer_moves_the_visit_with_the_right_words(topic, answers, state, reason, kind):
    row = confirmed()
    change(row, topic, **answers)
    assert (row.state, row.cancelled_reason) == (state, reason)
    told = Message.objects.filter(patient=row.patient, state="pending").values_list("kind", flat=True)
    assert kind in told
    assert "reminder_24h" not in told


def test_nothing_worse_still_waits_for_a_practitioner(selin):
    row = confirmed()
    submission, verdict = change(row, "sun")
    assert (verdict.outcome, row.state, row.clearance) == ("ok", "pending_review", "review")
    assert submission.findings[0]["rule"] == "change.reported"
    decide(submission, decision="approve", seen=None, actor=selin, now=WEEK)
    row.refresh_from_db()
    assert row.state == "confirmed"


def test_a_better_form_clears_nobody_before_the_consent_either():
    """Reserved, not yet pending: the hole through which somebody could have cleared themselves."""
    row = booked(**THINNER)
    assert (row.state, row.clearance) == ("reserved", "review")
    _submission, verdict = change(row, "medicine", now=NOW)
    assert (verdict.outcome, row.clearance) == ("ok", "review")
    assert agree(row).state == "pending_review"


def test_a_better_form_over_the_api_clears_nobody_either():
    row = booked(**THINNER)
    Draft.objects.filter(appointment=row).delete()
    submit(row)
    row.refresh_from_db()
    assert row.clearance == "review"


def test_a_decision_on_the_form_before_does_not_clear_the_new_one(selin):
    row = agree(booked(**THINNER))
    old = Submission.objects.get()
    change(row, "sun", **THINNER)
    with pytest.raises(DomainError) as refusal:
        decide(old, decision="approve", seen=None, actor=selin, now=WEEK)
    assert refusal.value.code == "not_reviewable"
    row.refresh_from_db()
    assert row.state == "pending_review"


def test_all_the_same_is_written_down_with_the_form_it_is_said_of():
    row = confirmed()
    changes.report_unchanged(row, now=WEEK)
    assert Entry.objects.get(action="intake.unchanged").detail == {"form": 1}
    row.refresh_from_db()
    assert row.state == "confirmed"


def test_answers_that_are_too_old_for_the_day_check_in_nobody():
    row = confirmed()
    Appointment.objects.filter(pk=row.pk).update(cleared_until=lifecycle.local_day(row) - dt.timedelta(days=1))
    with pytest.raises(DomainError) as refusal:
        lifecycle.check_in(row, now=row.start)
    assert refusal.value.code == "answers_lapsed"


def test_answers_count_on_their_last_day():
    row = confirmed()
    Appointment.objects.filter(pk=row.pk).update(cleared_until=lifecycle.local_day(row))
    assert lifecycle.check_in(row, now=row.start).state == "arrived"


def test_answers_that_are_too_old_for_the_day_confirm_nobody():
    row = booked()
    Appointment.objects.filter(pk=row.pk).update(cleared_until=lifecycle.local_day(row) - dt.timedelta(days=1))
    with pytest.raises(DomainError) as refusal:
        lifecycle.confirm(row, now=NOW)
    assert refusal.value.code == "answers_lapsed"


STEPS = st.lists(
    st.sampled_from(["fine", "thinner", "pregnant", "changed", "same", "approve", "ask", "confirm", "sql"]), max_size=7
)


@given(STEPS)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nobody_is_confirmed_but_by_the_whole_current_form_or_a_decision_on_it(selin, steps):
    with transaction.atomic():
        row = booked(**THINNER)
        agree(row)
        for step in steps:
            try:
                with transaction.atomic():
                    _do(step, row, selin)
            except (DomainError, IntegrityError):
                pass
            row.refresh_from_db()
            _holds(row)
        transaction.set_rollback(True)


def _do(step, row, selin):
    newest = row.submissions.order_by("-number").first()
    match step:
        case "fine":
            change(row, "medicine")
        case "thinner":
            change(row, "medicine", **THINNER)
        case "pregnant":
            change(row, "pregnancy", pregnant="unsure")
        case "changed":
            changes.report_change(row, now=WEEK)
        case "same":
            changes.report_unchanged(row, now=WEEK)
        case "approve" | "ask":
            latest = newest.decisions.filter(superseded_by=None).first()
            decide(newest, decision=step, question="?", seen=latest and latest.pk, actor=selin, now=WEEK)
        case "confirm":
            lifecycle.confirm(row, now=WEEK)
        case "sql":
            Appointment.objects.filter(pk=row.pk).update(state="confirmed")


def _holds(row):
    if row.state != "confirmed":
        return
    newest = row.submissions.order_by("-number").first()
    latest = newest.decisions.filter(superseded_by=None).first()
    assert row.clearance in CLEARED
    assert newest.outcome in ("ok", "caution") or (latest and latest.decision == "approve")
    if row.submissions.count() > 1 or newest.outcome == "review":
        assert row.clearance == Clearance.APPROVED
        assert latest and latest.decision == "approve"


def again(row, *, modality="pen", now=WEEK):
    return reserved("2027-04-26 10:00", modality, patient=row.patient, now=now)


def test_earlier_answers_are_known_with_their_day_but_not_those_about_today():
    known = known_answers(again(confirmed(smoking="yes")), today=WEEK.date())
    assert (known.answers["smoking"], known.days["smoking"]) == ({"smoking": "yes"}, dt.date(2027, 3, 1))
    afresh = {one.id for one in current().questions if one.asked_afresh}
    assert {"pregnant", "acne", "sun", "cold_sore", "unwell"} <= afresh
    assert not afresh & set(known.answers)


@pytest.mark.parametrize(("days", "known"), [(180, True), (181, False)])
def test_answers_are_known_for_180_days(days, known):
    row = again(confirmed())
    assert ("smoking" in known_answers(row, today=dt.date(2027, 3, 1) + dt.timedelta(days=days)).answers) == known


def test_nothing_is_known_of_somebody_else_or_of_a_form_somebody_else_may_have_filled_in():
    stranger = reserved("2027-04-26 10:00", patient=make_patient("Noor Haddad"))
    row = confirmed()
    assert known_answers(stranger, today=WEEK.date()).answers == {}
    other = reserved("2027-03-29 10:00", "peel", areas=("neck",), patient=row.patient)
    version = published_version().version
    answers = answers_for(other) | {"date_of_birth": "1970-01-01"}
    intake.submit(other, answers=answers, version=version, language="en", now=NOW + dt.timedelta(hours=1))
    assert known_answers(again(row), today=WEEK.date()).answers == {}
