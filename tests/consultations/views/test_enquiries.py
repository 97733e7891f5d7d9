"""An enquiry behind its link, and at the practitioners' side."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.models import Appointment
from bookings.services import limits as booking_limits
from clinic.audit.models import Entry
from clinic.messaging import limits
from clinic.people.models import User
from consultations.enquiry_links import enquiry_path
from consultations.models import Enquiry, Photo
from consultations.services import enquiries
from tests.consultations.asking import Asker, answered, asked, practitioner, sent_code, upload
from tests.consultations.photos.pictures import jpeg

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clinic(clinic):
    limits.forget_remembered()


def text(response):
    return response.content.decode()


@pytest.fixture
def own(client):
    """The browser that sent it."""
    row = Asker(client).all(upload())
    return row, client, enquiry_path(row)


@pytest.fixture
def selin():
    client = Client()
    client.force_login(practitioner().user)
    return client


def staff(role):
    client = Client()
    client.force_login(User.objects.create_user(f"{role}@x.example", "x" * 16, name="Derya", role=role))
    return client


# --- the patient's page


def test_the_browser_that_sent_it_reads_and_adds(own, selin):
    row, client, path = own
    page = text(client.get(path))
    assert "Small hollows" in page and "Waits for an answer" in page
    assert client.post(path, {"text": "Also on the chin.", "photos": [upload()]})["Location"] == path
    page = text(client.get(path))
    assert "Also on the chin." in page
    assert Photo.objects.filter(owner=row.ref, patient=row.patient).count() == 2


def test_a_link_alone_shows_where_it_stands_and_a_code_opens_the_rest(own):
    row, _client, path = own
    stranger = Client()
    photo = Photo.objects.get()
    for page in ("", "delete/", f"photo/{photo.pk}/full/"):
        assert stranger.get(path + page)["Location"] == f"{path}code/"
    shown = text(stranger.get(f"{path}code/"))
    assert "Waits for an answer" in shown and "hollows" not in shown and "Elif" not in shown
    stranger.post(f"{path}code/", {"send": "1"})
    assert stranger.post(f"{path}code/", {"code": "123"}).status_code == 422
    assert stranger.post(f"{path}code/", {"code": sent_code()})["Location"] == path
    assert "Small hollows" in text(stranger.get(path))
    assert stranger.get(f"{path}photo/{photo.pk}/full/")["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize("page", ["", "code/", "delete/", f"photo/{'0' * 8}-0000-4000-8000-{'0' * 12}/full/"])
def test_an_unknown_token_is_a_404_and_many_are_too_many(own, settings, monkeypatch, page):
    settings.RATE_LIMITS = True
    monkeypatch.setattr(booking_limits, "WRONG_LINKS_AN_HOUR", 3)
    row, _client, path = own
    tokens = ("x", "A" * 43, manage_like(path))
    assert [Client().get(f"/e/{token}/{page}").status_code for token in tokens] == [404] * 3
    assert Client().get(f"/e/{'B' * 43}/{page}").status_code == 429
    assert Client().get(f"{path}code/").status_code == 200


def manage_like(path):
    token = path.split("/")[2]
    return token[:-1] + ("_" if token[-1] != "_" else "-")


def test_anothers_photo_is_not_there(own):
    other = asked(phone="+905325557702", photos=1)
    _row, client, path = own
    photo = Photo.objects.get(owner=other.ref)
    assert client.get(f"{path}photo/{photo.pk}/full/").status_code == 404


def test_pages_behind_the_link_are_never_stored_indexed_or_referred_to(own):
    _row, client, path = own
    for page in ("", "code/", "delete/", f"photo/{Photo.objects.get().pk}/thumb/"):
        answer = client.get(path + page)
        assert answer["Cache-Control"] == "no-store, private"
        assert answer["Referrer-Policy"] == "strict-origin"
        assert "noindex" in answer["X-Robots-Tag"]


def test_the_answer_is_read_there_and_leads_to_a_consultation(own):
    row, client, path = own
    answered(row, act="invite", text="Please come <b>in</b>.")
    page = text(client.get(path))
    assert "Please come &lt;b&gt;in&lt;/b&gt;." in page
    assert "/book/consult/?areas=face" in page and "clears you for no treatment" in page


def test_one_bad_photo_does_not_hold_back_the_words(own):
    row, client, path = own
    page = text(client.post(path, {"text": "Here is more", "photos": [upload(b"no", "note.txt")]}, follow=True))
    assert "note.txt" in page and "Here is more" in page
    assert row.entries.filter(act="reply").count() == 1


def test_nothing_at_all_is_said_at_the_field(own):
    _row, client, path = own
    page = client.post(path, {"text": ""})
    assert page.status_code == 422 and "Write something, or add a photo." in text(page)


def test_only_bad_photos_send_nothing(own):
    row, client, path = own
    client.post(path, {"text": "", "photos": [upload(b"no")]})
    assert row.entries.count() == 1


def test_a_closed_one_takes_no_photo(own):
    row, client, path = own
    answered(row, act="close")
    page = client.post(path, {"text": "But", "photos": [upload()]})
    assert page.status_code == 409 and "This question is closed" in text(page)
    assert Photo.objects.count() == 1


def test_words_of_an_emergency_are_answered_at_once(own):
    _row, client, path = own
    assert "112" in text(client.post(path, {"text": "I cannot breathe"}, follow=True))


def test_words_of_an_emergency_are_answered_at_once_also_where_nothing_more_is_taken_in(own, monkeypatch):
    _row, client, path = own
    monkeypatch.setattr(enquiries, "REPLIES", 0)
    page = client.post(path, {"text": "I cannot breathe"})
    assert page.status_code == 409 and "tel:112" in text(page) and "I cannot breathe" in text(page)


def test_it_is_deleted_at_once_before_an_answer(own):
    _row, client, path = own
    assert "go at once" in text(client.get(f"{path}delete/"))
    assert client.post(f"{path}delete/")["Location"] == reverse("ask:gone")
    assert not Enquiry.objects.exists() and not Photo.objects.exists()
    assert client.get(path).status_code == 404


def test_after_an_answer_deletion_is_asked_for(own, selin):
    row, client, path = own
    answered(row)
    client.post(f"{path}delete/")
    assert "You asked us to delete this" in text(client.get(path))
    assert "The patient asks to be deleted" in text(selin.get(reverse("enquiries:one", args=[row.pk])))
    assert selin.post(reverse("enquiries:erase", args=[row.pk]))["Location"] == reverse("enquiries:list")
    assert not Enquiry.objects.exists()


# --- the practitioners' side


def test_a_practitioner_reads_looks_and_answers(selin):
    row = asked(photos=2, language="tr")
    assert row.patient.name in text(selin.get("/enquiries/"))
    address = reverse("enquiries:one", args=[row.pk])
    page = text(selin.get(address))
    assert "Small hollows" in page and page.count("<figure>") == 2 and "Turkish" in page
    photo = Photo.objects.first()
    assert "Photo 1 of 2" in text(selin.get(f"{address}photo/{photo.pk}/"))
    picture = selin.get(f"{address}photo/{photo.pk}/full/")
    assert picture.content[:2] == b"\xff\xd8" and "no-store" in picture["Cache-Control"]
    assert Entry.objects.filter(action="photo.read", subject=photo.ref).count() == 1
    shown = selin.post(address, {"act": "invite", "text": "Gelin bakalım.", "seen": "1", "preview": "1"})
    assert shown.status_code == 200 and 'lang="tr"' in text(shown).split("<main")[1]
    assert row.entries.count() == 1
    assert selin.post(address, {"act": "answer", "text": "Gelin bakalım.", "seen": "1"})["Location"] == "/enquiries/"
    assert row.entries.get(act="answer").text == "Gelin bakalım."


def test_one_enquiry_takes_the_same_queries_with_more_photos_and_words(selin):
    few, many = asked(), asked(phone="+905325557702", photos=3)
    for _each in range(3):
        answered(many)
    queries = []
    for row in (few, few, many):
        with CaptureQueriesContext(connection) as caught:
            selin.get(reverse("enquiries:one", args=[row.pk]))
        queries.append(len(caught))
    assert queries[1] == queries[2]


def test_whoever_was_second_keeps_their_words_and_may_send_them_on(selin):
    row = asked()
    answered(row, actor=practitioner("Dr Deniz Ak"))
    address = reverse("enquiries:one", args=[row.pk])
    page = selin.post(address, {"act": "answer", "text": "My own words", "seen": "1"})
    assert page.status_code == 409
    assert "Dr Deniz Ak has just answered" in text(page) and "My own words" in text(page)
    assert 'name="seen" value="2"' in text(page)


def test_an_answer_without_words_keeps_the_choice(selin):
    row = asked()
    page = selin.post(reverse("enquiries:one", args=[row.pk]), {"act": "more", "text": "", "seen": "1"})
    assert page.status_code == 422 and "Write what the patient will read." in text(page)
    assert 'value="more"' in text(page) and "checked" in text(page)


def test_taking_it_is_seen_by_others(selin):
    row = asked()
    selin.post(reverse("enquiries:take", args=[row.pk]), {"instead_of": ""})
    assert "You answer this" in text(selin.get(reverse("enquiries:one", args=[row.pk])))
    other = Client()
    other.force_login(practitioner("Dr Deniz Ak").user)
    assert "Dr Selin Aydın answers this" in text(other.get(reverse("enquiries:one", args=[row.pk])))


def test_what_the_patient_wrote_never_runs(selin):
    row = asked(words="<script>alert(1)</script>", name="<img src=x> Elif")
    for page in (reverse("enquiries:one", args=[row.pk]), "/enquiries/"):
        body = text(selin.get(page))
        assert "<script>alert" not in body and "<img src=x>" not in body


@pytest.mark.parametrize("role", ["desk", "owner"])
def test_nobody_else_of_the_staff_reads_or_sees_a_photo(role):
    row = asked(photos=1)
    client, photo = staff(role), Photo.objects.get()
    address = reverse("enquiries:one", args=[row.pk])
    for page in ("/enquiries/", address, f"{address}photo/{photo.pk}/", f"{address}photo/{photo.pk}/full/"):
        assert client.get(page).status_code == 403
    for page in (address, f"{address}take/", f"{address}erase/"):
        assert client.post(page, {"act": "answer", "text": "x", "seen": "1"}).status_code == 403
    assert client.get(enquiry_path(row)).status_code == 302


def test_the_desk_is_told_that_one_waits_too_long_and_nothing_more():
    row, desk = asked(), staff("desk")
    Enquiry.objects.update(due_at=row.sent_at.replace(year=2020))
    limits.forget_remembered()
    page = text(desk.get("/desk/search/"))
    assert "waits longer than we promised" in page and "A practitioner has to answer." in page
    assert row.patient.name not in page and "/enquiries/" not in page


def test_a_practitioner_sees_how_many_wait(selin):
    asked()
    limits.forget_remembered()
    assert '<span class="count">1</span>' in text(selin.get("/enquiries/"))


def test_a_plan_can_be_proposed_from_it(selin):
    row = asked()
    address = reverse("enquiries:one", args=[row.pk])
    planned = f"{reverse('plans:new')}?patient={row.patient_id}&about=enquiry:{row.pk}"
    assert planned.replace("&", "&amp;") in text(selin.get(address))
    assert address in text(selin.get(planned))


def test_earlier_visits_are_listed(selin):
    row = asked(photos=0)
    assert not Appointment.objects.exists()
    assert "Earlier" not in text(selin.get(reverse("enquiries:one", args=[row.pk])))
    second = asked()
    assert row.reference in text(selin.get(reverse("enquiries:one", args=[second.pk])))


def test_the_large_photo_is_the_photo(selin):
    row = asked(photos=1)
    photo = Photo.objects.get()
    address = reverse("enquiries:one", args=[row.pk])
    sizes = {size: selin.get(f"{address}photo/{photo.pk}/{size}/").content for size in ("full", "thumb")}
    assert all(one[:2] == jpeg()[:2] for one in sizes.values())
    assert selin.get(f"{address}photo/{photo.pk}/other/").status_code == 404
