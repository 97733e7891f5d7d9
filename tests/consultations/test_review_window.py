"""A decision takes effect after a minute, once; until then it can be taken back. A no needs a right to be overruled."""

import datetime as dt
import threading
from functools import partial

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, connection, transaction

from bookings.models import Appointment
from clinic.audit.models import Entry
from clinic.errors import DomainError, Invalid, NotAllowed
from clinic.messaging.models import Message
from clinic.messaging.registry import is_current
from clinic.people.access import Actor
from clinic.people.models import User
from consultations import panel
from consultations.frame import areas_of
from consultations.models import DecisionEffect, Draft, ReviewAlert, ReviewDecision, Submission
from consultations.questionnaire import current
from consultations.reopening import topics_for
from consultations.selectors.earlier import standing_decision
from consultations.selectors.questionnaire import published_version
from consultations.selectors.review import last_word, queue, sheet, undoable
from consultations.services import intake
from consultations.services.alerts import alert_unreviewed
from consultations.services.changes import choose_topics, report_change
from consultations.services.permits import give_permit
from consultations.services.questions import answer_question, open_question
from consultations.services.review import UNDO, decide, follow_due, undo
from tests.bookings.cast import NOW, make_patient, reserved
from tests.consultations.cast import BORN, agree, submit, submitted

pytestmark = pytest.mark.django_db
THINNER = {"blood_thinner": "yes", "blood_thinner_name": "Apixaban"}
SOON = NOW + UNDO
NO = {"decision": "decline", "reason": "Keloid likely."}


def practitioner(name, **more):
    email = f"{name.split()[1].lower()}@clinic.example"
    return Actor("practitioner", user=User.objects.create_user(email, "x" * 16, name=name, role="practitioner", **more))


@pytest.fixture
def selin(db):
    return practitioner("Dr Selin Aydın")


@pytest.fixture
def murat(db):
    return practitioner("Dr Murat Tekin", may_override=True)


def in_review(start="2027-03-22 10:00", **answers):
    row, submission, _verdict = submitted(start, **(answers or THINNER))
    return agree(row), submission


@pytest.fixture
def waiting(clinic, questionnaire):
    return in_review()


def put(submission, actor, *, wait=UNDO, seen=None, now=NOW, **words):
    return decide(submission, actor=actor, seen=seen, wait=wait, now=now, **words)


def state(row):
    return Appointment.objects.values_list("state", flat=True).get(pk=row.pk)


@pytest.mark.parametrize(
    ("words", "after"),
    [
        ({"decision": "approve"}, "confirmed"),
        (NO, "cancelled"),
        ({"decision": "defer", "reason": "INR", "bookable_from": dt.date(2027, 6, 1)}, "cancelled"),
        ({"decision": "ask", "question": "Since when?"}, "pending_review"),
    ],
)
def test_nothing_happens_for_a_minute_and_then_all_of_it_once(waiting, selin, words, after):
    row, submission = waiting
    put(submission, selin, **words)
    before = set(Message.objects.values_list("kind", flat=True))
    assert follow_due(now=SOON - dt.timedelta(seconds=1)) == 0
    assert state(row) == "pending_review"
    assert [one.submission for one in queue()] == ([submission] if words["decision"] == "ask" else [])
    assert follow_due(now=SOON) == 1
    assert state(row) == after
    assert set(Message.objects.values_list("kind", flat=True)) > before
    assert follow_due(now=SOON + UNDO) == 0


def test_taken_back_it_waits_as_before_and_nobody_was_told(waiting, selin):
    row, submission = waiting
    kinds = sorted(Message.objects.values_list("kind", flat=True))
    given = put(submission, selin, **NO)
    assert undoable(actor=selin) == [given]
    back = undo(given, actor=selin, now=NOW)
    assert follow_due(now=SOON + UNDO) == 0
    assert (state(row), sorted(Message.objects.values_list("kind", flat=True))) == ("pending_review", kinds)
    assert [one.submission for one in queue()] == [submission]
    put(submission, selin, seen=back.pk, wait=dt.timedelta(0), decision="approve")
    assert state(row) == "confirmed"


def test_what_has_taken_effect_is_not_taken_back(waiting, selin):
    given = put(waiting[1], selin, **NO)
    follow_due(now=SOON)
    with pytest.raises(DomainError) as refusal:
        undo(given, actor=selin, now=SOON)
    assert refusal.value.code == "too_late"


def test_only_whoever_decided_takes_it_back(waiting, selin, murat):
    given = put(waiting[1], selin, **NO)
    with pytest.raises(NotAllowed):
        undo(given, actor=murat, now=NOW)


def test_a_form_that_was_changed_within_the_minute_is_not_decided_by_the_old_one(waiting, selin):
    row, submission = waiting
    put(submission, selin, decision="approve")
    Draft.objects.create(appointment=row, answers=submission.answers)
    version = published_version().version
    answers = submission.answers | {"pregnant": "unsure"}
    intake.submit(row, answers=answers, version=version, language="en", now=NOW)
    assert follow_due(now=SOON) == 0
    assert state(row) == "pending_review"
    assert DecisionEffect.objects.get().applied is False


def test_an_effect_is_never_edited(waiting, selin):
    put(waiting[1], selin, wait=dt.timedelta(0), decision="approve")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        DecisionEffect.objects.update(applied=False)


@pytest.mark.django_db(transaction=True)
def test_taking_back_and_taking_effect_at_once_is_one_of_both(clinic, questionnaire):
    for _round in range(6):
        row, submission = in_review(f"2027-03-{15 + _round} 10:00")
        selin = practitioner(f"Dr Round{_round}")
        given = put(submission, selin, **NO)
        said, start = [], threading.Barrier(2)

        def run(act, start=start, said=said):
            start.wait()
            try:
                said.append(act())
            except DomainError as refusal:
                said.append(refusal.code)
            finally:
                connection.close()

        acts = (partial(undo, given, actor=selin, now=SOON), partial(follow_due, now=SOON))
        threads = [threading.Thread(target=run, args=(act,)) for act in acts]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        if "too_late" in said:
            assert state(row) == "cancelled"
        else:
            assert state(row) == "pending_review"
            assert ReviewDecision.objects.filter(submission=submission, decision="undone").count() == 1


def test_one_question_of_the_form_is_asked_again_and_comes_back(waiting, selin):
    row, submission = waiting
    put(submission, selin, wait=dt.timedelta(0), decision="ask", question_id="blood_thinner")
    draft = Draft.objects.get(appointment=row)
    assert draft.reopened == ["blood_thinner"]
    assert not {"blood_thinner", "blood_thinner_name"} & set(draft.answers)
    assert open_question(row).question_id == "blood_thinner"
    assert [(one.asked, one.overdue) for one in queue(now=NOW)] == [(True, False)]
    assert [one.overdue for one in queue(now=NOW + dt.timedelta(hours=25))] == [True]
    intake.keep_answers(row, answers={"blood_thinner": "no"})
    draft.refresh_from_db()
    version = published_version().version
    _new, verdict = intake.submit(row, answers=draft.answers, version=version, language="en", now=SOON)
    row.refresh_from_db()
    assert (verdict.outcome, row.state, row.clearance) == ("ok", "pending_review", "review")
    (back,) = queue()
    assert (back.answered, back.asked) == (True, False)
    told = sheet(back.submission.pk, actor=selin, language="en")
    assert (told.flags[0].before, told.flags[0].answer) == ("Yes · Apixaban", "No")
    assert [(line["before"], line["now"]) for line in told.changed] == [("Yes · Apixaban", "No")]
    assert not Message.objects.filter(kind="question_asked", state="pending").exists()


def test_a_question_the_form_does_not_have_is_refused(waiting, selin):
    with pytest.raises(Invalid):
        put(waiting[1], selin, wait=dt.timedelta(0), decision="ask", question_id="shoe_size")


def test_the_second_reviewer_is_told_by_whom_and_what(waiting, selin, murat):
    put(waiting[1], selin, **NO)
    with pytest.raises(DomainError, match="Dr Selin Aydın") as refusal:
        put(waiting[1], murat, decision="approve")
    assert refusal.value.code == "already_decided"
    assert "declined" in str(refusal.value)


def colleagues_no(selin):
    """Selin put the same treatment off until June; the patient books again in March."""
    row, submission = in_review("2027-03-22 10:00")
    decide(
        submission, decision="defer", reason="INR", seen=None, bookable_from=dt.date(2027, 6, 1), actor=selin, now=NOW
    )
    again = reserved("2027-03-29 10:00", patient=row.patient)
    submit(again)
    again.refresh_from_db()
    return agree(again), again.submissions.get()


def test_a_yes_against_a_colleagues_no_needs_the_right_a_reason_and_a_tick(clinic, questionnaire, selin, murat):
    row, submission = colleagues_no(selin)
    other = practitioner("Dr Nuria Ruiz")
    with pytest.raises(NotAllowed):
        put(submission, other, decision="approve", reason="INR is fine now.", override=True)
    for lacks in ({"override": True}, {"reason": "INR is fine now."}):
        with pytest.raises(Invalid):
            put(submission, murat, decision="approve", **lacks)
    given = put(submission, murat, wait=dt.timedelta(0), decision="approve", reason="INR is fine now.", override=True)
    assert (given.overrides, state(row)) == (True, "confirmed")
    assert Entry.objects.filter(action="review.decide").latest("id").detail["override"] is True


def test_whoever_said_no_may_change_their_mind(clinic, questionnaire, selin):
    row, submission = colleagues_no(selin)
    put(submission, selin, wait=dt.timedelta(0), decision="approve")
    assert state(row) == "confirmed"


def declined_form(patient):
    row = reserved("2027-03-29 10:00", patient=patient)
    found = submit(row, isotretinoin="taking")
    row.refresh_from_db()
    return row, found


def test_a_permit_sends_a_declined_form_to_review_and_is_no_yes(clinic, questionnaire, selin, murat):
    patient = make_patient(date_of_birth=BORN)
    with pytest.raises(NotAllowed):
        give_permit(patient, modality="pen", reason="Low dose", confirmed=True, actor=selin, now=NOW)
    for lacks in ({"reason": ""}, {"confirmed": False}):
        with pytest.raises(Invalid):
            give_permit(patient, modality="pen", actor=murat, now=NOW, **({"reason": "x", "confirmed": True} | lacks))
    give_permit(patient, modality="pen", reason="Low dose, see letter.", confirmed=True, actor=murat, now=NOW)
    row, (submission, verdict) = declined_form(patient)
    assert (verdict.outcome, row.clearance) == ("decline", "review")
    row = agree(row)
    assert row.state == "pending_review"
    with pytest.raises(NotAllowed):
        put(submission, selin, decision="approve", reason="x", override=True)
    put(submission, murat, wait=dt.timedelta(0), decision="approve", reason="Low dose.", override=True)
    assert state(row) == "confirmed"


def test_a_permit_is_for_one_treatment_and_for_30_days(clinic, questionnaire, murat):
    for modality, day in (("peel", NOW), ("pen", NOW - dt.timedelta(days=31))):
        patient = make_patient(date_of_birth=BORN)
        give_permit(patient, modality=modality, reason="x", confirmed=True, actor=murat, now=day)
        row, (submission, _verdict) = declined_form(patient)
        assert (submission, row.state) == (None, "cancelled")


def test_a_near_visit_nobody_decided_on_is_told_once_for_each_time_it_has(clinic, questionnaire, selin, murat):
    row, _submission = in_review()
    near = row.start - dt.timedelta(hours=24)
    assert alert_unreviewed(now=near - dt.timedelta(minutes=1)) == 0
    assert (alert_unreviewed(now=near), alert_unreviewed(now=near)) == (1, 0)
    assert sorted(one.to[0] for one in mail.outbox) == ["murat@clinic.example", "selin@clinic.example"]
    assert not any("Elif" in one.body or "Apixaban" in one.body for one in mail.outbox)
    Appointment.objects.filter(pk=row.pk).update(version=2)
    assert alert_unreviewed(now=near) == 1
    assert ReviewAlert.objects.count() == 2
    assert state(row) == "pending_review"


def test_a_near_visit_that_waits_again_after_a_decision_is_told_again(clinic, questionnaire, selin):
    row, submission = in_review()
    near = row.start - dt.timedelta(hours=24)
    assert alert_unreviewed(now=near) == 1
    put(submission, selin, wait=dt.timedelta(0), decision="approve", now=near + dt.timedelta(hours=1))
    assert alert_unreviewed(now=near + dt.timedelta(hours=2)) == 0
    report_change(row, actor=Actor("patient"), now=near + dt.timedelta(hours=3))
    later = near + dt.timedelta(hours=4)
    assert (alert_unreviewed(now=later), alert_unreviewed(now=later)) == (1, 0)


@pytest.mark.parametrize("count", [1, 4])
def test_the_queue_is_three_queries_however_long(clinic, questionnaire, count, django_assert_num_queries):
    for number in range(count):
        in_review(f"2027-03-{15 + number} 10:00")
    with django_assert_num_queries(3):
        assert len(queue()) == count


def test_mine_are_those_whose_visit_is_with_me(clinic, questionnaire, selin):
    row, _submission = in_review()
    assert queue(actor=selin, mine=True) == []
    row.practitioner.practitioner.user = selin.user
    row.practitioner.practitioner.save()
    assert len(queue(actor=selin, mine=True)) == 1
    assert Submission.objects.count() == 1


# --- what stands while something may still be taken back, and after it was


def approved_with_a_note(waiting, actor):
    words = {"precautions": "Press longer.", "desk_note": "Allow 15 minutes more."}
    return put(waiting[1], actor, wait=dt.timedelta(0), decision="precautions", **words)


def notes(row):
    return [line.value for line in panel.lines(Appointment.objects.get(pk=row.pk)) if "Note" in line.label]


def test_a_decision_taken_back_leaves_the_one_before_standing(waiting, selin, murat):
    row, submission = waiting
    first = approved_with_a_note(waiting, selin)
    for moment in (NOW + dt.timedelta(minutes=5), NOW + dt.timedelta(minutes=15)):
        seen = last_word(submission)
        again = put(submission, murat, seen=seen, decision="decline", reason="INR", now=moment)
        assert notes(row) == ["Allow 15 minutes more."], "nothing has happened yet"
        undo(again, actor=murat, now=moment + dt.timedelta(seconds=9))
        assert notes(row) == ["Allow 15 minutes more."]
    assert list(submission.decisions.standing()) == [first]


def test_a_colleagues_no_stands_for_other_visits_whatever_was_taken_back_since(clinic, questionnaire, selin, murat):
    row, submission = in_review("2027-04-22 10:00")
    no = {"decision": "defer", "reason": "INR", "bookable_from": dt.date(2027, 4, 20)}
    put(submission, selin, wait=dt.timedelta(0), **no)  # a day before the visit: it waits on
    again = put(submission, selin, seen=last_word(submission), decision="approve", now=SOON)
    other = reserved("2027-03-22 10:00", patient=row.patient)
    for _moment in ("while it may be taken back", "after it was"):
        assert standing_decision(other).decision == "defer"
        if not ReviewDecision.objects.filter(supersedes=again).exists():
            undo(again, actor=selin, now=SOON)


def test_a_question_goes_on_waiting_when_a_decision_after_it_is_taken_back(waiting, selin, murat):
    row, submission = waiting
    asked = put(submission, selin, wait=dt.timedelta(0), decision="ask", question="Since when?")
    given = put(submission, murat, seen=asked.pk, decision="approve", now=SOON)
    undo(given, actor=murat, now=SOON + dt.timedelta(seconds=5))
    assert open_question(row) == asked
    assert Message.objects.filter(kind="question_asked", state="pending").exists()
    assert is_current(f"decision:{asked.pk}", 1)
    assert [(one.asked, one.answered) for one in queue(now=SOON)] == [(True, False)]
    answer = answer_question(row, text="Since May.", now=SOON + dt.timedelta(minutes=1))
    assert [(one.asked, one.answered) for one in queue(now=SOON)] == [(False, True)]
    assert last_word(submission) == answer.pk


def test_an_answer_that_comes_within_the_minute_is_read_before_anything_happens(waiting, selin, murat):
    row, submission = waiting
    asked = put(submission, selin, wait=dt.timedelta(0), decision="ask", question="Are you pregnant?")
    put(submission, murat, seen=asked.pk, decision="approve", now=SOON)
    answer_question(row, text="Yes, since last week.", now=SOON + dt.timedelta(seconds=30))
    assert follow_due(now=SOON + UNDO) == 0
    assert state(row) == "pending_review"
    assert [one.answered for one in queue(now=SOON + UNDO)] == [True]


def test_nobody_decides_without_the_answer_that_has_just_come(waiting, selin):
    row, submission = waiting
    asked = put(submission, selin, wait=dt.timedelta(0), decision="ask", question="Are you pregnant?")
    answer = answer_question(row, text="Yes, since last week.", now=SOON)
    with pytest.raises(DomainError) as refusal:
        put(submission, selin, seen=asked.pk, decision="approve", now=SOON)
    assert refusal.value.code == "just_answered"
    put(submission, selin, seen=answer.pk, decision="approve", now=SOON + UNDO)


def test_who_says_within_the_minute_that_something_changed_is_not_confirmed(waiting, selin):
    row, submission = waiting
    with time_machine.travel(NOW, tick=False):
        put(submission, selin, decision="approve")
    with time_machine.travel(NOW + dt.timedelta(seconds=30), tick=False):
        report_change(row, actor=Actor("patient"))
    assert follow_due(now=SOON) == 0
    assert state(row) == "pending_review"


def test_ones_own_no_after_a_colleagues_is_no_way_to_a_yes(waiting, selin):
    submission = waiting[1]
    nuria = practitioner("Dr Nuria Ruiz")
    put(submission, selin, **NO)
    put(submission, nuria, seen=last_word(submission), now=NOW + dt.timedelta(seconds=9), **NO)
    with pytest.raises(NotAllowed):
        put(submission, nuria, seen=last_word(submission), decision="approve", now=NOW + dt.timedelta(seconds=19))


def test_a_no_that_was_taken_back_stops_no_colleague(waiting, selin):
    row, submission = waiting
    undo(put(submission, selin, **NO), actor=selin, now=NOW + dt.timedelta(seconds=9))
    put(submission, practitioner("Dr Nuria Ruiz"), seen=last_word(submission), decision="approve", now=SOON)
    follow_due(now=SOON + UNDO)
    assert state(row) == "confirmed"


@pytest.mark.parametrize("first", ["asked", "topics"])
def test_asking_again_closes_nothing_that_the_patient_has_begun_to_change(waiting, selin, first):
    row, submission = waiting
    report_change(row, actor=Actor("patient"))
    topic = next(one.id for one in topics_for(current(), modality="pen", areas=areas_of(row)))
    for step in ("topics", "asked") if first == "topics" else ("asked", "topics"):
        if step == "asked":
            put(submission, selin, wait=dt.timedelta(0), decision="ask", question_id="blood_thinner")
        else:
            choose_topics(row, topics=[topic])
            opened = {*Draft.objects.get().reopened} - {"blood_thinner"}
    draft = Draft.objects.get()
    assert opened and set(draft.reopened) == {*opened, "blood_thinner"}
    assert not {"blood_thinner", "blood_thinner_name"} & set(draft.answers)


def test_who_says_that_something_changed_says_what_also_beside_a_question_that_was_asked_again(waiting, selin):
    row, submission = waiting
    put(submission, selin, wait=dt.timedelta(0), decision="ask", question_id="blood_thinner")
    intake.keep_answers(row, answers={"blood_thinner": "yes", "blood_thinner_name": "Warfarin"})
    report_change(row, actor=Actor("patient"))
    assert Draft.objects.get().reopened == [], "the page asks what has changed"
    choose_topics(row, topics=["pregnancy"])
    draft = Draft.objects.get()
    assert {"pregnant", "blood_thinner"} <= set(draft.reopened)
    assert draft.answers["blood_thinner_name"] == "Warfarin" and "pregnant" not in draft.answers
    report_change(row, actor=Actor("patient"))
    assert "pregnant" in Draft.objects.get().reopened, "said twice it is one change"
