"""A practitioner decides: appended, final, and followed by the appointment and the messages."""

import datetime as dt
import threading

import pytest
from django.db import Error, connection, transaction

from bookings.services import moves
from clinic.audit.models import Entry
from clinic.errors import DomainError, Invalid, NotAllowed
from clinic.messaging.models import Message
from clinic.messaging.registry import is_current
from clinic.people.access import Actor
from clinic.people.models import User
from consultations.models import ReviewDecision
from consultations.selectors.review import queue, sheet
from consultations.services.changes import report_change
from consultations.services.questions import answer_question
from consultations.services.review import decide
from tests.bookings.cast import NOW, at
from tests.consultations.cast import agree, submit, submitted

pytestmark = pytest.mark.django_db
THINNER = {"blood_thinner": "yes", "blood_thinner_name": "Apixaban"}


@pytest.fixture
def waiting(clinic, questionnaire):
    """An appointment in review because of a blood thinner, its path walked to the end."""
    row, submission, _verdict = submitted(**THINNER)
    row = agree(row)
    assert row.state == "pending_review"
    return row, submission


def kinds(row):
    return set(Message.objects.filter(patient=row.patient, state="pending").values_list("kind", flat=True))


def test_approval_confirms_and_plans_the_messages(waiting, selin):
    row, submission = waiting
    decide(submission, decision="precautions", seen=None, precautions="Press longer.", actor=selin, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.clearance) == ("confirmed", "approved")
    assert {"booking_confirmed_late", "reminder_24h"} <= kinds(row)
    assert "review_decided" not in kinds(row)


@pytest.mark.parametrize("decision", ["defer", "decline"])
def test_putting_off_frees_the_time_and_says_so_once(waiting, selin, decision):
    row, submission = waiting
    until = dt.date(2027, 6, 1) if decision == "defer" else None
    decide(submission, decision=decision, seen=None, reason="INR not stable", bookable_from=until, actor=selin, now=NOW)
    row.refresh_from_db()
    assert row.state == "cancelled"
    assert not row.allocations.filter(active=True).exists()
    assert "review_decided" in kinds(row)
    assert "cancelled" not in kinds(row)


def test_a_question_keeps_it_waiting(waiting, selin):
    row, submission = waiting
    decide(submission, decision="ask", seen=None, question="Since when do you take it?", actor=selin, now=NOW)
    row.refresh_from_db()
    assert row.state == "pending_review"
    assert "question_asked" in kinds(row)
    assert [one.asked for one in queue()] == [True]


def test_an_answered_question_is_not_asked_any_more(waiting, selin):
    row, submission = waiting
    decide(submission, decision="ask", seen=None, question="Since when do you take it?", actor=selin, now=NOW)
    message = Message.objects.get(kind="question_asked")
    assert is_current(message.ref, message.version)
    answer_question(row, text="Since May", now=NOW)
    assert "question_asked" not in kinds(row)
    assert not is_current(message.ref, message.version)
    assert [(one.asked, one.answered) for one in queue()] == [(False, True)]


def test_a_decision_takes_back_the_question_before_it(waiting, selin):
    row, submission = waiting
    asked = decide(submission, decision="ask", seen=None, question="Which dose?", actor=selin, now=NOW)
    decide(submission, decision="approve", seen=asked.pk, actor=selin, now=NOW)
    assert "question_asked" not in kinds(row)


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"decision": "decline"}, "reason"),
        ({"decision": "defer", "reason": "x"}, "bookable_from"),
        ({"decision": "defer", "reason": "x", "bookable_from": dt.date(2027, 3, 1)}, "bookable_from"),
        ({"decision": "precautions"}, "precautions"),
        ({"decision": "ask"}, "question"),
        ({"decision": "maybe"}, "decision"),
    ],
)
def test_what_a_decision_lacks_is_said_at_its_field(waiting, selin, fields, missing):
    with pytest.raises(Invalid) as refusal:
        decide(waiting[1], seen=None, actor=selin, now=NOW, **fields)
    assert missing in refusal.value.fields


@pytest.mark.parametrize("kind", ["desk", "owner", "patient", "anyone"])
def test_only_a_practitioner_decides(waiting, kind):
    with pytest.raises(NotAllowed):
        decide(waiting[1], decision="approve", seen=None, actor=Actor(kind), now=NOW)


def test_a_second_reviewer_is_told_who_was_first(waiting, selin):
    decide(waiting[1], decision="ask", seen=None, question="Which dose?", actor=selin, now=NOW)
    with pytest.raises(DomainError) as refusal:
        decide(waiting[1], decision="approve", seen=None, actor=selin, now=NOW)
    assert refusal.value.code == "already_decided"
    assert "Selin" in str(refusal.value)


def test_a_decision_is_superseded_never_edited(waiting, selin):
    _row, submission = waiting
    first = decide(submission, decision="ask", seen=None, question="Which dose?", actor=selin, now=NOW)
    second = decide(submission, decision="approve", seen=first.pk, actor=selin, now=NOW)
    assert list(submission.decisions.filter(superseded_by=None)) == [second]
    for sql in (
        "UPDATE consultations_reviewdecision SET decision = 'approve' WHERE id = %s",
        "DELETE FROM consultations_reviewdecision WHERE id = %s",
    ):
        with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [first.pk])


def test_a_newer_form_takes_the_old_one_out_of_review(waiting, selin):
    row, submission = waiting
    submit(row, **THINNER, smoking="yes")
    with pytest.raises(DomainError) as refusal:
        decide(submission, decision="approve", seen=None, actor=selin, now=NOW)
    assert refusal.value.code == "not_reviewable"


def test_the_queue_is_by_day_then_severity_in_three_queries(clinic, questionnaire, django_assert_num_queries):
    for start in ("2027-03-10 10:00", "2027-03-09 14:00", "2027-03-09 10:00"):
        agree(submitted(start, **THINNER)[0])
    with django_assert_num_queries(3):
        found = [one.appointment.start.isoformat()[:16] for one in queue()]
    assert found == ["2027-03-09T07:00", "2027-03-09T11:00", "2027-03-10T07:00"]


def test_the_sheet_shows_flags_first_with_the_exact_answer_and_is_audited(waiting, selin):
    found = sheet(waiting[1].pk, actor=selin, language="en")
    assert found.flags[0].outcome == "review"
    assert "Apixaban" in found.flags[0].answer
    assert found.flags[0].source
    assert all(line["id"] != "blood_thinner" for line in found.rest)
    entry = Entry.objects.get(action="intake.read")
    assert (entry.actor, entry.detail) == (f"user:{selin.user.pk}", {})


def test_a_form_in_another_language_is_retold_beside_the_words_that_were_asked(waiting, selin):
    found = sheet(waiting[1].pk, actor=selin, language="tr").flags[0]
    assert "kan" in found.question.casefold()
    assert "blood" in found.asked.casefold()
    assert "Apixaban" in found.answer


def test_nothing_of_the_answers_lies_readable_in_the_database(waiting, selin):
    decide(waiting[1], decision="decline", seen=None, reason="Apixaban and low platelets", actor=selin, now=NOW)
    with connection.cursor() as cursor:
        for table in ("consultations_submission", "consultations_reviewdecision", "audit_entry", "messaging_message"):
            cursor.execute(f"SELECT count(*) FROM {table} AS row WHERE row::text ILIKE '%%apixaban%%'")
            assert cursor.fetchone()[0] == 0, table


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_at_once_one_wins(clinic, questionnaire):
    row, submission, _verdict = submitted(**THINNER)
    agree(row)
    actors = [
        Actor(
            "practitioner",
            user=User.objects.create_user(f"p{n}@x.example", "x" * 16, name=f"P{n}", role="practitioner"),
        )
        for n in range(2)
    ]
    start, said = threading.Barrier(2), []

    def review(actor):
        try:
            start.wait()
            decide(submission, decision="approve", seen=None, actor=actor, now=NOW)
            said.append("done")
        except DomainError as refusal:
            said.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=review, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["already_decided", "done"]
    assert ReviewDecision.objects.count() == 1


def test_a_decision_reads_as_its_button_did(waiting, selin, client):
    _row, submission = waiting
    decide(submission, decision="ask", seen=None, question="Since when?", actor=selin, now=NOW)
    client.force_login(selin.user)
    page = client.get(f"/review/{submission.pk}/")
    assert "<strong>Ask a question</strong>" in page.content.decode()


@pytest.mark.parametrize("how", ["asked", "changed", "approved"])
def test_the_day_on_which_a_wait_is_over_stays_whatever_is_said_of_a_later_visit(clinic, questionnaire, selin, how):
    """Sunburn, clear on the 13th, a visit on the 22nd: whoever says yes to that has not said yes to the 10th."""
    row, submission, verdict = submitted("2027-03-22 10:00", "peel", sun="burn", sun_on="2027-02-27")
    assert verdict.bookable_from == dt.date(2027, 3, 13)
    row = agree(row)
    if how == "asked":
        decide(submission, decision="ask", seen=None, question="Has it healed?", actor=selin, now=NOW)
    elif how == "changed":
        report_change(row, actor=Actor("patient"), now=NOW)
    else:
        decide(submission, decision="approve", seen=None, actor=selin, now=NOW)
    row.refresh_from_db()
    assert row.bookable_from == dt.date(2027, 3, 13)
    with pytest.raises(DomainError) as refusal:
        moves.move(row, start=at("2027-03-10 10:00"), now=NOW)
    assert [one["code"] for one in refusal.value.extra["reasons"]] == ["bookable_from"]
    moves.move(row, start=at("2027-03-15 10:00"), now=NOW)


def test_a_yes_against_the_wait_is_for_that_visit_and_none_before_it(clinic, questionnaire, selin):
    row, submission, _verdict = submitted("2027-03-22 10:00", "peel", sun="burn", sun_on="2027-02-27")
    row = moves.move(agree(row), start=at("2027-03-16 10:00"), now=NOW)
    selin.user.may_override = True
    no = {"decision": "defer", "reason": "Not healed", "bookable_from": dt.date(2027, 3, 16)}
    first = decide(submission, seen=None, actor=selin, now=NOW, **no)
    decide(submission, decision="approve", seen=first.pk, actor=selin, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.bookable_from) == ("confirmed", dt.date(2027, 3, 16))
