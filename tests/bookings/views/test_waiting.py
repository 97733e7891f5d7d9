"""The waiting list at the desk."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.models import Location, WaitingEntry, WaitingOffer
from bookings.services import offers
from clinic.people.models import Patient
from tests.bookings.cast import at, confirmed, make_patient
from tests.bookings.waiting_cast import TEN, TUESDAY, later, one_half_hour, open_offer, taken_half_hour, waits

pytestmark = pytest.mark.django_db
LIST = "/desk/waiting/"


def html(response) -> str:
    return response.content.decode()


def names(response) -> list[str]:
    return re.findall(r'class="wait-who"[^>]*><bdi>([^<]+)', html(response))


def test_longest_waiting_first_in_words(desk, clinic):
    waits(clinic, "Second", parts=["evening"], weekdays=[0], practitioner=clinic.ayse, now=later(minutes=1))
    waits(clinic, "First", last=date(2027, 3, 12))
    page = desk.get(LIST)
    assert names(page) == ["First", "Second"]
    for said in ("Tue 2 Mar to Fri 12 Mar", "in the evening", "Monday", "Ayse", "since Mon 1 Mar", "tel:+90532555"):
        assert said in html(page)


def test_a_live_offer_says_until_when_and_a_paused_one_asks_for_a_call(desk, clinic):
    one_half_hour()
    waits(clinic, "Asked")
    offers.sweep()
    waits(clinic, "Silent")
    WaitingEntry.objects.filter(patient__name="Silent").update(unanswered=3)
    page = html(desk.get(LIST))
    assert "Tue 2 Mar, 10:00, kept until 10:30" in page
    assert "please call" in page
    silent = WaitingEntry.objects.get(patient__name="Silent")
    desk.post(f"{LIST}{silent.pk}/resume/")
    silent.refresh_from_db()
    assert silent.unanswered == 0


def test_the_list_asks_the_same_however_many_wait(desk, clinic):
    counts = []
    desk.get(LIST)
    for more in (1, 4):
        for number in range(more):
            waits(clinic, f"Person {more} {number}")
        with CaptureQueriesContext(connection) as seen:
            desk.get(LIST)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_offering_by_hand(desk, clinic):
    one_half_hour()
    entry = waits(clinic)
    address = f"{LIST}{entry.pk}/offer/"
    page = html(desk.get(address))
    start = re.search(r'name="start" value="([^"]+)"', page)[1]
    assert start == at(TEN).isoformat()
    answer = desk.post(address, {"start": start}, follow=True)
    assert "Elif Aydın is asked: Tue 2 Mar, 10:00, kept until 10:30." in html(answer)
    assert open_offer(entry).by_hand
    again = desk.post(address, {"start": start})
    assert again.status_code == 409
    assert "A time is kept for them already" in html(again)


def test_why_others_do_not_fit(desk, clinic):
    one_half_hour()
    entry = waits(clinic, parts=["evening"], last=date(2027, 3, 2))
    page = html(desk.get(f"{LIST}{entry.pk}/offer/"))
    assert "Nothing that suits is free now." in page
    assert "Not their part of the day." in page
    assert "Not one of the days they asked for." in page
    asked = html(desk.get(f"{LIST}{entry.pk}/offer/?date=2027-03-02&time=11:00"))
    assert "Not their part of the day." in asked
    assert "The practitioners for it are away then." in asked
    for wrong in ("?date=x&time=13:00", "?date=2027-03-02&time=25:00", "?date=2027-03-02"):
        assert desk.get(f"{LIST}{entry.pk}/offer/{wrong}").status_code == 200
    assert desk.post(f"{LIST}{entry.pk}/offer/", {"start": "tomorrow"}).status_code == 422


def test_a_cancelled_visit_leads_to_who_fits(desk, clinic):
    visit = taken_half_hour()
    waits(clinic, "First")
    waits(clinic, "Second", now=later(minutes=1))
    waits(clinic, "Evening", parts=["evening"])
    answer = desk.post(reverse("desk:cancel", args=[visit.pk]), {"reason": "patient"}, follow=True)
    [link] = set(re.findall(r'href="(/desk/waiting/\?[^"]+)"', html(answer)))
    assert html(answer).count("2 people on the waiting list fit") == 2  # toast and panel
    page = desk.get(link.replace("&amp;", "&"))
    assert names(page) == ["First", "Second"]
    first = WaitingEntry.objects.get(patient__name="First")
    assert f'value="{at(TEN).isoformat()}"' in html(page)
    desk.post(f"{LIST}{first.pk}/offer/", {"start": at(TEN).isoformat()})
    assert names(desk.get(link.replace("&amp;", "&"))) == []
    assert "the time is taken again" in html(desk.get(link.replace("&amp;", "&")))


def test_a_moved_visit_leads_to_who_fits_its_old_time(desk, clinic):
    visit = taken_half_hour()
    waits(clinic)
    answer = desk.post(reverse("desk:move", args=[visit.pk]), {"date": "2027-03-05", "time": "10:00"}, follow=True)
    assert "1 person on the waiting list fits" in html(answer)
    assert "2027-03-02T07" in html(answer)


def test_nobody_fits_nothing_is_said(desk, clinic):
    visit = taken_half_hour()
    answer = desk.post(reverse("desk:cancel", args=[visit.pk]), {"reason": "patient"}, follow=True)
    assert "on the waiting list" not in html(answer)


def test_removing_is_asked_first_and_forgets_them(desk, clinic):
    entry = waits(clinic)
    assert desk.get(f"{LIST}{entry.pk}/remove/").status_code == 200
    assert WaitingEntry.objects.get().state == "waiting"
    answer = desk.post(f"{LIST}{entry.pk}/remove/", follow=True)
    assert "Elif Aydın is no longer on the waiting list." in html(answer)
    assert not Patient.objects.filter(name="Elif Aydın").exists()
    assert desk.get(f"{LIST}{entry.pk}/remove/").status_code == 404


def test_the_switch(desk, clinic):
    desk.post(f"{LIST}switch/", {"location": "moda", "on": "0"})
    assert not Location.objects.get().offers_freed_times
    assert "You offer them by hand." in html(desk.get(LIST))
    desk.post(f"{LIST}switch/", {"location": "moda", "on": "1"})
    assert Location.objects.get().offers_freed_times


WISH = {
    "intent": "add",
    "treatment": "peel",
    "areas": "face",
    "who": "anyone",
    "first": "2027-03-02",
    "last": "2027-03-12",
    "parts": ["morning", "evening"],
    "agree": "on",
    "language": "tr",
    "location": "moda",
}


def test_adding_somebody_on_the_phone(desk, clinic):
    form = html(desk.get(f"{LIST}new/?treatment=peel"))
    assert 'name="areas" value="face"' in form
    answer = desk.post(f"{LIST}new/", WISH | {"name": "Gülşah Ünal", "phone": "0532 555 77 09"}, follow=True)
    assert "Gülşah Ünal is on the waiting list since Mon 1 Mar." in html(answer)
    entry = WaitingEntry.objects.get()
    assert (entry.source, entry.language, entry.parts, entry.first_day) == (
        "phone",
        "tr",
        ["morning", "evening"],
        TUESDAY,
    )
    assert entry.patient.phone == "+905325557709"


def test_adding_a_known_patient(desk, clinic):
    patient = make_patient("Deniz Ak", language="es")
    found = desk.post(f"{LIST}new/", {"intent": "show", "q": "deniz"})
    assert "Deniz Ak" in html(found)
    picked = desk.post(f"{LIST}new/", {"patient": str(patient.pk), "treatment": "peel"})
    assert "picked" in html(picked)
    desk.post(f"{LIST}new/", WISH | {"patient": str(patient.pk)})
    entry = WaitingEntry.objects.get()
    assert (entry.patient, entry.language) == (patient, "es")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"agree": ""}, "without their word we do not write"),
        ({"name": ""}, "type their full name"),
        ({"phone": ""}, "Type their mobile number"),
        ({"phone": "12"}, "number"),
        ({"areas": []}, "Choose at least one area."),
        ({"treatment": ""}, "Choose the treatment."),
        ({"parts": []}, "Choose at least one part of the day."),
        ({"last": "2027-03-01"}, "The last day lies before the first."),
        ({"first": "soon"}, "Type the day as"),
        ({"who": "nobody"}, "Choose one of the practitioners in the list."),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_kept(desk, clinic, change, said):
    answer = desk.post(f"{LIST}new/", WISH | {"name": "Gülşah Ünal", "phone": "0532 555 77 09"} | change)
    assert answer.status_code == 422
    assert said in html(answer)
    assert not WaitingEntry.objects.exists()
    assert not Patient.objects.exists()


def test_a_practitioner_and_an_owner_have_no_business_there(ayse, owner):
    for client in (ayse, owner):
        assert client.get(LIST).status_code == 403
        assert LIST not in html(client.get("/desk/"))


def test_without_scripts_the_times_can_be_offered(desk, clinic):
    waits(clinic)
    confirmed("2027-03-04 10:00", "consult")
    assert WaitingOffer.objects.count() == 0
    assert desk.get(LIST).status_code == 200
    assert WaitingOffer.objects.count() == 0
