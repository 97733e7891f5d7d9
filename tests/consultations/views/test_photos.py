"""Photos after a treatment through the pages: the patient's, behind link and code, and the practitioner's."""

import datetime as dt
import re

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bookings.links import manage_token, revoke_manage_links
from clinic.audit.models import Entry
from clinic.messaging import limits
from clinic.people.access import Actor
from clinic.people.models import User
from consultations.enquiry_links import enquiry_token
from consultations.models import AdverseEvent, Enquiry, EnquiryDraft, Photo
from consultations.services import adverse
from consultations.services.enquiries import reply
from consultations.services.photos import add_photo
from tests.bookings.cast import at, confirmed, make_patient
from tests.consultations.adverse_cast import OVER, by, staff, treated
from tests.consultations.asking import answered, asked, sent_code, upload
from tests.consultations.check_in_cast import IN_TWO_WEEKS, checked_in
from tests.consultations.photos.pictures import jpeg

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(clinic):
    limits.forget_remembered()
    with time_machine.travel(IN_TWO_WEEKS, tick=False):
        yield


@pytest.fixture
def ayse(clinic):
    return staff("ayse")


@pytest.fixture
def row(ayse):
    return treated()


@pytest.fixture
def hers(client, row):
    """The browser in which a code was typed."""
    return opened(client, row)


@pytest.fixture
def practitioner(ayse):
    client = Client()
    client.force_login(ayse)
    return client


def url(row, name="photos", **more):
    return reverse(f"booking:{name}", kwargs={"token": manage_token(row)} | more)


def opened(client, row):
    code = f"{url(row, 'code')}?next={url(row)}"
    client.post(code, {"send": "1"})
    assert client.post(code, {"code": sent_code()})["Location"] == url(row)
    return client


def text(response):
    return response.content.decode()


def send(client, row, *files, **more):
    return client.post(url(row), {"photos": list(files), "send": "1"} | more)


# --- the door


def test_a_link_alone_shows_and_takes_nothing(client, row):
    sent = checked_in(row)
    photo = Photo.objects.get()
    for page in (url(row), url(row, "photos_sent"), url(row, "photo", photo_id=photo.pk, size="thumb")):
        answer = client.get(page)
        assert answer.status_code == 302 and answer["Location"].startswith(url(row, "code"))
    assert send(client, row, upload())["Location"].startswith(url(row, "code"))
    assert Photo.objects.count() == 1 and sent.entries.count() == 1


def test_a_visit_that_takes_none_leads_to_its_page(client, ayse):
    ahead = confirmed("2027-04-06 10:00", now=IN_TWO_WEEKS)
    opened(client, ahead)
    assert client.get(url(ahead))["Location"] == url(ahead, "manage")
    assert send(client, ahead, upload())["Location"] == url(ahead, "manage")
    assert not Photo.objects.exists()


def test_the_pages_are_never_stored(hers, row):
    send(hers, row, upload())
    photo = url(row, "photo", photo_id=Photo.objects.get().pk, size="full")
    for page in (url(row), url(row, "photos_sent"), photo):
        answer = hers.get(page)
        assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store, private")
        assert "noindex" in answer["X-Robots-Tag"]


def test_the_visits_page_asks_for_a_photo_from_the_seventh_day(client, row):
    for after, asked_for in ((dt.timedelta(days=6, hours=23), False), (dt.timedelta(days=7), True)):
        with time_machine.travel(OVER + after, tick=False):
            page = text(client.get(url(row, "manage")))
            assert (url(row) in page) is asked_for and url(row, "wrong") in page


# --- sending


def test_something_wrong_stands_before_the_form(hers, row):
    page = text(hers.get(url(row)))
    main = page[page.index("<main") :]
    assert main.index(url(row, "wrong")) < main.index('name="photos"')
    assert "Thursday 18 March" in main


def test_from_a_photo_to_the_practitioners_page(hers, row, practitioner):
    assert send(hers, row, upload(), upload(), words="Much calmer now.")["Location"] == url(row, "photos_sent")
    page = text(hers.get(url(row, "photos_sent")))
    assert "Thursday 18 March" in page and page.count('class="thumb"') == 2
    sent = Enquiry.objects.get()
    assert "Photo check-in, 14 days after" in text(practitioner.get("/enquiries/"))
    page = text(practitioner.get(reverse("enquiries:one", args=[sent.pk])))
    assert "Much calmer now." in page and "Photo check-in, 14 days after" in page and "Side by side" not in page
    assert page.count("<figure>") == 2


def test_photos_are_kept_before_they_are_sent_and_taken_out_again(hers, row):
    hers.post(url(row), {"photos": [upload(), upload()], "words": "So far", "do": "add"})
    assert not Enquiry.objects.exists()
    page = text(hers.get(url(row)))
    assert page.count('class="thumb"') == 2 and "So far" in page
    first, second = Photo.objects.all()
    assert hers.get(url(row, "photo", photo_id=first.pk, size="thumb"))["Content-Type"] == "image/jpeg"
    hers.post(url(row), {"remove": str(first.pk), "words": "So far, so good"})
    assert list(Photo.objects.all()) == [second] and "So far, so good" in text(hers.get(url(row)))
    send(hers, row, words="So far, so good")
    assert Enquiry.objects.get().content["words"] == "So far, so good"
    assert Photo.objects.get().owner == Enquiry.objects.get().ref


def test_a_photo_of_somebody_else_is_not_taken_out(hers, row):
    strange = asked(phone="+905325557744", photos=1)
    photo = Photo.objects.get(owner=strange.ref)
    hers.post(url(row), {"remove": str(photo.pk)})
    assert Photo.objects.filter(pk=photo.pk).exists()
    assert hers.get(url(row, "photo", photo_id=photo.pk, size="thumb")).status_code == 404


def test_a_refused_photo_keeps_the_others_and_the_words(hers, row):
    answer = send(hers, row, upload(), upload(b"no", "note.txt"), words="Hello")
    assert answer.status_code == 422
    page = text(answer)
    assert "note.txt" in page and page.count('class="thumb"') == 1 and "Hello" in page
    assert not Enquiry.objects.exists() and Photo.objects.count() == 1


def test_nothing_chosen_is_said(hers, row):
    answer = send(hers, row, words="Fine")
    assert answer.status_code == 422 and "Add at least one photo." in text(answer) and "Fine" in text(answer)


def test_five_are_kept_and_the_sixth_is_refused(hers, row):
    answer = send(hers, row, *(upload() for _each in range(6)))
    assert answer.status_code == 422 and "up to 5 photos" in text(answer)
    assert Photo.objects.count() == 5 and 'name="photos"' not in text(hers.get(url(row)))


def test_words_too_long_are_not_lost(hers, row):
    answer = send(hers, row, upload(), words="x" * 2001)
    assert answer.status_code == 422 and "x" * 2001 in text(answer) and not Enquiry.objects.exists()


def test_pressing_twice_sends_once(hers, row):
    send(hers, row, upload())
    assert send(hers, row, upload())["Location"] == url(row, "photos_sent")
    assert Enquiry.objects.count() == 1


def test_while_one_waits_it_is_shown_instead_of_the_form(hers, row):
    send(hers, row, upload())
    page = text(hers.get(url(row)))
    assert 'name="photos"' not in page and "Waits for an answer" in page
    assert url(row, "wrong") in page
    answered(Enquiry.objects.get())
    page = text(hers.get(url(row)))
    assert 'name="photos"' in page and "Read the answer" in page


def test_the_sent_page_without_anything_leads_back(hers, row):
    assert hers.get(url(row, "photos_sent"))["Location"] == url(row)


def test_three_a_day_from_one_phone(hers, row, settings):
    settings.RATE_LIMITS = True
    for _each in range(3):
        send(hers, row, upload())
        answered(Enquiry.objects.get(standing="waiting"))
        assert send(hers, row).status_code == 422, "what cannot be sent does not count"
    assert send(hers, row, upload()).status_code == 429
    answer = send(hers, row, words="I have a fever")
    assert answer["Location"] == url(row, "wrong_sent"), "trouble is never turned away"
    assert Enquiry.objects.count() == 3


# --- trouble


def test_words_of_an_emergency_show_the_number_first_whichever_button_was_pressed(hers, row):
    sent = {"photos": [upload(b"no", "note.txt")], "words": "I cannot breathe", "do": "add"}
    answer = hers.post(url(row), sent, follow=True)
    assert answer.redirect_chain[-1][0] == url(row, "wrong_sent")
    page = text(answer)
    main = page[page.index("<main") :]
    assert main.index("tel:112") < main.index("We have it")
    assert "note.txt" in page and AdverseEvent.objects.get().urgency == "emergency"
    assert not EnquiryDraft.objects.exists()


def test_an_open_event_takes_the_photos_in(hers, row, ayse, practitioner):
    event = adverse.report(
        row.patient, appointment=row, source="page", signs=["bumps"], actor=Actor("patient"), now=OVER
    )
    adverse.take_on(event.pk, actor=by(ayse), now=OVER)
    assert "goes to the practitioner who sees to it" in text(hers.get(url(row)))
    assert send(hers, row, upload(), words="Smaller")["Location"] == url(row, "photos_sent")
    assert "with the practitioner who sees to what you told us" in text(hers.get(url(row, "photos_sent")))
    page = text(practitioner.get(reverse("events:one", args=[event.pk])))
    assert "Smaller" in page and page.count("<figure>") == 1
    assert not Enquiry.objects.exists()


def test_while_nobody_has_looked_at_an_emergency_its_number_stands_first(hers, row):
    send(hers, row, words="I cannot breathe")
    for name in ("photos", "photos_sent"):
        page = text(hers.get(url(row, name)))
        main = page[page.index("<main") :]
        assert main.index('role="alert"') < main.index("tel:112") < main.index(url(row, "wrong"))


def test_a_lesser_sign_says_by_which_day_somebody_looks(hers, row):
    hers.post(url(row), {"photos": [upload()], "words": "New dark marks", "do": "add"})
    assert not AdverseEvent.objects.exists(), "no button but Send sends it"
    answer = send(hers, row, words="New dark marks")
    assert answer["Location"] == url(row, "wrong_sent")
    page = text(hers.get(answer["Location"]))
    assert "gets in touch by Wednesday 17 March" in page and "Please call us" not in page
    assert AdverseEvent.objects.get().urgency == "soon" and not Enquiry.objects.exists()


def told_wrong(hers, row, *files):
    """Through the page that asks what is wrong."""
    hers.post(url(row, "wrong"), {"soon": "bumps"})
    hers.post(url(row, "wrong_more"), {"photos": list(files)})
    return AdverseEvent.objects.get()


def test_photos_of_something_wrong_are_seen_again_by_whoever_sent_them(hers, row, ayse):
    event = told_wrong(hers, row, upload(), upload())
    assert {one.kind for one in Photo.objects.all()} == {"after"}
    assert url(row, "photos_sent") in text(hers.get(url(row, "wrong_sent")))
    for how in ("open", "closed"):
        if how == "closed":
            adverse.close(event.pk, outcome="settled", text="Gone.", actor=by(ayse))
        for page in ("photos_sent", "photos"):
            shown = text(hers.get(url(row, page)))
            assert shown.count('class="thumb"') == 2 and "What you sent" in shown
        photo = Photo.objects.first()
        assert hers.get(url(row, "photo", photo_id=photo.pk, size="full")).content[:2] == b"\xff\xd8"
    assert Client().get(url(row, "photos_sent"))["Location"].startswith(url(row, "code"))


def test_photos_that_another_patient_told_of_are_not_found(hers, row):
    other = treated(
        "2027-03-03 14:00", over=at("2027-03-03 15:15"), patient=make_patient("Noor", phone="+905325550188")
    )
    event = adverse.report(other.patient, appointment=other, source="page", signs=["bumps"], actor=Actor("patient"))
    strange = add_photo(event, data=jpeg((200, 200)), most=5)
    assert hers.get(url(row, "photo", photo_id=strange.pk, size="full")).status_code == 404
    assert str(strange.pk) not in text(hers.get(url(row)))


def test_a_practitioner_sees_the_photos_of_an_event_beside_earlier_ones(hers, row, practitioner):
    asked(name=row.patient.name, phone=row.patient.phone, photos=2, now=at("2027-02-20 10:00"))
    answered(checked_in(row, now=OVER + dt.timedelta(days=10)))
    event = told_wrong(hers, row, upload())
    address = reverse("events:one", args=[event.pk])
    page = text(practitioner.get(address))
    assert "Side by side" in page and page.count("<figure>") == 3 and page.count("No photo") == 1
    assert "before this treatment" in page and "14 days after" in page
    page = text(practitioner.get(f"{address}?with=2027-03-12"))
    assert page.count("<figure>") == 2 and "10 days after" in page
    strange = Photo.objects.get(owner=asked(phone="+905325557744", photos=1).ref)
    assert practitioner.get(reverse("events:photo", args=[event.pk, strange.pk, "full"])).status_code == 404
    failed = practitioner.post(reverse("events:close", args=[event.pk]), {})
    assert failed.status_code == 422 and f'href="{address}?with=' in text(failed)


@pytest.fixture
def full(row, monkeypatch):
    """As much has been told as is taken in."""
    monkeypatch.setattr(adverse, "REPORTS", 0)
    return adverse.report(
        row.patient, appointment=row, source="page", signs=["bumps"], actor=Actor("patient"), now=OVER
    )


def test_a_full_event_says_to_call(hers, row, full):
    answer = send(hers, row, upload(), words="Still the same bumps")
    page = text(answer)
    main = page[page.index("<main") :]
    assert answer.status_code == 409 and "Please call us" in main
    assert "Still the same bumps" in main and Photo.objects.count() == 1


def test_what_somebody_has_to_see_goes_into_a_full_event_too(hers, row, full):
    assert send(hers, row, upload(), words="I cannot breathe").status_code == 302
    full.refresh_from_db()
    assert (full.urgency, full.entries.count()) == ("emergency", 2)


# --- reading it afterwards


def test_its_own_page_opens_with_the_visits_code(hers, row):
    sent = checked_in(row, words="Calmer")
    answered(sent, text="It heals well.")
    own = re.search(r"/e/[\w-]{43}/", text(hers.get(url(row))))[0]
    page = text(hers.get(own))
    assert "It heals well." in page and "Your photos" in page and "Your question" not in page
    stranger = Client()
    assert stranger.get(own)["Location"] == f"{own}code/"
    assert "Your photos" in text(stranger.get(f"{own}code/"))


def test_another_visits_code_does_not_open_it(client, row, ayse):
    other = treated(
        "2027-03-03 14:00", over=at("2027-03-03 15:15"), patient=make_patient("Noor", phone="+905325550188")
    )
    sent = checked_in(row)
    opened(client, other)
    own = reverse("enquiry:own", args=[enquiry_token(sent)])
    assert client.get(own)["Location"] == f"{own}code/"
    photo = Photo.objects.get()
    assert client.get(url(other, "photo", photo_id=photo.pk, size="full")).status_code == 404


def test_it_is_deleted_before_an_answer_and_the_page_takes_new_ones(hers, row):
    send(hers, row, upload())
    own = reverse("enquiry:delete", args=[enquiry_token(Enquiry.objects.get())])
    assert "Delete these photos" in text(hers.get(own))
    answer = hers.post(own, follow=True)
    assert answer.redirect_chain[-1][0] == url(row) and "Deleted, photos included." in text(answer)
    assert 'name="photos"' in text(answer) and not Enquiry.objects.exists() and not Photo.objects.exists()


def test_when_the_visits_link_is_over_nothing_leads_there(hers, row):
    sent = checked_in(row)
    answered(sent, act="close")
    own = reverse("enquiry:own", args=[enquiry_token(sent)])
    assert url(row) in text(hers.get(own)) and url(row, "wrong") in text(hers.get(own))
    revoke_manage_links(row)
    page = text(hers.get(own))
    assert url(row) not in page and url(row, "wrong") not in page and reverse("ask:start") in page


def test_lesser_signs_are_no_reason_to_alarm(hers, row):
    sent = checked_in(row)
    reply(sent.pk, text="The dark marks fade", actor=Actor("patient"))
    assert "Please call us today" not in text(hers.get(reverse("enquiry:own", args=[enquiry_token(sent)])))
    other = hers.post(reverse("enquiry:own", args=[enquiry_token(sent)]), {"text": "Now there is pus"}, follow=True)
    assert "Please call us today" in text(other) and AdverseEvent.objects.count() == 1


# --- the practitioners' side


@pytest.fixture
def compared(row):
    """Two photos from before, one from the tenth day, two now."""
    before = asked(name=row.patient.name, phone=row.patient.phone, photos=2, now=at("2027-02-20 10:00"))
    first = checked_in(row, now=OVER + dt.timedelta(days=10))
    answered(first)
    return before, first, checked_in(row, photos=2)


def test_the_first_photos_stand_beside_the_newest(practitioner, compared):
    before, first, newest = compared
    address = reverse("enquiries:one", args=[newest.pk])
    page = text(practitioner.get(address))
    assert "Side by side" in page and page.count("<figure>") == 4
    order = [page.index(str(one.pk)) for one in Photo.objects.filter(owner=before.ref)]
    assert order[0] < page.index(str(Photo.objects.filter(owner=newest.ref)[0].pk)) < order[1]
    page = text(practitioner.get(f"{address}?with=2027-03-12"))
    assert page.count("<figure>") == 3 and page.count("No photo") == 1
    assert str(Photo.objects.get(owner=first.ref).pk) in page
    assert page.count("<figure>") == 3 and "10 days after" in page
    assert text(practitioner.get(f"{address}?with=nonsense")).count("<figure>") == 4


def test_looking_at_an_earlier_photo_is_in_the_audit(practitioner, compared):
    before, _first, newest = compared
    photo = Photo.objects.filter(owner=before.ref)[0]
    address = reverse("enquiries:photo", args=[newest.pk, photo.pk, "thumb"])
    assert practitioner.get(address).content[:2] == b"\xff\xd8"
    assert Entry.objects.filter(action="photo.read", subject=photo.ref).count() == 1
    assert "Photo 1 of 2" in text(practitioner.get(reverse("enquiries:photo_page", args=[newest.pk, photo.pk])))


def test_a_photo_of_another_patient_is_not_found_there(practitioner, compared):
    strange = asked(phone="+905325557744", photos=1)
    photo = Photo.objects.get(owner=strange.ref)
    for name, more in (("photo", ["thumb"]), ("photo_page", [])):
        assert practitioner.get(reverse(f"enquiries:{name}", args=[compared[2].pk, photo.pk, *more])).status_code == 404


def test_more_photos_and_days_take_the_same_queries(practitioner, row, compared):
    newest = compared[2]
    address = reverse("enquiries:one", args=[newest.pk])
    counted = []
    for _round in range(3):
        with CaptureQueriesContext(connection) as caught:
            practitioner.get(address)
        counted.append(len(caught))
        add_photo(compared[0], data=jpeg((200, 200)), most=12, now=timezone.now() - dt.timedelta(days=3))
    assert counted[1] == counted[2]


def test_the_patients_page_takes_the_same_queries_with_more(hers, row):
    counted = []
    for number in range(3):
        answered(checked_in(row, photos=number + 1, now=IN_TWO_WEEKS + dt.timedelta(minutes=number)))
        with CaptureQueriesContext(connection) as caught:
            hers.get(url(row))
        counted.append(len(caught))
    assert counted[1] == counted[2]


def test_neither_desk_nor_owner_see_it(compared):
    for role in ("desk", "owner"):
        client = Client()
        client.force_login(_user(role))
        assert client.get(reverse("enquiries:one", args=[compared[2].pk])).status_code == 403


def _user(role):
    return User.objects.create_user(f"{role}@x.example", "x" * 16, name=role.title(), role=role)


def test_metadata_is_gone(hers, row):
    marked = jpeg((300, 300)) + b"GPS-CANARY"
    send(hers, row, SimpleUploadedFile("a.jpg", marked, content_type="image/jpeg"))
    photo = url(row, "photo", photo_id=Photo.objects.get().pk, size="full")
    assert b"GPS-CANARY" not in hers.get(photo).content
