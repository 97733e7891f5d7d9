"""Photos after a treatment: when, by whom, how many at once, and what happens when the words speak of trouble."""

import datetime as dt
import threading

import pytest
from django.db import connection

from bookings.links import photos_path
from bookings.messages import desired
from bookings.models import Appointment
from clinic.audit.models import Entry
from clinic.dates import days_between
from clinic.errors import DomainError, Invalid, NotFound
from clinic.messaging.models import Message
from clinic.people.access import Actor
from consultations.check_ins import is_offered, is_urgent, speaks_of_trouble, takes_photos
from consultations.models import AdverseEvent, Enquiry, EnquiryDraft, EnquiryEntry, Photo
from consultations.photos import store
from consultations.selectors.check_ins import check_ins_of, other_photos, own_photo, patients_photo, waits
from consultations.selectors.enquiries import queue, thread
from consultations.services import adverse, enquiries
from consultations.services.enquiries import reply
from consultations.services.enquiry_keeping import delete_own, erase_asked, tidy
from consultations.services.photos import add_photo
from tests.bookings.cast import at, confirmed, make_patient
from tests.consultations.adverse_cast import OVER, by, staff, treated
from tests.consultations.asking import answered, asked, practitioner
from tests.consultations.check_in_cast import IN_TWO_WEEKS, checked_in, chosen
from tests.consultations.photos.pictures import jpeg

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def ayse(clinic):
    return staff("ayse", phone="+905325550171")


@pytest.fixture
def row(ayse):
    return treated()


# --- when


def test_photos_are_taken_after_a_treatment_and_asked_for_a_week_later(row):
    assert takes_photos(row)
    week = row.finished_at + 7 * DAY
    assert [is_offered(row, now=week + dt.timedelta(seconds=n)) for n in (-1, 0)] == [False, True]


@pytest.mark.parametrize("state", ["confirmed", "arrived", "in_treatment", "no_show", "cancelled"])
def test_no_other_state_takes_them(row, state):
    row.state = state
    assert not takes_photos(row) and not is_offered(row, now=IN_TWO_WEEKS)


def test_a_consultation_takes_none(ayse):
    assert not takes_photos(treated(modality="consult"))


def test_a_visit_that_takes_none_refuses_and_keeps_the_draft(ayse):
    ahead, draft = confirmed("2027-04-06 10:00"), chosen()
    with pytest.raises(DomainError) as refused:
        checked_in(ahead, draft=draft)
    assert refused.value.code == "no_photos_here"
    assert EnquiryDraft.objects.exists() and not Enquiry.objects.exists()


def test_days_are_those_of_the_calendar_where_it_was():
    late, early = at("2027-03-02 23:30"), at("2027-03-03 00:30")
    assert days_between(late, early, "Europe/Istanbul") == 1
    assert days_between(late, early, "Europe/London") == 0


def test_the_messages_that_ask_for_a_photo_lead_there_and_others_do_not(row):
    found = {one.kind: one.facts["link"] for one in desired(row, now=row.finished_at)}
    assert found["aftercare_14d"] == photos_path(row)
    assert found["aftercare_7d"] != photos_path(row)
    row.modality.sessions_max = 0  # the course has ended with it
    found = {one.kind: one.facts["link"] for one in desired(row, now=row.finished_at)}
    assert found["results_90d"] == found["results_180d"] == photos_path(row)


# --- sending


def test_it_waits_in_the_practitioners_queue_with_its_visit(row):
    sent = checked_in(row, words="Much calmer.", photos=2)
    assert (sent.patient, sent.visit, sent.standing, sent.days_after) == (row.patient, row, "waiting", 14)
    assert sent.due_at == at("2027-03-18 18:00"), "two working days"
    assert sent.content["words"] == "Much calmer."
    photos = list(Photo.objects.filter(owner=sent.ref))
    assert [(one.kind, one.patient, one.teaching, one.marketing) for one in photos] == [
        ("after", row.patient, False, False)
    ] * 2
    assert [(one.pk, one.photo_count, one.is_check_in) for one in queue()] == [(sent.pk, 2, True)]
    assert Entry.objects.get(action="check_in.send").subject == sent.ref
    assert not EnquiryDraft.objects.exists() and not AdverseEvent.objects.exists()
    assert not Message.objects.filter(ref=sent.ref).exists(), "the page has said it"


def test_without_a_photo_there_is_nothing_to_look_at(row):
    with pytest.raises(Invalid) as refused:
        checked_in(row, words="All fine", photos=0)
    assert refused.value.code == "photo_missing" and not Enquiry.objects.exists()


def test_one_waits_at_a_time_and_after_its_answer_another_may_come(row):
    first = checked_in(row)
    with pytest.raises(DomainError) as refused:
        checked_in(row, now=IN_TWO_WEEKS + DAY)
    assert refused.value.code == "check_in_waits" and waits(row)
    answered(first)
    assert not waits(row)
    checked_in(row, now=IN_TWO_WEEKS + 2 * DAY)
    assert Enquiry.objects.count() == 2


def test_one_that_was_asked_for_more_still_waits(row):
    answered(checked_in(row), act="more")
    assert waits(row)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("drafts", [1, 2])
def test_sent_twice_at_once_is_one(row, drafts):
    made = [chosen() for _each in range(drafts)] * (3 - drafts)
    gate, said = threading.Barrier(2), []

    def go(draft):
        try:
            gate.wait()
            checked_in(Appointment.objects.get(pk=row.pk), draft=draft)
            said.append("done")
        except DomainError as refusal:
            said.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(one,)) for one in made]
    [one.start() for one in threads]
    [one.join() for one in threads]
    assert sorted(said) == sorted(["done", "already_sent" if drafts == 1 else "check_in_waits"])
    assert Enquiry.objects.count() == 1


def test_the_words_lie_nowhere_in_the_clear(row):
    checked_in(row, words="Zanquilword everywhere")
    with connection.cursor() as cursor:
        for model in (Enquiry, EnquiryEntry, Photo, Message, Entry):
            cursor.execute(f"SELECT count(*) FROM {model._meta.db_table} t WHERE t::text ILIKE '%%zanquil%%'")
            assert cursor.fetchone()[0] == 0, model


# --- trouble


@pytest.mark.parametrize(
    ("words", "urgency"),
    [("It is hard to breathe", "emergency"), ("irin var, ateşim çıktı", "same_day"), ("Me sale pus", "same_day")],
)
def test_words_of_trouble_are_an_adverse_event_with_the_photos_and_page_somebody(row, words, urgency):
    event = checked_in(row, words=words, photos=2)
    assert isinstance(event, AdverseEvent) and not Enquiry.objects.exists()
    assert (event.urgency, event.appointment, event.unseen_since) == (urgency, row, IN_TWO_WEEKS)
    assert event.entries.get().content == {"words": words, "photos": 2}
    assert Photo.objects.filter(owner=event.ref, kind="after", patient=row.patient).count() == 2
    assert Message.objects.filter(kind="page_practitioner").exists()


def test_words_of_trouble_need_no_photo(row):
    assert checked_in(row, words="fever and shivering", photos=0).urgency == "same_day"


def test_words_of_trouble_are_heard_also_while_a_check_in_waits(row):
    checked_in(row)
    assert checked_in(row, words="now I have a fever", now=IN_TWO_WEEKS + DAY).urgency == "same_day"


@pytest.mark.parametrize("words", ["New dark marks on my cheek", "Aún está adormecido", "Sert şişlik var"])
def test_the_lesser_signs_are_an_event_that_pages_nobody_and_is_looked_at_within_a_working_day(row, words):
    event = checked_in(row, words=words, photos=2)
    assert isinstance(event, AdverseEvent) and not Enquiry.objects.exists()
    assert (event.urgency, event.unseen_since, event.due_at) == ("soon", None, at("2027-03-17 18:00"))
    assert Photo.objects.filter(owner=event.ref).count() == 2
    assert not Message.objects.filter(kind="page_practitioner").exists()


def test_only_urgent_words_wait_for_no_button():
    assert is_urgent("I have a fever") and not is_urgent("The dark marks are nearly gone")
    assert speaks_of_trouble("The dark marks are nearly gone") and not speaks_of_trouble("Much calmer")


def test_while_an_event_is_open_photos_go_to_it(row, ayse):
    event = adverse.report(
        row.patient, appointment=row, source="page", signs=["bumps"], actor=Actor("patient"), now=OVER + DAY
    )
    adverse.take_on(event.pk, actor=by(ayse), now=OVER + DAY)
    assert checked_in(row, words="Still there", photos=2) == event
    assert [entry.act for entry in event.entries.all()] == ["report", "take", "more"]
    assert event.entries.last().content == {"words": "Still there", "photos": 2}
    assert not Enquiry.objects.exists() and Photo.objects.filter(owner=event.ref).count() == 2
    adverse.close(event.pk, outcome="settled", text="Gone.", actor=by(ayse), now=IN_TWO_WEEKS + DAY)
    assert isinstance(checked_in(row, now=IN_TWO_WEEKS + 2 * DAY), Enquiry)


def test_words_of_trouble_in_a_later_reply_open_an_event_too(row):
    sent = checked_in(row)
    patient = Actor("patient", patient_id=str(row.patient_id))
    reply(sent.pk, text="And one more.", actor=patient, now=IN_TWO_WEEKS + DAY)
    assert not AdverseEvent.objects.exists()
    reply(sent.pk, text="Since today it is oozing", actor=patient, now=IN_TWO_WEEKS + DAY)
    sent.refresh_from_db()
    event = AdverseEvent.objects.get()
    assert sent.urgency == event.urgency == "same_day" and event.appointment == row


def test_what_opened_an_event_does_not_vanish_before_anybody_has_looked(row):
    sent = checked_in(row, photos=2)
    patient = Actor("patient", patient_id=str(row.patient_id))
    reply(sent.pk, text="Since today it is oozing", actor=patient, now=IN_TWO_WEEKS + DAY)
    assert not delete_own(sent.pk, actor=patient)
    sent.refresh_from_db()
    assert sent.erasure_asked_at and Photo.objects.filter(owner=sent.ref).count() == 2


@pytest.mark.parametrize("how", ["full", "closed"])
def test_words_of_trouble_are_heard_also_where_no_more_is_taken_in(row, how, monkeypatch):
    sent = checked_in(row)
    if how == "full":
        monkeypatch.setattr(enquiries, "REPLIES", 0)
    else:
        answered(sent, act="close")
    with pytest.raises(DomainError):
        reply(sent.pk, text="And one more", actor=Actor("patient"), now=IN_TWO_WEEKS + DAY)
    entry = reply(sent.pk, text="I cannot breathe", actor=Actor("patient"), now=IN_TWO_WEEKS + DAY)
    assert AdverseEvent.objects.get().urgency == "emergency"
    assert (entry.enquiry.standing, entry.enquiry.urgency) == ("waiting", "emergency")


def test_words_of_trouble_in_an_ordinary_question_open_none(clinic):
    reply(asked().pk, text="I cannot breathe", actor=None, now=IN_TWO_WEEKS)
    assert not AdverseEvent.objects.exists()


# --- reading and keeping


def test_the_same_person_s_other_photos_stand_by_their_day_the_first_first(row):
    before = asked(name=row.patient.name, phone=row.patient.phone, photos=2, now=at("2027-02-20 10:00"))
    assert before.patient == row.patient
    asked(name="Somebody Else", phone="+905325557744", photos=1, now=at("2027-02-21 10:00"))
    first = checked_in(row, now=OVER + 8 * DAY)
    add_photo(first, data=jpeg(), most=12, now=OVER + 9 * DAY)
    answered(first)
    newest = checked_in(row, photos=2)
    found = other_photos(newest)
    assert [(one.day.isoformat(), one.after, len(one.photos)) for one in found] == [
        ("2027-02-20", None, 2),
        ("2027-03-10", 8, 1),
        ("2027-03-11", 9, 1),
    ]
    assert {one.kind for one in found[2].photos} == {"after"}


def test_a_photo_of_somebody_else_is_not_found(row):
    sent, other = checked_in(row), asked(phone="+905325557744", photos=1)
    strange, draft = Photo.objects.get(owner=other.ref), chosen()
    loose = Photo.objects.get(owner=draft.ref)
    with pytest.raises(NotFound):
        patients_photo(sent, strange.pk)
    for photo in (strange, loose):
        with pytest.raises(NotFound):
            own_photo(row, None, photo.pk)
    assert own_photo(row, draft, loose.pk) == loose
    assert own_photo(row, None, Photo.objects.get(owner=sent.ref).pk)


def test_what_was_sent_takes_the_same_queries_however_much(row, django_assert_num_queries):
    for number in range(3):
        sent = checked_in(row, photos=number + 1, now=IN_TWO_WEEKS + number * DAY)
        answered(sent)
        with django_assert_num_queries(2):
            assert len(check_ins_of(row)) == number + 1
    found = thread(sent.pk, actor=practitioner()).enquiry
    with django_assert_num_queries(1):
        assert len(other_photos(found)) == 2


def test_the_queue_asks_once_with_check_ins_too(row, django_assert_num_queries):
    checked_in(row)
    other = treated(
        "2027-03-02 14:00", over=at("2027-03-02 15:15"), patient=make_patient("Noor Haddad", phone="+905325550188")
    )
    checked_in(other)
    asked()
    with django_assert_num_queries(1):
        said = [(one.is_check_in and (one.visit.modality.name, one.days_after), one.patient.name) for one in queue()]
    assert len(said) == 3


def test_before_an_answer_it_goes_at_once_with_its_files_and_the_person_stays(row):
    sent = checked_in(row, photos=2)
    keys = list(Photo.objects.values_list("key", flat=True))
    assert delete_own(sent.pk, actor=Actor("patient"))
    assert not Enquiry.objects.exists() and not Photo.objects.exists()
    row.patient.refresh_from_db()
    assert len(keys) == 2


def test_after_an_answer_it_belongs_to_the_record_and_is_kept(row, settings):
    sent = checked_in(row)
    answered(sent, act="close")
    assert not delete_own(sent.pk, actor=Actor("patient"))
    with pytest.raises(DomainError) as refused:
        erase_asked(sent.pk, actor=practitioner())
    assert refused.value.code == "on_record"
    tidy(now=IN_TWO_WEEKS + dt.timedelta(days=settings.ENQUIRY_KEPT_DAYS + 60))
    assert Enquiry.objects.filter(pk=sent.pk).exists()


def test_files_of_a_check_in_are_gone_after_the_commit(row, django_capture_on_commit_callbacks):
    sent = checked_in(row)
    photo = Photo.objects.get()
    assert store.read(photo.key, photo_id=photo.pk, size="thumb")
    with django_capture_on_commit_callbacks(execute=True):
        delete_own(sent.pk, actor=Actor("patient"))
    with pytest.raises(store.CannotOpen):
        store.read(photo.key, photo_id=photo.pk, size="thumb")
