"""Something is wrong after a treatment: it is opened, somebody is paged until they look, and nothing is offered meanwhile."""

import datetime as dt
import threading
import uuid

import pytest
from django.db import Error, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from bookings.models import Absence, OpeningHours
from clinic.audit.models import Entry
from clinic.errors import DomainError, Invalid, NotAllowed
from clinic.messaging.models import Message, Reply
from clinic.messaging.registry import is_current
from clinic.messaging.replies import answering
from clinic.messaging.replies.red_flags import worst
from clinic.people.access import Actor
from clinic.people.models import User
from consultations.adverse_signs import EMERGENCY, LABELS, SAME_DAY, SOON, urgency_of_report
from consultations.models import AdverseEvent, AdverseEventEntry, Page, Source
from consultations.opening import open_time
from consultations.selectors.adverse import counts, queue
from consultations.selectors.adverse_standing import standing_of
from consultations.services import adverse, paging
from tests.consultations.adverse_cast import OVER, by, front_desk, says, staff, treated

pytestmark = pytest.mark.django_db
HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
DAY_AFTER = OVER + 24 * HOUR
PATIENT = Actor("patient")


@pytest.fixture(autouse=True)
def _clinic(clinic):
    pass


@pytest.fixture
def ayse():
    return staff("ayse", phone="+905321112233")


@pytest.fixture
def deniz():
    return staff("deniz")


def told(row, *signs, words="", now=DAY_AFTER, **more):
    return adverse.report(
        row.patient, appointment=row, source=Source.PAGE, signs=signs, words=words, actor=PATIENT, now=now, **more
    )


def paged():
    return [(page.number, page.user.name) for page in Page.objects.order_by("at", "number").select_related("user")]


def kinds(row):
    return set(Message.objects.filter(ref=row.ref, state="pending").values_list("kind", flat=True))


# --- how urgent


@pytest.mark.parametrize(("group", "level"), [(EMERGENCY, "emergency"), (SAME_DAY, "same_day"), (SOON, "soon")])
def test_every_sign_asks_for_its_level(group, level):
    assert {urgency_of_report([sign]) for sign in group} == {level}


@given(signs=st.lists(st.sampled_from(list(LABELS)), unique=True), words=st.text(max_size=80))
def test_another_sign_and_words_never_make_it_less_urgent(signs, words):
    for count in range(len(signs)):
        assert worst([urgency_of_report(signs), urgency_of_report(signs[:count])]) == urgency_of_report(signs)
    both = urgency_of_report(signs, words)
    assert worst([both, urgency_of_report(signs)]) == both


def test_words_raise_what_was_chosen(ayse):
    event = told(treated(), "dark_marks", words="my throat is swelling")
    assert (event.urgency, event.unseen_since) == ("emergency", DAY_AFTER)


# --- reports


def test_a_report_opens_an_event_that_is_due_and_pages_who_treated_at_once(ayse, deniz):
    row = treated()
    event = told(row, "pain", "dark_marks")
    assert (event.urgency, event.due_at, event.appointment) == ("same_day", DAY_AFTER + 2 * HOUR, row)
    assert event.entries.get().content == {"signs": ["pain", "dark_marks"]}
    assert paged() == [(1, "Ayse")]
    sent = Message.objects.filter(ref=event.ref)
    assert {(one.channel, one.kind, one.state) for one in sent} == {
        ("sms", "page_practitioner", "pending"),
        ("email", "page_practitioner", "pending"),
    }
    assert not any(row.patient.first_name in one.body for one in sent)


def test_what_can_wait_a_day_pages_nobody_and_is_due_next_working_day(ayse):
    event = told(treated(), "dark_marks")
    assert event.unseen_since is None and paged() == []
    assert event.due_at == dt.datetime(2027, 3, 4, 15, tzinfo=dt.UTC)  # Wednesday → Thursday, 18:00


def test_more_reports_go_to_the_open_one_and_urgency_only_rises(ayse):
    row = treated()
    first = told(row, "dark_marks")
    same = told(row, "eyes", now=DAY_AFTER + HOUR)
    told(row, "bumps", now=DAY_AFTER + 2 * HOUR)
    event = AdverseEvent.objects.get()
    assert (first.pk, same.pk, event.urgency, event.entries.count()) == (event.pk, event.pk, "same_day", 3)


def test_an_unknown_sign_is_refused_and_nothing_is_written():
    with pytest.raises(Invalid):
        told(treated(), "nonsense")
    assert not AdverseEvent.objects.exists()


def test_no_end_of_reports_is_refused_with_a_word(ayse):
    row = treated()
    for _number in range(adverse.REPORTS):
        told(row, "dark_marks")
    with pytest.raises(DomainError, match="call us"):
        told(row, "dark_marks")


# --- a call to the desk


@pytest.fixture
def derya():
    return front_desk()


def called(row, *signs, by_whom, now=DAY_AFTER, **more):
    return adverse.report(
        row.patient, appointment=row, source=Source.DESK, signs=signs, actor=by(by_whom), now=now, **more
    )


def test_a_call_to_the_desk_pages_like_the_patients_own_report_and_says_who_took_it(ayse, deniz, derya):
    row = treated()
    event = called(row, "dark_marks", by_whom=derya, words="my throat is swelling")
    assert (event.source, event.urgency, event.unseen_since) == ("desk", "emergency", DAY_AFTER)
    assert event.entries.get().by == derya and paged() == [(1, "Ayse")]
    noted = Entry.objects.get(action="event.report", subject=event.ref)
    assert (noted.actor, noted.detail) == (f"user:{derya.pk}", {"urgency": "emergency", "source": "desk"})


def test_pressed_twice_it_is_one_report_and_for_somebody_else_another(ayse, derya):
    row, other, key = treated(), treated("2027-03-02 15:00"), uuid.uuid4()
    first, again = (called(row, "pain", by_whom=derya, key=key) for _press in range(2))
    assert first == again and first.entries.count() == 1 and len(paged()) == 1
    assert called(other, "pain", by_whom=derya, key=key).patient == other.patient
    assert AdverseEventEntry.objects.count() == 2


def test_pressed_again_after_it_was_closed_opens_nothing(ayse, derya):
    row, key = treated(), uuid.uuid4()
    event = called(row, "pain", by_whom=derya, key=key)
    adverse.close(event.pk, outcome="expected", text="Normal.", actor=by(ayse), now=DAY_AFTER)
    assert called(row, "pain", by_whom=derya, key=key) == event
    assert not AdverseEvent.objects.filter(closed_at=None).exists()


def test_what_got_worse_before_anybody_looked_pages_the_next_at_once_and_the_same_again_does_not(ayse, deniz, derya):
    row = treated()
    told(row, "pain")
    called(row, "eyes", by_whom=derya, now=DAY_AFTER + MINUTE)
    assert paged() == [(1, "Ayse")]
    called(row, "breathing", by_whom=derya, now=DAY_AFTER + 2 * MINUTE)
    assert paged() == [(1, "Ayse"), (2, "Deniz")]


def test_a_patient_who_has_sent_too_much_may_still_call(ayse, derya, monkeypatch):
    monkeypatch.setattr(adverse, "REPORTS", 1)
    row = treated()
    told(row, "dark_marks")
    assert called(row, "breathing", by_whom=derya).urgency == "emergency"


def test_reading_a_reply_is_not_having_seen_what_the_desk_took_down(ayse, derya):
    row = treated()
    reply = says(row, "fever", sid="SM1", now=DAY_AFTER)
    called(row, "breathing", by_whom=derya, now=DAY_AFTER + MINUTE)
    answering.mark_read([reply], actor=by(ayse))
    assert AdverseEvent.objects.get().unseen_since == DAY_AFTER


def test_the_desk_knows_how_it_stands_and_nothing_else(ayse, deniz, derya, django_assert_num_queries):
    row = treated()
    assert standing_of(row.patient_id) is None
    event = called(row, "pain", by_whom=derya, words="canary")
    with django_assert_num_queries(2):
        standing = standing_of(row.patient_id)
    assert (standing.unseen, standing.taken_by, standing.paged) == (True, "", (("Ayse", DAY_AFTER),))
    assert "canary" not in repr(standing) and "pain" not in repr(standing)
    adverse.take_on(event.pk, actor=by(deniz), now=DAY_AFTER)
    with django_assert_num_queries(1):
        standing = standing_of(row.patient_id)
    assert (standing.unseen, standing.taken_by, standing.paged) == (False, "Deniz", ())


# --- from messages


def test_a_red_flag_in_words_opens_an_event_answers_at_once_and_pages(ayse):
    row = treated()
    reply = says(row, "I have a fever and it is oozing", sid="SM1", now=DAY_AFTER)
    event = AdverseEvent.objects.get()
    assert (event.source, event.urgency, event.appointment) == ("reply", "same_day", row)
    assert event.entries.get().content == {"words": "I have a fever and it is oozing", "reply": str(reply.pk)}
    assert Message.objects.filter(kind="urgent_same_day", state="pending").exists() and reply.unread
    assert paged() == [(1, "Ayse")]


def test_the_same_webhook_again_opens_nothing_more(ayse):
    row = treated()
    for _time in range(3):
        says(row, "fever", sid="SM1", now=DAY_AFTER)
    assert AdverseEventEntry.objects.count() == 1 and paged() == [(1, "Ayse")]


@pytest.mark.parametrize(
    ("tap", "urgency", "pages"), [("unsure", "soon", 0), ("worried", "same_day", 1), ("fine", None, 0)]
)
def test_a_check_in_is_heard(ayse, tap, urgency, pages):
    row = treated()
    asked = Message.objects.get(ref=row.ref, kind="aftercare_24h")
    Message.objects.filter(pk=asked.pk).update(state="delivered")
    says(row, "", sid="SM1", now=DAY_AFTER, payload=f"{asked.code}.{tap}")
    event = AdverseEvent.objects.first()
    assert (event.urgency if event else None, len(paged())) == (urgency, pages)
    answer = Message.objects.get(kind=f"reply_{tap}")
    if event:
        assert "/wrong/" in answer.body and "112" in answer.body
        assert event.entries.get().content["choice"] == tap


def test_a_worry_under_an_old_message_is_heard_like_any_other(ayse):
    """The visit's record was put right since, so the message is of an older version: that is no answer to a worry."""
    row = treated()
    asked = Message.objects.get(ref=row.ref, kind="aftercare_24h")
    Message.objects.filter(pk=asked.pk).update(state="delivered", version=asked.version - 1)
    reply = says(row, "", sid="SM1", now=DAY_AFTER, payload=f"{asked.code}.worried")
    assert AdverseEvent.objects.get().urgency == "same_day" and reply.unread
    assert Message.objects.filter(kind="reply_worried").exists()


def test_a_red_flag_from_somebody_never_treated_opens_nothing_but_pages(ayse, deniz, clinic):
    from tests.bookings.cast import confirmed

    row = confirmed("2027-03-05 10:00")
    reply = says(row, "I can't breathe", sid="SM1", now=DAY_AFTER)
    assert not AdverseEvent.objects.exists()
    assert paging.page_due(now=DAY_AFTER) == 1 and paging.page_due(now=DAY_AFTER + MINUTE) == 0
    assert Page.objects.get().subject == f"urgent:{reply.pk}"
    assert is_current(f"urgent:{reply.pk}", 1)
    Reply.objects.update(unread=False)
    assert not is_current(f"urgent:{reply.pk}", 1) and paging.page_due(now=DAY_AFTER + HOUR) == 0


def test_a_broken_listener_loses_nothing(ayse, monkeypatch):
    row = treated()
    monkeypatch.setattr(adverse, "worst", lambda _levels: 1 / 0)
    reply = says(row, "fever", sid="SM1", now=DAY_AFTER)
    assert reply.unread and reply.urgency == "same_day"
    assert Message.objects.filter(kind="urgent_same_day").exists()


def test_who_has_written_too_much_is_still_heard_when_it_is_an_emergency(ayse, deniz, monkeypatch):
    monkeypatch.setattr(adverse, "REPORTS", 2)
    row = treated()
    for number in range(2):
        says(row, "fever", sid=f"SM{number}", now=DAY_AFTER)
    adverse.take_on(AdverseEvent.objects.get().pk, actor=by(ayse), now=DAY_AFTER + MINUTE)
    before = len(paged())
    says(row, "I can't breathe", sid="SM9", now=DAY_AFTER + HOUR)
    event = AdverseEvent.objects.get()
    assert (event.urgency, event.unseen_since) == ("emergency", DAY_AFTER + HOUR)
    assert len(paged()) == before + 1


def test_a_photo_by_message_is_answered_with_the_page_that_takes_it(ayse):
    row = treated()
    fields = {"NumMedia": "1", "MediaUrl0": "https://provider.example/m", "MediaContentType0": "image/jpeg"}
    reply = says(row, "", sid="SM1", now=DAY_AFTER, **fields)
    answer = Message.objects.get(ref__startswith="reply:")
    assert answer.kind == "reply_attached_care" and "/wrong/" in answer.body and "112" in answer.body
    assert reply.unread and reply.attached == "photo"


# --- paging


def test_who_treated_but_is_away_is_paged_after_those_who_are_there(ayse, deniz):
    row = treated()
    Absence.objects.create(
        resource=row.practitioner, starts_at=DAY_AFTER - HOUR, ends_at=DAY_AFTER + 24 * HOUR, kind="leave"
    )
    told(row, "pain")
    assert paged() == [(1, "Deniz")]


def test_where_nobody_is_in_the_diary_whoever_can_open_it_is_paged(clinic):
    cover = User.objects.create_user("cover@clinic.example", "long enough password", name="Cover", role="practitioner")
    told(treated(), "pain")
    assert paged() == [(1, "Cover")]
    assert Message.objects.get(kind="page_practitioner").address == cover.email


def test_a_clinic_without_opening_hours_goes_on_to_the_next_all_the_same(ayse, deniz):
    row = treated()
    OpeningHours.objects.all().delete()
    told(row, "pain")
    assert paging.page_due(now=DAY_AFTER + 30 * MINUTE) == 1


def test_unread_for_half_an_hour_it_goes_to_the_next_and_round_again(ayse, deniz):
    told(treated(), "pain")
    assert [paging.page_due(now=DAY_AFTER + minutes * MINUTE) for minutes in (1, 29, 30, 31, 60)] == [0, 0, 1, 0, 1]
    assert paged() == [(1, "Ayse"), (2, "Deniz"), (3, "Ayse")]


def test_outside_opening_hours_the_next_is_paged_in_the_morning(ayse, deniz):
    evening = dt.datetime(2027, 3, 3, 14, 45, tzinfo=dt.UTC)  # 17:45, they close at 18:00
    told(treated(), "pain", now=evening)
    assert paging.page_due(now=evening + 3 * HOUR) == 0
    morning = dt.datetime(2027, 3, 4, 6, 14, tzinfo=dt.UTC)
    assert (paging.page_due(now=morning), paging.page_due(now=morning + MINUTE)) == (0, 1)


def test_an_emergency_does_not_wait_for_opening_hours(ayse, deniz):
    night = dt.datetime(2027, 3, 3, 23, 0, tzinfo=dt.UTC)
    told(treated(), "breathing", now=night)
    assert paging.page_due(now=night + 30 * MINUTE) == 1


def test_taking_it_on_ends_the_pages_and_reads_the_replies(ayse, deniz):
    row = treated()
    says(row, "fever", sid="SM1", now=DAY_AFTER)
    event = AdverseEvent.objects.get()
    assert counts() == adverse_counts(1, 1) and is_current(event.ref, 1)
    adverse.take_on(event.pk, actor=by(deniz), now=DAY_AFTER + MINUTE)
    assert paging.page_due(now=DAY_AFTER + HOUR) == 0 and not is_current(event.ref, 1)
    assert not Reply.objects.filter(unread=True).exists()
    assert not Message.objects.filter(ref=event.ref, state="pending").exists()
    assert AdverseEvent.objects.get().taken_by == deniz


def test_reading_the_reply_that_reported_it_is_having_seen_it(ayse, deniz):
    row = treated()
    reply = says(row, "fever", sid="SM1", now=DAY_AFTER)
    answering.mark_read([reply], actor=Actor("desk", user=deniz))
    assert AdverseEvent.objects.get().unseen_since  # the desk can't
    Reply.objects.update(unread=True)
    answering.mark_read([reply], actor=by(deniz))
    event = AdverseEvent.objects.get()
    assert (event.taken_by, event.unseen_since) == (deniz, None)


def test_reading_a_reply_is_not_having_seen_what_stands_on_the_page(ayse, deniz):
    row = treated()
    told(row, "pain")
    reply = says(row, "fever", sid="SM1", now=DAY_AFTER + MINUTE)
    answering.mark_read([reply], actor=by(deniz))
    assert AdverseEvent.objects.get().unseen_since == DAY_AFTER


def test_something_worse_pages_again_although_it_was_taken_on(ayse, deniz):
    row = treated()
    event = told(row, "pain")
    adverse.take_on(event.pk, actor=by(ayse), now=DAY_AFTER + MINUTE)
    told(row, "breathing", now=DAY_AFTER + HOUR)
    assert [number for number, _name in paged()] == [1, 1]


def adverse_counts(waiting, late):
    from consultations.selectors.adverse import Counts

    return Counts(waiting, late)


@pytest.mark.django_db(transaction=True)
def test_many_beats_at_once_page_once(ayse, deniz):
    told(treated(), "pain")
    gate = threading.Barrier(6)

    def beat():
        try:
            gate.wait()
            paging.page_due(now=DAY_AFTER + 30 * MINUTE)
        finally:
            connection.close()

    threads = [threading.Thread(target=beat) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert paged() == [(1, "Ayse"), (2, "Deniz")]
    assert Message.objects.filter(kind="page_practitioner", channel="email").count() == 2


@pytest.mark.django_db(transaction=True)
def test_taking_on_and_reading_the_reply_at_once_wait_for_each_other_in_one_order(ayse, deniz):
    row = treated()
    for number in range(12):
        reply = says(row, "fever", sid=f"SM{number}", now=DAY_AFTER)
        event = AdverseEvent.objects.get(closed_at=None)
        gate, faults = threading.Barrier(2), []

        def act(work, gate=gate, faults=faults):
            try:
                gate.wait()
                work()
            except Exception as problem:
                faults.append(problem)
            finally:
                connection.close()

        works = [
            lambda event=event: adverse.take_on(event.pk, actor=by(ayse), now=DAY_AFTER),
            lambda reply=reply: answering.mark_read([reply], actor=by(deniz)),
        ]
        threads = [threading.Thread(target=act, args=[work]) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        event.refresh_from_db()
        assert faults == [] and event.unseen_since is None and event.taken_by in (ayse, deniz)
        adverse.close(event.pk, outcome="settled", text="Calm.", actor=by(ayse), now=DAY_AFTER)


ISTANBUL_DAY = {"hours": dict.fromkeys(range(6), [(dt.time(9), dt.time(13)), (dt.time(14), dt.time(18))])}


@given(
    start=st.datetimes(dt.datetime(2027, 1, 1), dt.datetime(2027, 12, 1)),
    first=st.integers(0, 5000),
    second=st.integers(0, 5000),
    zone=st.sampled_from(["Europe/Istanbul", "Europe/Berlin", "Pacific/Kiritimati"]),
)
def test_open_time_adds_up_and_is_never_more_than_what_passed(start, first, second, zone):
    begin = start.replace(tzinfo=dt.UTC)
    middle, end = begin + first * MINUTE, begin + (first + second) * MINUTE
    more = ISTANBUL_DAY | {"is_closed": lambda day: day.day == 9, "zone": zone}
    parts = open_time(begin, middle, **more) + open_time(middle, end, **more)
    assert parts == open_time(begin, end, **more)
    assert dt.timedelta() <= parts <= end - begin


# --- while it is open


def test_no_next_session_is_offered_while_one_is_open_and_again_when_it_is_closed(ayse):
    row = treated()
    assert "next_session" in kinds(row)
    event = told(row, "dark_marks")
    assert "next_session" not in kinds(row) and "aftercare_7d" in kinds(row)
    adverse.close(event.pk, outcome="settled", text="Faded.", actor=by(ayse), now=DAY_AFTER + HOUR)
    assert "next_session" in kinds(row)


def test_after_closing_a_new_report_opens_a_new_one(ayse):
    row = treated()
    event = told(row, "pain")
    adverse.close(event.pk, outcome="expected", text="Normal.", actor=by(ayse), now=DAY_AFTER)
    assert told(row, "bumps", now=DAY_AFTER + HOUR).pk != event.pk
    with pytest.raises(DomainError):
        adverse.write_down(event.pk, act="call", text="late", actor=by(ayse))


def test_who_writes_down_an_act_has_seen_it(ayse):
    event = told(treated(), "pain")
    adverse.write_down(event.pk, act="call", text="Cool it, come at 5.", actor=by(ayse), now=DAY_AFTER)
    event.refresh_from_db()
    assert (event.taken_by, event.unseen_since) == (ayse, None)
    assert [one.act for one in event.entries.all()] == ["report", "take", "call"]


@pytest.mark.parametrize("kind", ["desk", "owner", "patient", "anyone"])
def test_nobody_but_a_practitioner_deals_with_it(ayse, kind):
    event = told(treated(), "pain")
    with pytest.raises(NotAllowed):
        adverse.take_on(event.pk, actor=Actor(kind, user=ayse))


def test_the_list_has_the_unseen_first_then_the_urgent(ayse):
    calm, hurry, seen = (treated(f"2027-03-02 {hour}:00") for hour in ("09", "11", "15"))
    for row, sign in ((calm, "bumps"), (hurry, "pain"), (seen, "eyes")):
        told(row, sign)
    adverse.take_on(AdverseEvent.objects.get(patient=seen.patient).pk, actor=by(ayse), now=DAY_AFTER)
    assert [one.patient for one in queue()] == [hurry.patient, seen.patient, calm.patient]


def test_of_two_that_nobody_has_seen_the_emergency_stands_first(ayse):
    first, worse = treated("2027-03-02 09:00"), treated("2027-03-02 11:00")
    told(first, "pain", now=DAY_AFTER)
    told(worse, "breathing", now=DAY_AFTER + MINUTE)
    assert [one.patient for one in queue()] == [worse.patient, first.patient]


# --- what the database keeps


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consultations_adverseevententry SET number = 9",
        "DELETE FROM consultations_adverseevententry",
        "DELETE FROM consultations_page",
        "UPDATE consultations_adverseevent SET closed_at = now()",
        "UPDATE consultations_adverseevent SET urgency = 'none'",
        "UPDATE consultations_adverseevent SET source = 'air'",
        "UPDATE consultations_adverseevent SET outcome = 'settled', closed_at = now()",
    ],
)
def test_the_database_refuses(ayse, statement):
    told(treated(), "pain")
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_words_are_sealed(ayse):
    told(treated(), "pain", words="canary in the words")
    with connection.cursor() as cursor:
        cursor.execute("SELECT content::text FROM consultations_adverseevententry")
        assert "canary" not in cursor.fetchone()[0]
