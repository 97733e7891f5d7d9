import re
from datetime import timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest

from bookings.models import Appointment, Course
from tests.bookings.cast import held, make_patient

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Istanbul")
ASK = {"treatment": "pen", "areas": "face", "sessions": "3", "date": "2027-03-08"}


def text_of(response):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def forms_of(response):
    """The hidden fields of each plan's form."""
    html = unescape(response.content.decode())
    found = []
    for form in re.findall(r'<form method="post" action="/desk/courses/new/">(.*?)</form>', html, re.S):
        pairs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
        fields = {}
        for name, value in pairs:
            fields.setdefault(name, []).append(value)
        found.append(fields)
    return found


@pytest.fixture
def mia(clinic):
    return make_patient("Mia Çelik")


def test_it_asks_first_and_complains_about_nothing(desk, mia):
    response = desk.get(f"/desk/courses/new/?patient={mia.pk}")
    assert response.status_code == 200
    assert "Mia Çelik" in text_of(response) and "There is a problem" not in text_of(response)
    assert forms_of(response) == []


def test_three_plans_with_days_practitioner_reasons_and_price(desk, mia):
    response = desk.get("/desk/courses/new/", ASK | {"patient": mia.pk})
    said = text_of(response)
    assert len(forms_of(response)) == 3
    assert "Mon 8 Mar" in said and "Mon 5 Apr" in said and "Mon 3 May" in said
    assert "Same weekday and time throughout." in said and "Every session is with Ayse." in said
    assert "9,000 TRY" in said and said.count("Book these 3 visits") == 3


def test_one_press_books_every_visit(desk, mia):
    pressed = forms_of(desk.get("/desk/courses/new/", ASK | {"patient": mia.pk}))[0]
    response = desk.post("/desk/courses/new/", pressed, follow=True)
    course = Course.objects.get()
    assert response.redirect_chain == [(f"/desk/courses/{course.pk}/", 302)]
    assert [row.start.isoformat()[:10] for row in course.appointments.order_by("session")] == [
        "2027-03-08",
        "2027-04-05",
        "2027-05-03",
    ]
    said = text_of(response)
    assert (
        "3 visits are booked for Mia Çelik" in said and "Session 2 of 3" in said and said.lower().count("form due") == 3
    )
    page = text_of(desk.get(f"/desk/p/{mia.pk}/"))
    assert "Courses pen 3 sessions" in page
    assert "Session 2 of a course" in text_of(desk.get(f"/desk/a/{course.appointments.get(session=2).pk}/"))


def test_a_lost_session_books_nothing_and_shows_new_plans(desk, mia):
    pressed = forms_of(desk.get("/desk/courses/new/", ASK | {"patient": mia.pk}))[0]
    held(pressed["session"][1][:16].replace("T", " "), now=None)
    response = desk.post("/desk/courses/new/", pressed)
    assert response.status_code == 409
    assert "Session 2 can't be booked at that time any more. Nothing was booked." in text_of(response)
    assert len(forms_of(response)) == 3
    assert Course.objects.count() == 0 and Appointment.objects.count() == 1


@pytest.mark.parametrize("session", [["soon"], ["2027-03-08T10:00"], []])
def test_starts_that_make_no_sense_book_nothing(desk, mia, session):
    response = desk.post("/desk/courses/new/", ASK | {"patient": mia.pk, "session": session})
    assert response.status_code == 422 and not Appointment.objects.exists()


def test_without_a_patient_plans_are_shown_and_none_can_be_booked(desk, mia):
    response = desk.get("/desk/courses/new/", ASK)
    assert "Book these" not in text_of(response) and "Choose the patient first" in text_of(response)
    pressed = forms_of(response)[0]
    assert desk.post("/desk/courses/new/", pressed).status_code == 422
    assert not Appointment.objects.exists()


def test_the_one_asked_for_comes_first_and_a_missing_area_is_said_at_its_field(desk, mia):
    best = forms_of(desk.get("/desk/courses/new/", ASK | {"practitioner": "deniz", "weekday": "2", "time": "15:00"}))[0]
    assert {value[10:] for value in best["session"]} == {"T15:00:00+03:00 deniz"}
    response = desk.get("/desk/courses/new/", {name: value for name, value in ASK.items() if name != "areas"})
    assert "This field is required" in text_of(response) or "Choose" in text_of(response)
    assert forms_of(response) == []


def test_a_practitioner_plans_in_their_own_diary_and_opens_only_their_patients(ayse, mia):
    plans = forms_of(ayse.get("/desk/courses/new/", ASK))
    assert {value.split()[1] for plan in plans for value in plan["session"]} == {"ayse"}
    assert ayse.get("/desk/courses/new/", ASK | {"patient": mia.pk}).status_code == 404


def test_the_owner_reads_and_does_not_plan(owner, desk, mia):
    assert owner.get("/desk/courses/new/").status_code == 403


def test_quick_create_and_the_patient_lead_here(desk, mia):
    assert f"/desk/courses/new/?patient={mia.pk}" in desk.get(f"/desk/p/{mia.pk}/").content.decode()
    page = desk.get("/desk/new/", {"treatment": "pen", "areas": "face", "patient": mia.pk}).content.decode()
    assert f"/desk/courses/new/?treatment=pen&amp;patient={mia.pk}" in page


def test_moving_one_asks_about_the_later_ones_and_moves_them_along(desk, mia):
    pressed = forms_of(desk.get("/desk/courses/new/", ASK | {"patient": mia.pk}))[0]
    desk.post("/desk/courses/new/", pressed)
    first, second, third = Appointment.objects.order_by("session")
    address = f"/desk/a/{second.pk}/move/"
    later = second.start + timedelta(days=7)
    asked = {"date": f"{later:%Y-%m-%d}", "start": later.isoformat(), "practitioner": second.practitioner.slug}
    assert later.astimezone(ZONE).strftime("%H:%M") in text_of(desk.get(address, {"date": asked["date"]}))
    question = desk.post(address, asked)
    said = text_of(question)
    assert question.status_code == 409 and "Session 3 would be too close: 21 days after." in said
    assert "Move them all" in said and "Move only this one" not in said
    html = unescape(question.content.decode())
    answer = asked | {"along": "with", "follower": re.findall(r'name="follower" value="([^"]+)"', html)}
    assert desk.post(address, answer).status_code == 302
    second.refresh_from_db()
    third.refresh_from_db()
    assert (second.start, third.start - second.start) == (later, timedelta(days=28))
    assert (
        desk.post(address, asked | {"start": (later + timedelta(days=7)).isoformat(), "along": "alone"}).status_code
        == 422
    )
