"""“From 15 March” and “not now”: the reminder, the consultation by either way, and who is too young for both."""

import datetime as dt
import re

import pytest
from django.test import Client

from bookings.models import Appointment
from clinic.people.access import Actor
from clinic.people.models import User
from consultations.models import BookableReminder, Submission
from consultations.services.review import decide
from consultations.views.manage import can_remind
from tests.api.conftest import _monday_at_nine  # noqa: F401
from tests.bookings.cast import make_patient
from tests.consultations.views.walk import Walk

pytestmark = pytest.mark.django_db

SORE = {"skin_today": {"ticks": ["cold_sore:now"]}}  # fourteen days from Monday 1 March
ASK = {"phone": "0532 555 77 01", "agree": "on"}
TOKEN = re.compile(r"/r/([\w-]{43})/")


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def later(walk):
    assert "/later/" in walk.short(**SORE)["Location"]
    return walk


# From a day on.


def test_the_time_page_begins_on_the_day_and_a_hold_before_it_is_refused_with_the_reason(later):
    page = later.times()
    assert page.context["earliest"]["value"].startswith("2027-03-15T09:00")
    assert page.context["verdict"].bookable_from == dt.date(2027, 3, 15)
    refused = later.client.post(later.book("hold"), {"start": "2027-03-13T10:00:00+03:00"})
    assert refused.status_code == 422 and "We can offer this treatment from 15 March 2027." in text(refused)
    assert not Appointment.objects.exists()
    row = later.hold("2027-03-15T10:00:00+03:00")
    assert row.bookable_from == dt.date(2027, 3, 15)


def test_the_later_page_offers_the_times_a_reminder_and_a_talk(later):
    page = later.client.get(later.book("later"))
    assert "From 15 March 2027" in text(page) and "Remind me when I can book" in text(page)
    assert later.book("remind").replace("&", "&amp;") in text(page) and "/book/consult/" in text(page)


def test_asked_for_a_reminder_it_says_when_and_can_be_taken_back(later):
    answer = later.client.post(later.book("remind"), ASK | {"whatsapp": "on"})
    assert TOKEN.fullmatch(answer["Location"])
    row = BookableReminder.objects.get()
    assert (row.phone, row.whatsapp, row.language) == ("+905325557701", True, "en")
    page = later.client.get(answer["Location"])
    assert "Monday 15 March" in text(page) and "09:00" in text(page) and "5557701" not in text(page)
    assert later.client.get(answer["Location"]).status_code == 200  # looking takes nothing back
    gone = later.client.post(answer["Location"], follow=True)
    assert "We won't remind you" in text(gone) and not BookableReminder.objects.exists()
    assert later.client.get(answer["Location"]).status_code == 404


@pytest.mark.parametrize(
    ("data", "field"),
    [({"agree": "on"}, "phone"), ({"phone": "12", "agree": "on"}, "phone"), ({"phone": "0532 555 77 01"}, "agree")],
)
def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(later, data, field):
    page = later.client.post(later.book("remind"), data)
    assert page.status_code == 422 and field in page.context["form"].errors
    assert data.get("phone", "") in text(page) and not BookableReminder.objects.exists()


def test_it_is_only_for_whom_the_answers_name_a_day(walk):
    walk.short()
    assert "/time/" in walk.client.post(walk.book("remind"), ASK)["Location"]
    walk.short(about_you={"ticks": ["pregnant:yes"]})
    assert "/not-now/" in walk.client.post(walk.book("remind"), ASK)["Location"]
    assert "/suitability/" in Client().post(walk.book("remind"), ASK)["Location"]
    assert not BookableReminder.objects.exists()


def test_known_and_unknown_numbers_get_the_same_pages_to_the_byte(clinic, questionnaire):
    make_patient(phone="+905325557701")
    seen = []
    for phone in ("0532 555 77 01", "0532 555 77 02"):
        walk = Walk(Client())
        walk.short(**SORE)
        answer = walk.client.post(walk.book("remind"), ASK | {"phone": phone})
        page = walk.client.get(answer["Location"])
        blanked = re.sub(r'[A-Za-z0-9]{64}(?=")', "csrf", TOKEN.sub("/r/it/", text(page)))
        seen.append((answer.status_code, TOKEN.sub("it", answer["Location"]), blanked))
    assert seen[0] == seen[1]


def test_a_stranger_who_asks_again_learns_nothing_more(later):
    first = later.client.post(later.book("remind"), ASK)["Location"]
    again = later.client.post(later.book("remind"), ASK)["Location"]
    assert first == again and BookableReminder.objects.count() == 1


def test_too_many_are_refused_kindly(later):
    for _number in range(3):
        later.client.post(later.book("remind"), ASK)
    page = later.client.post(later.book("remind"), ASK)
    assert page.status_code == 429 and "0532 555 77 01" in text(page)


# On the page of a visit that was put off.


@pytest.fixture
def put_off(walk):
    walk.short(medicines_history={"ticks": ["blood_thinner:unsure"]})
    walk.hold()
    walk.row = walk.reserve(whatsapp="on")
    walk.form()
    walk.send()
    walk.consent()
    user = User.objects.create_user("selin@clinic.example", "x" * 16, name="Dr Selin", role="practitioner")
    until = {"bookable_from": dt.date(2027, 4, 12), "reason": "risk"}
    decide(Submission.objects.get(), decision="defer", seen=None, actor=Actor("practitioner", user=user), **until)
    walk.row.refresh_from_db()
    return walk


def test_a_press_is_enough_and_the_number_is_not_shown(put_off):
    anybody = Client()
    page = text(anybody.get(put_off.base))
    assert "Remind me when I can book" in page
    assert anybody.get(put_off.base + "remind/").status_code == 405
    answer = anybody.post(put_off.base + "remind/", follow=True)
    assert "12 April" in text(answer) and "5557701" not in text(answer)
    row = BookableReminder.objects.get()
    assert (row.phone, row.whatsapp, row.due_at.isoformat()) == ("+905325557701", True, "2027-04-12T06:00:00+00:00")


def test_there_is_no_reminder_of_any_other_visit(walk):
    walk.all()
    assert "Remind me" not in text(walk.client.get(walk.base))
    assert walk.client.post(walk.base + "remind/")["Location"] == walk.base
    assert not BookableReminder.objects.exists()


def test_nor_once_the_day_has_come(put_off, time_machine):
    time_machine.move_to(dt.datetime(2027, 4, 12, 6, tzinfo=dt.UTC), tick=False)
    put_off.row.refresh_from_db()
    assert not can_remind(put_off.row)


# Not now.


def test_not_now_says_what_they_told_us_why_and_what_they_can_do(walk):
    page = text(walk.client.get(walk.short(about_you={"ticks": ["pregnant:yes"]})["Location"]))
    for words in (
        "You told us",
        "I am pregnant",
        "not about you",
        "Change this answer",
        "Book a consultation",
        "Or talk to a person",
    ):
        assert words in page, words
    assert "Talk by video" not in page


def test_with_video_it_offers_both_ways(walk, settings):
    settings.VIDEO_BASE_URL = "https://meet.clinic.example"
    page = walk.client.get(walk.short(about_you={"ticks": ["pregnant:yes"]})["Location"])
    assert "Talk by video" in text(page)
    choices = walk.client.get(page.context["video_url"])
    assert choices.context["form"]["way"].value() == "video"


@pytest.mark.parametrize("slug", ["pen", "consult"])
def test_under_eighteen_there_is_no_consultation_either_and_the_words_are_kind(
    client, clinic, questionnaire, slug, settings
):
    settings.VIDEO_BASE_URL = "https://meet.clinic.example"
    walk = Walk(client, slug)
    page = text(client.get(walk.short(about_you={"ticks": ["adult:no"]})["Location"]))
    assert "Come back when you are 18" in page and "not about you" in page and "Call" in page
    assert "Book a consultation" not in page and "Talk by video" not in page
    assert client.post(walk.book("hold"), {"start": "2027-03-08T10:00:00+03:00"}).status_code == 302
    assert not Appointment.objects.exists()


def test_a_birthday_under_eighteen_ends_a_consultation_by_the_form_too(client, clinic, questionnaire):
    walk = Walk(client, "consult")
    walk.short()
    row = walk.hold()
    walk.reserve()
    url = client.get(walk.base + "form/")["Location"]
    client.post(url, {f"date_of_birth_{n}": v for n, v in enumerate(("2", "4", "2012"))})
    answer = walk.send()
    assert "/not-now/" in answer["Location"]
    row.refresh_from_db()
    assert (row.state, row.patient_id) == ("cancelled", None)
    assert "Come back when you are 18" in text(client.get(answer["Location"]))


def test_somebody_with_another_visit_to_come_reads_the_same_and_their_other_visit_waits(walk):
    other = walk.all()
    assert other.state == "confirmed"
    again = Walk(Client())
    again.short()
    again.hold("2027-04-26T10:00:00+03:00")
    row = again.reserve()
    again.form(changing_mole="yes")
    answer = again.send()
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.state, row.patient_id, other.state) == ("cancelled", other.patient_id, "pending_review")
    assert "/not-now/" in answer["Location"]
    page = text(again.client.get(answer["Location"]))
    assert "This is about how skin heals, not about you" in page and "Book a consultation" in page


# A consultation by video.


def test_a_consultation_is_booked_by_video_from_the_choices_to_the_page(client, clinic, questionnaire, settings):
    settings.VIDEO_BASE_URL = "https://meet.clinic.example"
    walk = Walk(client, "consult")
    given = {"areas": ["face"], "practitioner": "anyone", "way": "video"}
    walk.query = client.post("/book/consult/", given)["Location"].partition("?")[2]
    assert "video=1" in walk.query
    walk.short()
    assert "by video" in text(walk.times())
    row = walk.hold()
    walk.reserve()
    walk.form()
    walk.send()
    row.refresh_from_db()
    assert (row.state, row.by_video, row.room_id) == ("confirmed", True, None)
    page = text(client.get(walk.base))
    assert "By video, from where you are" in page and "Directions" not in page
    assert "You can join here from" in page


def test_where_video_is_not_offered_nobody_gets_it_by_the_address(client, clinic, questionnaire):
    walk = Walk(client, "consult")
    assert b'name="way"' not in client.get("/book/consult/").content
    walk.short()
    walk.query += "&video=1"
    assert not walk.hold().by_video


def test_a_treatment_by_video_leads_back_to_the_choices(walk, settings):
    settings.VIDEO_BASE_URL = "https://meet.clinic.example"
    assert walk.client.get(walk.book("time", "&video=1"))["Location"] == "/book/pen/"


def test_a_birthday_under_eighteen_after_the_tap_over_eighteen_is_no_fault_of_a_treatment_either(walk):
    """It was one: the page after the form answered 500."""
    walk.short()
    walk.hold()
    walk.reserve()
    url = walk.client.get(walk.base + "form/")["Location"]
    for _page in range(20):
        if url.endswith("/check/"):
            break
        page = url.rstrip("/").split("/")[-1]
        given = {f"date_of_birth_{n}": v for n, v in enumerate(("2", "4", "2012"))} if page == "you" else {}
        url = walk.answer(url, **given)["Location"]
    page = walk.client.get(walk.send()["Location"])
    assert page.status_code == 200 and "Come back when you are 18" in text(page)


def test_a_number_the_clinic_cannot_write_to_is_told_so_kindly(put_off, settings):
    settings.SMS_COUNTRIES = ["DE"]
    answer = put_off.client.post(put_off.base + "remind/")
    assert answer.status_code < 500 and not BookableReminder.objects.exists()
