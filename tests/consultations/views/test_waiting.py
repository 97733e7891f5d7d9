"""Onto the waiting list from the time page, and the page an offer leads to."""

import datetime as dt
import re

import pytest
import time_machine

from bookings.links import waiting_path
from bookings.models import Absence, Appointment, Practitioner, Resource, WaitingEntry
from bookings.services import offers
from bookings.services.limits import JOINS_BY_PHONE
from clinic.messaging.models import Consent
from clinic.people.models import Patient
from tests.bookings.cast import NOW
from tests.bookings.waiting_cast import one_half_hour, open_offer, waits

pytestmark = pytest.mark.django_db
JOIN = {
    "name": "Elif Nur Aydın",
    "phone": "0532 555 77 01",
    "first": "2027-03-02",
    "last": "2027-03-12",
    "parts": ["morning", "evening"],
    "who": "anyone",
    "agree": "on",
}


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(NOW, tick=False):
        yield


def text(response) -> str:
    return response.content.decode()


# joining


def test_from_the_time_page_onto_the_list(walk, client):
    walk.short()
    link = re.search(r'href="(/book/pen/waiting/[^"]+)"', text(walk.times()))[1].replace("&amp;", "&")
    form = client.get(link)
    assert 'value="2027-03-02"' in text(form)
    answer = client.post(link, JOIN)
    assert answer["Location"].startswith("/book/pen/waiting/joined/")
    assert "You are on the list" in text(client.get(answer["Location"]))
    entry = WaitingEntry.objects.get()
    assert (entry.modality.slug, [area.slug for area in entry.areas.all()]) == ("pen", ["face"])
    assert (entry.parts, entry.first_day, entry.clearance) == (["morning", "evening"], dt.date(2027, 3, 2), "unknown")
    assert (entry.patient.name, entry.patient.phone) == ("Elif Nur Aydın", "+905325557701")
    assert not Consent.objects.exists()


def test_without_the_questions_there_is_no_list(walk, client):
    assert "/suitability/" in client.get(walk.book("waiting"))["Location"]
    assert "/suitability/" in client.post(walk.book("waiting"), JOIN)["Location"]
    assert not WaitingEntry.objects.exists()


def test_a_declined_person_leaves_nothing(walk, client):
    walk.short(about_you={"ticks": ["pregnant:yes"]})
    assert "/not-now/" in client.post(walk.book("waiting"), JOIN)["Location"]
    assert not Patient.objects.exists()


def test_a_review_and_a_later_date_go_along(walk, client):
    walk.short(medicines_history={"ticks": ["blood_thinner:yes"], "blood_thinner_name": "Apixaban"})
    client.post(walk.book("waiting"), JOIN)
    entry = WaitingEntry.objects.get()
    assert (entry.clearance, entry.bookable_from) == ("review", dt.date(2027, 3, 1))  # from the day they answered
    walk.short(skin_today={"ticks": ["cold_sore:now"]})
    client.post(walk.book("waiting"), JOIN | {"name": "Deniz Ak", "last": "2027-04-12"})
    entry = WaitingEntry.objects.get(patient__name="Deniz Ak")
    assert (entry.clearance, entry.bookable_from) == ("unknown", dt.date(2027, 3, 15))


def test_joining_twice_looks_the_same_and_tells_nothing(walk, client, settings):
    settings.RATE_LIMITS = False
    walk.short()
    phones = (JOIN["phone"], "0532 555 77 02", JOIN["phone"])
    answers = [client.post(walk.book("waiting"), JOIN | {"phone": phone}) for phone in phones]
    assert len({answer["Location"] for answer in answers}) == 1
    pages = {re.sub(r"[A-Za-z0-9]{64}", "", text(client.get(answer["Location"]))) for answer in answers}
    assert len(pages) == 1
    assert "/w/" not in pages.pop()
    assert WaitingEntry.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"agree": ""}, "Please tick this box if you agree."),
        ({"name": "E"}, "Enter your name"),
        ({"phone": "12"}, "number"),
        ({"parts": []}, "Choose at least one part of the day."),
        ({"last": "2027-03-01"}, "The last day lies before the first."),
        ({"who": "nobody"}, "Choose one of the practitioners"),
        ({"weekdays": ["9"]}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(walk, client, change, said):
    walk.short()
    page = client.post(walk.book("waiting"), JOIN | change)
    assert page.status_code == 422
    assert said in text(page)
    assert not Patient.objects.exists()


def test_one_phone_joins_three_times_an_hour(walk, client):
    walk.short()
    for _ in range(JOINS_BY_PHONE):
        assert client.post(walk.book("waiting"), JOIN).status_code == 302
    page = client.post(walk.book("waiting"), JOIN | {"name": "Somebody Else"})
    assert page.status_code == 429
    assert Patient.objects.count() == 1


def test_whatsapp_is_asked_apart(walk, client):
    walk.short()
    client.post(walk.book("waiting"), JOIN | {"whatsapp": "on"})
    assert Consent.objects.get().channel == "whatsapp"


def test_a_woman_is_asked_for_where_there_are_others(walk, client, clinic):
    for slug, gender in (("ayse", "woman"), ("deniz", "man")):
        Practitioner.objects.filter(resource__slug=slug).update(gender=gender)
    walk.short()
    page = text(client.get(walk.book("waiting")))
    assert "A woman" in page and "A man" in page
    client.post(walk.book("waiting"), JOIN | {"who": "a-woman"})
    entry = WaitingEntry.objects.get()
    assert (entry.gender, entry.practitioner) == ("woman", None)


# the offer


@pytest.fixture
def offered(clinic, questionnaire):
    one_half_hour()
    entry = waits(clinic)
    offers.sweep()
    return entry


def press(client, entry, answer, number=None):
    number = open_offer(entry).pk if number is None else number
    return client.post(waiting_path(entry), {"offer": number, "answer": answer})


def test_the_offer_says_what_when_with_whom_and_until(client, offered):
    page = client.get(waiting_path(offered))
    for said in ("Tuesday 2 March 2027", "10:00", "Ayse", "09:30", "Moda Caddesi 12", "Istanbul"):
        assert said in text(page)
    assert page["Cache-Control"] == "no-store, private"
    assert "noindex" in page["X-Robots-Tag"]


def test_taking_it_goes_on_along_the_ordinary_path(client, offered):
    answer = press(client, offered, "take")
    assert re.fullmatch(r"/b/[\w-]{43}/form/", answer["Location"])
    visit = Appointment.objects.get()
    assert (visit.state, visit.source, visit.patient.name) == ("reserved", "waiting", "Elif Aydın")
    assert "/code/" in client.get(answer["Location"])["Location"]  # who has only the link sees nothing about health
    page = text(client.get(waiting_path(offered)))
    assert "You have taken a time" in page and answer["Location"] in page
    assert press(client, offered, "leave", 0)["Location"] == "/w/left/"
    assert Appointment.objects.get().state == "reserved"


def test_refusing_it_keeps_the_place(client, offered):
    answer = press(client, offered, "decline")
    page = client.get(answer["Location"])
    assert "You stay on the list." in text(page)
    assert "Take this time" not in text(page)
    offered.refresh_from_db()
    assert offered.state == "waiting"


def test_an_offer_that_is_over_is_told_kindly(client, offered):
    number = open_offer(offered).pk
    with time_machine.travel(NOW + dt.timedelta(minutes=30), tick=False):
        assert 'The last time was kept for you until <bdi dir="ltr">09:30' in text(client.get(waiting_path(offered)))
        page = press(client, offered, "take", number)
    assert page.status_code == 409
    assert "This time was kept for you until 09:30. You stay on the waiting list." in text(page)
    assert Appointment.objects.get().state == "held"


def test_an_old_page_does_not_take_another_time(client, clinic, offered):
    number = open_offer(offered).pk
    press(client, offered, "decline")
    Absence.objects.all().delete()
    WaitingEntry.objects.update(last_day=dt.date(2027, 3, 5))
    offers.sweep()
    assert press(client, offered, "take", number).status_code == 409
    assert press(client, offered, "take", "x").status_code == 409
    assert press(client, offered, "nonsense").status_code == 422
    offered.refresh_from_db()
    assert offered.state == "offered"


def test_leaving_forgets_and_ends_the_link(client, offered):
    answer = press(client, offered, "leave")
    assert "You have left the list" in text(client.get(answer["Location"]))
    assert client.get(waiting_path(offered)).status_code == 404
    assert not Patient.objects.exists()
    assert not Resource.objects.filter(kind="patient").exists()


def test_looking_changes_nothing(client, offered):
    with time_machine.travel(NOW + dt.timedelta(minutes=31), tick=False):
        client.get(waiting_path(offered))
    offered.refresh_from_db()
    assert offered.state == "offered"
    assert client.get("/w/" + "x" * 43 + "/").status_code == 404
