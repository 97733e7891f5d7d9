"""A question is sent, answered, added to, kept and forgotten."""

import datetime as dt
import threading
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import Error, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from clinic.audit.models import Entry
from clinic.crypto.keyring import Keyring
from clinic.errors import DomainError, Invalid, NotAllowed
from clinic.messaging.models import Consent, Message
from clinic.messaging.registry import is_current
from clinic.people.access import Actor
from clinic.people.models import Link, Patient
from consultations.enquiring import answer_due
from consultations.models import Enquiry, EnquiryDraft, EnquiryEntry, Photo
from consultations.photos import store
from consultations.selectors.enquiries import counts, live_draft, queue, thread
from consultations.services import enquiry_drafts, forgetting, photos
from consultations.services.enquiries import answer_enquiry, reply, send_enquiry, take
from consultations.services.enquiry_keeping import delete_own, erase_asked, tidy
from tests.bookings.cast import NOW, make_patient
from tests.consultations.asking import CONCERN, GOALS, PHONE, answered, asked, make_draft, practitioner
from tests.consultations.cast import submitted
from tests.consultations.photos.pictures import jpeg

pytestmark = pytest.mark.django_db
ISTANBUL = ZoneInfo("Europe/Istanbul")
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _clinic(clinic):
    pass


def pending(enquiry):
    return list(Message.objects.filter(ref=enquiry.ref, state="pending").values_list("kind", flat=True))


def files(settings):
    return [path for path in settings.PRIVATE_FILES_DIR.rglob("*") if path.is_file()]


# --- by when


@pytest.mark.parametrize(
    ("sent", "due"),
    [
        ("2027-03-01 09:00", "2027-03-03 18:00"),  # Monday → Wednesday
        ("2027-03-05 23:59", "2027-03-08 18:00"),  # Friday night → Saturday is one, Monday the other
        ("2027-03-06 10:00", "2027-03-10 18:00"),  # Tuesday is a holiday
    ],
)
def test_an_answer_is_due_after_two_working_days(sent, due):
    when = answer_due(
        dt.datetime.fromisoformat(sent).replace(tzinfo=ISTANBUL),
        days=2,
        closing=dict.fromkeys(range(6), dt.time(18)),
        is_closed=lambda day: day == dt.date(2027, 3, 9),
        zone="Europe/Istanbul",
    )
    assert when == dt.datetime.fromisoformat(due).replace(tzinfo=ISTANBUL)


@given(
    sent=st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2028, 1, 1)),
    days=st.integers(1, 5),
    weekdays=st.sets(st.integers(0, 6)),
    shut=st.sets(st.integers(0, 30)),
    zone=st.sampled_from(["Europe/Istanbul", "America/New_York", "Pacific/Kiritimati"]),
)
def test_the_promise_is_a_working_day_that_comes_later(sent, days, weekdays, shut, zone):
    sent = sent.replace(tzinfo=ZoneInfo(zone))
    closed = {sent.date() + n * DAY for n in shut}
    found = answer_due(
        sent, days=days, closing=dict.fromkeys(weekdays, dt.time(17)), is_closed=closed.__contains__, zone=zone
    )
    local = found.astimezone(ZoneInfo(zone))
    assert local.date() - sent.date() >= days * DAY
    if local.date() - sent.date() < 60 * DAY:
        assert local.date() not in closed
        assert local.weekday() in (weekdays or range(5))


# --- sending


def test_a_question_reaches_the_queue_with_its_photos_and_tells_the_patient():
    row = asked(photos=2)
    assert (row.standing, row.waiting_since, row.patient.phone) == ("waiting", NOW, PHONE)
    assert [photo.patient for photo in Photo.objects.filter(owner=row.ref)] == [row.patient] * 2
    assert not EnquiryDraft.objects.exists()
    assert pending(row) == ["enquiry_received"]
    assert [(one.pk, one.photo_count) for one in queue()] == [(row.pk, 2)]
    assert Entry.objects.filter(action="enquiry.send", subject=row.ref).exists()


def test_a_number_that_nobody_proved_sends_nothing():
    draft = make_draft(phone="+905325557799")
    with pytest.raises(DomainError) as refused:
        send_enquiry(draft, content=CONCERN | GOALS, name="Elif", phone=PHONE, language="en", now=NOW)
    assert refused.value.code == "not_proven"
    assert not Enquiry.objects.exists() and not Patient.objects.exists()
    assert EnquiryDraft.objects.exists()


def test_a_draft_is_sent_once():
    draft = make_draft()
    send = {"content": CONCERN | GOALS, "name": "Elif Aydın", "phone": PHONE, "language": "en", "now": NOW}
    send_enquiry(draft, **send)
    with pytest.raises(DomainError) as refused:
        send_enquiry(draft, **send)
    assert refused.value.code == "already_sent"
    assert Enquiry.objects.count() == 1


def test_somebody_we_know_is_the_same_person_and_another_name_is_another_one():
    known = make_patient("Elif Nur Aydın", phone=PHONE, email="old@example.org")
    assert asked().patient == known
    known.refresh_from_db()
    assert known.email == "old@example.org"
    assert asked(name="Deniz Aydın").patient != known


def test_the_words_lie_nowhere_in_the_clear(settings):
    row = asked(words="Zanquilword on my chin", goals="Zanquilgoal", health="Zanquilmed", photos=1)
    reply(row.pk, text="Zanquilmore", actor=None, now=NOW)
    answered(row, text="Zanquilanswer")
    with connection.cursor() as cursor:
        for model in (Enquiry, EnquiryEntry, Photo, Message, Entry):
            cursor.execute(f"SELECT count(*) FROM {model._meta.db_table} t WHERE t::text ILIKE '%%zanquil%%'")
            assert cursor.fetchone()[0] == 0, model
    assert all(b"JFIF" not in path.read_bytes() for path in files(settings))


@pytest.mark.parametrize(
    ("about", "words", "urgency"),
    [
        ("spots", "I cannot breathe well", "emergency"),
        ("after", "nefes alamıyorum", "emergency"),
        ("after", "Desde ayer tengo manchas más oscuras", "soon"),
        ("spots", "Desde el verano tengo manchas más oscuras", ""),
        ("acne_marks", "Small hollows", ""),
    ],
)
def test_red_flags_are_seen_in_any_language_and_dark_spots_are_none(about, words, urgency):
    assert asked(concerns=[about], words=words).urgency == urgency


def test_urgent_ones_come_first_then_who_waits_longest():
    late, soon = asked(now=NOW + DAY), asked(now=NOW + 2 * DAY, words="I cannot breathe well")
    first = asked(now=NOW)
    assert queue() == [soon, first, late]


def test_the_queue_asks_once_whatever_its_length(django_assert_num_queries):
    asked(photos=1)
    with django_assert_num_queries(1):
        [(row.patient.name, row.photo_count) for row in queue()]
    asked(now=NOW + DAY)
    asked(now=NOW + DAY)
    with django_assert_num_queries(1):
        assert len([(row.patient.name, row.photo_count) for row in queue()]) == 3


# --- answering


@pytest.mark.parametrize(
    ("act", "standing", "kind"),
    [
        ("answer", "answered", "enquiry_answered"),
        ("invite", "answered", "enquiry_answered"),
        ("more", "asked", "enquiry_more"),
        ("close", "closed", "enquiry_answered"),
    ],
)
def test_each_act_leaves_it_standing_and_tells_the_patient_once(act, standing, kind):
    row = asked()
    answered(row, act=act)
    row.refresh_from_db()
    assert (row.standing, row.waiting_since, row.due_at) == (standing, None, None)
    assert pending(row) == [kind]
    assert queue() == [] and queue(show="done") == [row]


@pytest.mark.parametrize(
    ("fields", "missing"), [({"act": "sent", "text": "x"}, "act"), ({"act": "answer", "text": "  "}, "text")]
)
def test_what_an_answer_lacks_is_said_at_its_field(fields, missing):
    with pytest.raises(Invalid) as refused:
        answer_enquiry(asked().pk, seen=1, actor=practitioner(), now=NOW, **fields)
    assert missing in refused.value.fields


@pytest.mark.parametrize("kind", ["desk", "owner", "patient", "anyone"])
def test_only_a_practitioner_answers_or_takes(kind):
    row = asked()
    with pytest.raises(NotAllowed):
        answer_enquiry(row.pk, act="answer", text="x", seen=1, actor=Actor(kind), now=NOW)
    with pytest.raises(NotAllowed):
        take(row.pk, instead_of=None, actor=Actor(kind))


def test_the_second_practitioner_is_told_who_was_first():
    row = asked()
    answered(row)
    with pytest.raises(DomainError) as refused:
        answered(row, seen=1, actor=practitioner("Dr Deniz"))
    assert refused.value.code == "already_answered"
    assert "Selin" in str(refused.value)


def test_words_of_the_patient_that_came_between_are_read_first():
    row = asked()
    reply(row.pk, text="And it itches.", actor=None, now=NOW)
    with pytest.raises(DomainError) as refused:
        answered(row, seen=1)
    assert refused.value.code == "already_answered"
    assert not row.entries.filter(act="answer").exists()


@pytest.mark.django_db(transaction=True)
def test_two_answer_at_once_and_one_wins():
    row = asked()
    actors, gate, said = [practitioner("Dr Selin"), practitioner("Dr Deniz")], threading.Barrier(2), []

    def go(actor):
        try:
            gate.wait()
            answered(row, actor=actor, seen=1)
            said.append("done")
        except DomainError as refusal:
            said.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(actor,)) for actor in actors]
    [one.start() for one in threads]
    [one.join() for one in threads]
    assert sorted(said) == ["already_answered", "done"]
    assert EnquiryEntry.objects.filter(act="answer").count() == 1
    assert Message.objects.filter(kind="enquiry_answered").count() == 1


@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_once_is_one_question():
    draft, gate, said = make_draft(photos=1), threading.Barrier(2), []

    def go():
        try:
            gate.wait()
            send_enquiry(draft, content=CONCERN | GOALS, name="Elif Aydın", phone=PHONE, language="en", now=NOW)
            said.append("done")
        except DomainError as refusal:
            said.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _two in range(2)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    assert sorted(said) == ["already_sent", "done"]
    assert Enquiry.objects.count() == Photo.objects.count() == 1


def test_one_takes_it_and_another_sees_by_whom():
    row, selin, deniz = asked(), practitioner(), practitioner("Dr Deniz")
    take(row.pk, instead_of=None, actor=selin)
    with pytest.raises(DomainError) as refused:
        take(row.pk, instead_of=None, actor=deniz)
    assert refused.value.code == "taken" and "Selin" in str(refused.value)
    assert queue(show="mine", user=selin.user) == [row]
    assert queue(show="mine", user=deniz.user) == []
    take(row.pk, instead_of=selin.user.pk, actor=deniz)
    assert queue(show="mine", user=deniz.user) == [row]


def test_a_reply_puts_it_back_into_the_line():
    row = asked()
    answered(row, act="more", now=NOW + DAY)
    reply(row.pk, text="Since May.", actor=None, now=NOW + 2 * DAY)
    row.refresh_from_db()
    assert (row.standing, row.waiting_since) == ("waiting", NOW + 2 * DAY)
    more = Message.objects.get(kind="enquiry_more")
    assert not is_current(more.ref, more.version)


def test_adding_while_it_waits_does_not_put_it_back():
    row = asked()
    reply(row.pk, text="Also on the chin.", actor=None, now=NOW + DAY)
    row.refresh_from_db()
    assert row.waiting_since == NOW


def test_a_reply_can_make_it_urgent_and_never_less_so():
    row = asked()
    reply(row.pk, text="My face is swelling and I cannot breathe", actor=None, now=NOW)
    reply(row.pk, text="Thank you", actor=None, now=NOW)
    row.refresh_from_db()
    assert row.urgency == "emergency"


def test_nothing_is_no_reply_and_a_closed_one_takes_none():
    row = asked()
    with pytest.raises(Invalid):
        reply(row.pk, text=" ", actor=None, now=NOW)
    answered(row, act="close")
    with pytest.raises(DomainError) as refused:
        reply(row.pk, text="Hello?", actor=None, now=NOW)
    assert refused.value.code == "enquiry_closed"


def test_the_thread_is_never_edited():
    entry = answered(asked())
    for change in (lambda: entry.delete(), lambda: EnquiryEntry.objects.update(act="close")):
        with pytest.raises(Error, match="append-only"), transaction.atomic():
            change()


def test_reading_one_is_audited_without_values():
    row, selin = asked(photos=1), practitioner()
    found = thread(row.pk, actor=selin)
    assert (found.last.act, len(found.photos)) == ("sent", 1)
    entry = Entry.objects.get(action="enquiry.read")
    assert (entry.actor, entry.detail) == (f"user:{selin.user.pk}", {})


def test_what_waits_longer_than_promised_is_counted():
    late, _other = asked(), asked(now=NOW + DAY)
    Enquiry.objects.update(due_at=dt.datetime.now(dt.UTC) + DAY)
    assert (counts().waiting, counts().late) == (2, 0)
    Enquiry.objects.filter(pk=late.pk).update(due_at=dt.datetime.now(dt.UTC) - DAY)
    assert (counts().waiting, counts().late) == (2, 1)


# --- keeping and forgetting


def test_what_is_not_sent_is_gone_after_two_hours(settings):
    draft = make_draft(photos=2)
    assert len(files(settings)) == 4
    later = NOW + dt.timedelta(hours=2, seconds=1)
    assert live_draft(str(draft.pk), now=NOW + dt.timedelta(hours=1)) == draft
    assert live_draft(str(draft.pk), now=later) is None
    assert enquiry_drafts.clear_unsent(now=NOW + dt.timedelta(hours=1)) == 0
    assert enquiry_drafts.clear_unsent(now=later) == 1
    assert not EnquiryDraft.objects.exists() and not Photo.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_files_go_with_their_rows(settings, clinic):
    draft = make_draft(photos=2)
    enquiry_drafts.drop_draft(draft)
    assert files(settings) == []


def test_a_question_nobody_answered_goes_at_once_with_everything():
    row = asked(photos=1)
    assert delete_own(row.pk, actor=Actor("patient", patient_id=str(row.patient_id)), now=NOW)
    for model in (Enquiry, EnquiryEntry, Photo, Patient, Consent, Message):
        assert not model.objects.exists(), model
    assert not Link.objects.filter(subject=row.ref, revoked_at=None).exists()


def test_somebody_with_a_booking_stays_when_their_question_goes():
    visit, _submission, _verdict = submitted_without_questions()
    row = asked(name=visit.patient.name, phone=visit.patient.phone)
    assert row.patient == visit.patient
    delete_own(row.pk, actor=None, now=NOW)
    assert Patient.objects.filter(pk=visit.patient_id).exists()


def submitted_without_questions():
    call_command("load_questionnaire", verbosity=0)
    return submitted()


def test_after_an_answer_a_practitioner_is_asked():
    row, selin = asked(photos=1), practitioner()
    with pytest.raises(DomainError) as refused:
        erase_asked(row.pk, actor=selin)
    assert refused.value.code == "not_asked"
    answered(row)
    assert not delete_own(row.pk, actor=None, now=NOW)
    row.refresh_from_db()
    assert row.erasure_asked_at == NOW
    erase_asked(row.pk, actor=selin)
    assert not Enquiry.objects.exists() and not Photo.objects.exists() and not Patient.objects.exists()


def test_advice_for_somebody_who_is_treated_here_is_kept():
    visit, _submission, _verdict = submitted_without_questions()
    row = asked(name=visit.patient.name, phone=visit.patient.phone)
    answered(row)
    delete_own(row.pk, actor=None, now=NOW)
    with pytest.raises(DomainError) as refused:
        erase_asked(row.pk, actor=practitioner())
    assert refused.value.code == "on_record"
    answered(row, act="close", now=NOW)
    assert tidy(now=NOW + 400 * DAY)["deleted"] == 0
    assert Enquiry.objects.exists()


def test_an_old_question_closes_and_then_goes(settings):
    row = asked(photos=1)
    answered(row)
    assert tidy(now=NOW + 29 * DAY) == {"closed": 0, "deleted": 0}
    assert tidy(now=NOW + 31 * DAY) == {"closed": 1, "deleted": 0}
    assert tidy(now=NOW + (31 + settings.ENQUIRY_KEPT_DAYS - 1) * DAY)["deleted"] == 0
    assert tidy(now=NOW + (31 + settings.ENQUIRY_KEPT_DAYS + 1) * DAY)["deleted"] == 1
    assert not Photo.objects.exists() and not Patient.objects.exists()


def test_one_that_waits_is_never_closed_by_time():
    asked()
    assert tidy(now=NOW + 900 * DAY) == {"closed": 0, "deleted": 0}


def test_a_question_is_history():
    row = asked()
    assert forgetting.has_history(row.patient)


# --- keys


def test_changing_the_key_seals_photos_and_words_again(settings):
    row = asked(photos=1)
    photo, old = Photo.objects.get(), settings.FIELD_KEYS
    settings.FIELD_KEYS = f"k9:{'B' * 43}=,{old}"
    call_command("rotate_field_keys", verbosity=0)
    assert {Keyring.key_of(path.read_bytes()) for path in files(settings)} == {"k9"}
    settings.FIELD_KEYS = f"k9:{'B' * 43}="
    assert store.read(photo.key, photo_id=photo.pk, size="full")[:2] == b"\xff\xd8"
    assert Enquiry.objects.get(pk=row.pk).content["goals"] == "Smoother skin"
    assert photos.seal_again() == 0


def test_a_photo_too_many_and_too_much(monkeypatch):
    draft = make_draft(photos=1)
    with pytest.raises(Invalid) as refused:
        photos.add_photo(draft, data=jpeg((200, 200)), most=1, now=NOW)
    assert refused.value.code == "photo_too_many"
    monkeypatch.setattr(photos, "IN_ALL", Photo.objects.get().size + 10)
    with pytest.raises(Invalid) as refused:
        photos.add_photo(draft, data=jpeg((200, 200)), most=6, now=NOW)
    assert refused.value.code == "photo_too_much"
