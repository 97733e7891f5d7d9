"""Asking a practitioner, page by page, in one browser."""

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from clinic.messaging.models import Consent, Message, RateBucket
from clinic.people.models import Patient, SignInCode
from consultations.models import Enquiry, EnquiryDraft, Photo
from consultations.services import enquiry_limits
from tests.bookings.cast import make_patient
from tests.consultations.asking import CONCERN, CONTACT, GOALS, PHONE, Asker, sent_code, upload
from tests.consultations.photos.pictures import bomb, heic, jpeg, moving, png

pytestmark = pytest.mark.django_db


@pytest.fixture
def asker(client, clinic):
    return Asker(client)


def text(response):
    return response.content.decode()


def test_the_whole_way(asker):
    row = asker.all(upload(), upload(heic(), "IMG_1.HEIC"))
    assert row.content["words"] == CONCERN["words"] and row.content["concerns"] == ["acne_marks"]
    assert Photo.objects.filter(owner=row.ref).count() == 2
    page = text(asker.get("sent"))
    assert row.reference in page and "answers by" in page
    assert not EnquiryDraft.objects.exists()


def test_looking_stores_nothing(asker):
    for page in ("start", "concern", "goals", "photos", "contact", "code", "check", "sent", "urgent", "young"):
        asker.get(page)
    assert not EnquiryDraft.objects.exists()


def test_somebody_under_18_is_told_kindly_and_leaves_nothing(asker):
    asker.words()
    answer = asker.post("start", {"adult": "no"})
    assert answer["Location"] == reverse("ask:young")
    assert "adults only" in text(asker.get("young"))
    assert not EnquiryDraft.objects.exists()


@pytest.mark.parametrize("page", ["concern", "goals", "photos", "contact", "check"])
def test_a_page_waits_for_those_before_it(asker, page):
    assert asker.get(page)["Location"] == reverse("ask:start")


def test_what_is_missing_is_said_at_its_field_and_the_rest_is_kept(asker):
    asker.post("start", {"adult": "yes"})
    page = asker.post("concern", {"words": "Hollows since school"})
    assert page.status_code == 422
    assert text(page).count("Choose at least one area.") == 2 and "<title>Error:" in text(page)
    assert "Hollows since school" in text(page)
    assert "Hollows since school" in text(asker.get("concern"))


def test_back_keeps_what_was_typed_also_with_gaps(asker):
    asker.words()
    for page, back, typed in (("goals", "concern", {"goals": "Half a sent"}), ("contact", "photos", {"name": "Elif"})):
        assert asker.post(page, typed | {"back": "1"})["Location"] == reverse(f"ask:{back}")
        assert EnquiryDraft.objects.get().content[page] == typed
        asker.words()


def test_words_are_kept_when_the_two_hours_are_over(asker):
    """The page was open for an afternoon: what was typed into it is not lost, and the way leads through what is missing."""
    with time_machine.travel(dt.datetime(2027, 3, 1, 9, tzinfo=dt.UTC)) as clock:
        asker.words()
        clock.shift(dt.timedelta(hours=3))
        answer = asker.post("goals", GOALS | {"goals": "Typed slowly"})
        assert answer["Location"] == reverse("ask:start")
        asker.post("start", {"adult": "yes"})
        asker.post("concern", CONCERN)
        assert "Typed slowly" in text(asker.get("goals"))


def test_only_programs_fill_in_what_nobody_sees_and_a_person_can_go_on(asker):
    asker.post("start", {"adult": "yes"})
    page = asker.post("concern", CONCERN | {"website": "https://pills.example"})
    assert page.status_code == 422 and "leave this field empty" in text(page)
    assert "pills.example" not in text(asker.get("concern"))
    assert asker.post("concern", CONCERN).status_code == 302


def test_an_emergency_is_answered_first_and_the_words_are_kept(asker):
    asker.post("start", {"adult": "yes"})
    answer = asker.post("concern", CONCERN | {"words": "My throat is swelling, I cannot breathe"})
    assert answer["Location"] == reverse("ask:urgent")
    assert "112" in text(asker.get("urgent"))
    assert asker.post("urgent")["Location"] == reverse("ask:goals")
    asker.post("goals", GOALS)
    assert "I cannot breathe" in text(asker.get("concern"))
    asker.prove()
    assert "112" in text(asker.get("check"))
    asker.post("check")
    assert Enquiry.objects.get().urgency == "emergency"
    assert "112" in text(asker.get("sent"))


# --- photos


def test_photos_are_shown_to_the_browser_that_sent_them_and_to_no_other(asker):
    asker.words()
    asker.add(upload())
    photo = Photo.objects.get()
    answer = asker.get("photo", args=[photo.pk, "thumb"])
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["Content-Disposition"] == 'inline; filename="photo.jpg"'
    assert "no-store" in answer["Cache-Control"] and answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer.content[:2] == b"\xff\xd8"
    stranger = Asker(Client())
    assert stranger.get("photo", args=[photo.pk, "thumb"]).status_code == 404
    stranger.words()
    assert stranger.get("photo", args=[photo.pk, "full"]).status_code == 404
    stranger.post("remove", args=[photo.pk])
    assert Photo.objects.count() == 1
    assert asker.get("photo", args=[photo.pk, "raw"]).status_code == 404


def test_a_photo_can_be_taken_out_again(asker):
    asker.words()
    asker.add(upload(), upload(png()))
    asker.post("remove", args=[Photo.objects.first().pk])
    assert Photo.objects.count() == 1
    assert "Your photos: 1 of 6" in text(asker.get("photos"))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"%PDF-1.7", "is not a photo we can read"),
        (b"PK\x03\x04" + bytes(99), "is not a photo we can read"),
        (bomb(), "more than 40 megapixels"),
        (moving("PNG"), "This picture moves"),
        (jpeg()[:2000], "damaged or not complete"),
        (jpeg((50, 50)), "too small"),
        (b"\xff\xd8\xff" + bytes(11 * 1024 * 1024), "larger than 10 MB"),
    ],
)
def test_what_is_refused_has_a_sentence_and_takes_nothing_along(asker, data, sentence):
    asker.words()
    page = asker.add(upload(), upload(data, "scan.jpg"))
    assert page.status_code == 422
    assert "scan.jpg" in text(page) and sentence in text(page)
    assert Photo.objects.count() == 1


def test_a_file_name_is_only_ever_text(asker):
    asker.words()
    page = text(asker.add(upload(b"no", '"><img src=x onerror=alert(1)>.jpg')))
    assert "<img src=x" not in page


def test_the_seventh_is_refused_and_six_stay(asker):
    asker.words()
    page = asker.add(*[upload() for _each in range(7)])
    assert "You can send up to 6 photos" in text(page)
    assert Photo.objects.count() == 6
    assert 'type="file"' not in text(page)


def test_continue_takes_chosen_photos_along(asker):
    asker.words()
    assert asker.post("photos", {"photos": [upload()]})["Location"] == reverse("ask:contact")
    assert Photo.objects.count() == 1


def test_no_photo_is_fine(asker):
    assert asker.all().standing == "waiting"


def test_too_many_uploads_are_stopped_before_they_are_read(asker, monkeypatch, settings):
    settings.RATE_LIMITS = True
    monkeypatch.setattr(enquiry_limits, "UPLOADS_BY_BROWSER", 1)
    asker.words()
    assert asker.add(upload(), upload()).status_code == 429
    assert not Photo.objects.exists()


# --- whose phone


def test_a_stranger_gets_a_code_and_no_record_before_it_is_back(asker):
    asker.words()
    assert asker.post("contact", CONTACT)["Location"] == reverse("ask:code")
    assert (Message.objects.get().channel, Message.objects.get().address) == ("sms", PHONE)
    assert not Patient.objects.exists()
    assert asker.post("check")["Location"] == reverse("ask:code")
    assert asker.post("code", {"code": "000000"}).status_code == 422
    assert asker.post("code", {"code": sent_code()})["Location"] == reverse("ask:check")
    assert not Patient.objects.exists()


def test_typing_somebodys_number_shows_and_reaches_nothing_of_theirs(asker):
    known = make_patient("Elif Nur Aydın", phone=PHONE, email="elif@example.org")
    asker.words()
    stranger = Asker(Client())
    stranger.words()
    for one, phone in ((asker, PHONE), (stranger, "+905325557742")):
        one.page = one.client.post(reverse("ask:contact"), CONTACT | {"phone": phone}, follow=True)
    same = [
        text(one.page).replace("ends in", "").split("<main")[1].split("csrfmiddleware")[0] for one in (asker, stranger)
    ]
    assert same[0].replace("01", "42") == same[1].replace("01", "42")
    assert "elif@example.org" not in text(asker.page)
    assert not known.enquiries.exists()
    assert asker.post("check")["Location"] == reverse("ask:code")


def test_another_number_needs_another_code(asker):
    asker.words()
    asker.prove()
    assert asker.post("contact", CONTACT | {"phone": "+905325557755"})["Location"] == reverse("ask:code")
    assert asker.post("check")["Location"] == reverse("ask:code")


def test_a_code_for_a_question_signs_nobody_in(asker):
    asker.words()
    asker.prove()
    assert "patient_id" not in asker.client.session
    assert SignInCode.objects.get().patient is None


def test_no_second_text_for_the_same_number(asker):
    asker.words()
    asker.post("contact", CONTACT)
    asker.post("contact", CONTACT | {"name": "Elif Aydın"})
    assert Message.objects.filter(kind="sign_in_code").count() == 1


def test_somebody_signed_in_needs_no_code(asker):
    person = make_patient("Elif Nur Aydın", phone=PHONE)
    session = asker.client.session
    session["patient_id"], session["patient_ids"] = str(person.pk), [str(person.pk)]
    session.save()
    asker.words()
    assert asker.post("contact", CONTACT)["Location"] == reverse("ask:check")
    asker.post("check")
    assert person.enquiries.count() == 1
    assert Enquiry.objects.get().reference in text(asker.client.get("/my/"))


def test_a_country_no_code_can_go_to_is_said_before_anything_is_sent(asker):
    asker.words()
    page = asker.post("contact", CONTACT | {"phone": "+8613812345678"})
    assert page.status_code == 422 and "to this country" in text(page)


# --- sending


def test_pressed_twice_it_is_sent_once(asker):
    asker.all()
    assert asker.post("check")["Location"] == reverse("ask:sent")
    assert Enquiry.objects.count() == 1


def test_a_phone_sends_three_a_day(client, clinic, settings):
    settings.RATE_LIMITS = True
    for _each in range(3):
        Asker(Client()).all()
        SignInCode.objects.all().delete()
        RateBucket.objects.filter(key__startswith="code:").delete()
    fourth = Asker(Client())
    fourth.words()
    fourth.prove()
    answer = fourth.post("check")
    assert answer.status_code == 429 and "several questions today" in text(answer)
    assert CONCERN["words"] in text(answer)


def test_everything_typed_can_be_deleted(asker):
    asker.words()
    asker.add(upload())
    asker.post("clear")
    assert not EnquiryDraft.objects.exists() and not Photo.objects.exists()


@pytest.mark.parametrize("ticked", [True, False])
def test_consent_to_whatsapp_is_its_own_and_unticked(asker, ticked):
    asker.words()
    assert " checked" not in text(asker.get("contact"))
    asker.prove(**({"whatsapp": "on"} if ticked else {}))
    asker.post("check")
    found = list(Consent.objects.values_list("channel", "purpose", "granted"))
    assert found == ([("whatsapp", "care", True)] if ticked else [])


@pytest.mark.parametrize("language", ["tr", "es", "ar"])
def test_the_pages_speak_the_language(asker, language):
    asker.client.cookies["language"] = language
    asker.words()
    for page in ("start", "concern", "goals", "photos", "contact"):
        assert f'lang="{language}"' in text(asker.get(page))
    assert asker.prove()["Location"] == reverse("ask:check")
    asker.post("check")
    assert Enquiry.objects.get().language == language
