"""The health form as a service: kept, sent once, judged, and gone where it must be."""

import datetime as dt
import threading

import pytest
from django.db import Error, connection, transaction

from bookings.services.lifecycle import cancel, confirm
from bookings.states import State
from clinic.audit.models import Entry
from clinic.errors import DomainError, Invalid
from clinic.messaging.consent import record_consent
from clinic.messaging.models import Consent, Message
from clinic.people.models import Patient
from consultations.models import Draft, Submission
from consultations.selectors.questionnaire import published_version
from consultations.services import changes, forgetting, intake
from tests.bookings.cast import NOW, make_patient, reserved
from tests.consultations.cast import BORN, answers_for, submit, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ready(clinic, questionnaire):
    pass


def send(row, *, version=None, now=NOW, **other):
    return intake.submit(
        row,
        answers=answers_for(row) | other,
        version=version or published_version().version,
        language="en",
        now=now,
    )


def test_a_page_replaces_what_it_could_have_said(clinic):
    row = reserved()
    intake.keep_answers(row, answers={"sun": "burn", "sun_on": "2027-02-01", "acne": "none"})
    intake.keep_answers(row, answers={"sun": "none"}, replaces=frozenset({"sun", "sun_on"}))
    assert Draft.objects.get().answers == {"acne": "none", "sun": "none"}


def test_a_form_is_stored_as_asked_and_clears():
    row, submission, verdict = submitted()
    assert (row.clearance, verdict.outcome.value, submission.number) == ("cleared", "ok", 1)
    assert submission.as_asked[0]["text"] and submission.questionnaire == published_version()
    assert row.patient.date_of_birth == BORN
    assert Entry.objects.filter(action="intake.submit", subject=row.ref).exists()


def test_answers_never_lie_in_the_clear():
    _row, submission, _verdict = submitted(blood_thinner="yes", blood_thinner_name="Zanzibarin")
    with connection.cursor() as cursor:
        cursor.execute("SELECT s::text FROM consultations_submission s")
        assert "anzibarin" not in cursor.fetchone()[0]
    assert submission.answers["blood_thinner_name"] == "Zanzibarin"


def test_a_form_is_never_edited_or_deleted():
    _row, submission, _verdict = submitted()
    for change in (lambda: submission.delete(), lambda: Submission.objects.update(outcome="ok")):
        with pytest.raises(Error), transaction.atomic():
            change()


def test_a_stale_version_is_refused_and_the_draft_stays():
    row = reserved(patient=make_patient())
    intake.keep_answers(row, answers={"acne": "none"})
    with pytest.raises(DomainError) as refused:
        send(row, version="2001.1")
    assert refused.value.code == "stale_form"
    assert Draft.objects.filter(appointment=row).exists() and not Submission.objects.exists()


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"date_of_birth": "2091-01-01"}, "date_of_birth"),
        ({"pregnant": "perhaps"}, "pregnant"),
        ({"pregnant": ""}, "pregnant"),
        ({"toxin": "yes"}, "toxin_on"),
        ({"hobby": "chess"}, "hobby"),
    ],
)
def test_wrong_answers_name_their_field_and_store_nothing(other, field):
    row = reserved(patient=make_patient())
    with pytest.raises(Invalid) as refused:
        send(row, **other)
    assert list(refused.value.fields) == [field]
    assert not Submission.objects.exists()


def test_a_visit_that_is_gone_takes_no_form():
    row = reserved(patient=make_patient())
    cancel(row, reason="patient", now=NOW)
    with pytest.raises(DomainError) as refused:
        send(row)
    assert refused.value.code == "form_closed"


def test_another_birth_date_than_ours_tells_nobody_and_goes_to_review():
    patient = make_patient(date_of_birth=dt.date(1970, 1, 1))
    row = reserved("2027-03-08 10:00", patient=patient)
    submission, verdict = send(row)
    row.refresh_from_db()
    patient.refresh_from_db()
    assert (verdict.outcome.value, row.clearance) == ("ok", "review")
    assert submission.findings[-1]["rule"] == "identity.date_of_birth"
    assert patient.date_of_birth == dt.date(1970, 1, 1)


def test_answers_that_have_become_too_old_count_anew_when_they_are_given_again():
    row, first, _verdict = submitted()
    with pytest.raises(DomainError, match="too old"):
        confirm(aged(row), now=NOW + dt.timedelta(days=2))
    again, _verdict = submit(row, now=NOW + dt.timedelta(days=2))
    row.refresh_from_db()
    assert again.number == first.number + 1
    assert row.cleared_until == NOW.date() + dt.timedelta(days=182)
    assert confirm(row, now=NOW + dt.timedelta(days=2)).state == "confirmed"


def aged(row):
    """Its answers count until the day before the visit."""
    row.cleared_until = row.start.date() - dt.timedelta(days=1)
    row.save(update_fields=["cleared_until"])
    return row


def test_the_same_form_twice_is_one_and_another_one_is_two():
    row, first, _verdict = submitted()
    again, _verdict = submit(row)
    assert again == first and Submission.objects.count() == 1
    second, _verdict = submit(row, smoking="yes")
    assert second.number == 2
    row.refresh_from_db()
    assert row.clearance == "caution"


@pytest.mark.django_db(transaction=True)
def test_two_tabs_send_at_once_and_one_form_is_stored():
    row = reserved(patient=make_patient(date_of_birth=BORN))
    version, results, gate = published_version().version, [], threading.Barrier(2)

    def go():
        try:
            gate.wait()
            results.append(intake.submit(row, answers=answers_for(row), version=version, language="en", now=NOW)[0].pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _two in range(2)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    assert len(results) == 2 and len(set(results)) == 1
    assert Submission.objects.count() == 1


def test_a_decline_forgets_a_person_nothing_else_speaks_of():
    patient = make_patient()
    record_consent(patient.pk, channel="whatsapp", purpose="care", granted=True, source="test", now=NOW)
    row = reserved(patient=patient)
    assert Message.objects.filter(patient=patient).exists()
    submission, verdict = send(row, scars="keloid")
    row.refresh_from_db()
    assert submission is None and verdict.outcome.value == "decline"
    assert (row.state, row.patient_id) == (State.CANCELLED, None)
    for model in (Patient, Submission, Draft, Message, Consent):
        assert not model.objects.exists(), model
    assert not row.allocations.filter(active=True).exists()


def test_a_decline_keeps_a_person_with_another_booking_and_tells_nothing():
    patient = make_patient(date_of_birth=BORN)
    reserved("2027-03-02 12:30", "peel", areas=("neck",), patient=patient)
    row = reserved(patient=patient)
    send(row, scars="keloid")
    row.refresh_from_db()
    assert row.state == State.CANCELLED and row.patient == patient
    assert not Message.objects.filter(ref=row.ref, state="pending").exists()
    assert Submission.objects.get().outcome == "decline", "for whoever treats them at the other"


def test_consents_are_still_append_only_for_everybody_else():
    patient = make_patient()
    record_consent(patient.pk, channel="whatsapp", purpose="care", granted=True, source="test", now=NOW)
    with pytest.raises(Error), transaction.atomic():
        Consent.objects.all().delete()


def test_drafts_of_visits_that_are_gone_are_forgotten_after_thirty_days():
    gone, live = reserved(patient=make_patient()), reserved("2027-03-02 15:00", patient=make_patient())
    for row in (gone, live):
        intake.keep_answers(row, answers={"acne": "none"})
    cancel(gone, reason="patient", now=NOW)
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=31)
    assert forgetting.forget_unbooked(now=later - dt.timedelta(days=2)) == 0
    assert forgetting.forget_unbooked(now=later) == 1
    assert Draft.objects.get().appointment == live


def test_something_changed_opens_the_form_again_with_its_answers():
    row, submission, _verdict = submitted()
    changes.report_change(row, now=NOW)
    changes.report_change(row, now=NOW)
    row.refresh_from_db()
    assert Draft.objects.get().answers == submission.answers
    assert row.clearance == "review"


def test_nothing_can_have_changed_where_there_is_no_form():
    row = reserved(patient=make_patient())
    for say in (changes.report_change, changes.report_unchanged):
        with pytest.raises(DomainError) as refused:
            say(row, now=NOW)
        assert refused.value.code == "form_closed"
