"""Booking for somebody on the phone."""

import pytest

from bookings.models import Appointment
from clinic.messaging.models import Message
from clinic.people.models import Patient
from tests.bookings.cast import confirmed, make_patient

URL = "/desk/new/"
WANTED = {
    "name": "Hande Öztürk",
    "phone": "0532 555 44 33",
    "language": "tr",
    "treatment": "consult",
    "areas": ["face"],
    "practitioner": "ayse",
    "date": "2027-03-02",
    "start": "2027-03-02T10:00:00+03:00",
    "intent": "book",
}


def text(response):
    return response.content.decode()


def test_form_comes_filled_from_the_gap(desk, clinic):
    page = text(desk.get(URL, {"practitioner": "ayse", "date": "2027-03-02", "time": "10:30"}))
    assert '<option value="ayse" selected>' in page
    assert 'value="2027-03-02"' in page
    assert 'value="10:30"' in page
    assert "Choose a treatment to see free times." in page
    assert "Error:" not in page


def test_three_best_times_then_those_of_the_day(desk, clinic):
    shown = desk.post(URL, WANTED | {"intent": "show", "start": ""})
    assert shown.status_code == 200
    assert [one["text"] for one in shown.context["best"]] == ["Tue 2 Mar 09:00", "Tue 2 Mar 14:00", "Wed 3 Mar 09:00"]
    assert [group["label"] for group in shown.context["groups"]] == ["Morning", "Afternoon", "Evening"]
    assert 'value="Hande Öztürk"' in text(shown)


def test_times_near_the_clicked_gap_come_first(desk, clinic):
    shown = desk.post(URL, WANTED | {"intent": "show", "start": "", "time": "11:00"})
    assert [one["text"][-5:] for one in shown.context["best"]] == ["10:45", "11:00", "11:15"]
    assert shown.context["chosen"] == "2027-03-02T11:00:00+03:00"


def test_books_reserves_and_plans_the_form_link(desk, clinic):
    response = desk.post(URL, WANTED)
    visit = Appointment.objects.get()
    assert response.url == f"/desk/2027-03-02/?open={visit.pk}&location=moda"
    assert (visit.state, visit.source, visit.patient.name, visit.patient.phone) == (
        "reserved",
        "phone",
        "Hande Öztürk",
        "+905325554433",
    )
    assert visit.language == "tr"
    assert Message.objects.filter(ref=visit.ref, kind="intake_due").exists()
    assert "is booked for Tue 2 Mar at 10:00. The form link is on its way." in text(desk.get(response.url))


def test_books_for_a_known_patient(desk, clinic):
    known = make_patient("Elif Aydın")
    desk.post(URL, WANTED | {"patient": str(known.pk), "name": "", "phone": ""})
    assert Appointment.objects.get().patient == known
    assert Patient.objects.count() == 1


def test_finding_a_patient_without_scripts(desk, clinic):
    make_patient("Elif Aydın")
    page = text(desk.post(URL, {"q": "aydin", "intent": "show"}))
    assert "Elif Aydın" in page
    assert 'name="patient"' in page


def test_a_chosen_patient_can_be_changed(desk, clinic):
    known = make_patient("Elif Aydın")
    assert "Elif Aydın" in text(desk.post(URL, {"patient": str(known.pk)}))
    assert "Elif Aydın" not in text(desk.post(URL, {"patient": str(known.pk), "clear_patient": "1"}))


@pytest.mark.parametrize("given", [{"name": "hande ozturk", "phone": "+90 532 000 00 00"}, {"phone": "0532 555 44 33"}])
def test_possible_duplicates_are_shown_before_saving(desk, clinic, given):
    make_patient("Hande Öztürk" if "name" in given else "Another Person", phone="+905325554433")
    response = desk.post(URL, WANTED | given | ({"phone": "0532 555 99 99"} if "name" in given else {}))
    assert response.status_code == 409
    assert "Maybe we know them already" in text(response)
    assert not Appointment.objects.exists()
    assert Patient.objects.count() == 1


def test_somebody_new_may_share_a_phone(desk, clinic):
    make_patient("Another Person", phone="+905325554433")
    assert desk.post(URL, WANTED | {"intent": "book_new"}).status_code == 302
    assert Patient.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "Find the patient above, or type their full name."),
        ({"phone": ""}, "Type their mobile number"),
        ({"phone": "12"}, "This does not look like a phone number."),
        ({"email": "hande@"}, "should read like name@example.com"),
        ({"treatment": ""}, "Choose the treatment."),
        ({"treatment": "botox"}, "Choose one of our treatments."),
        ({"areas": []}, "Choose at least one area."),
        ({"areas": ["ear"]}, "offer this treatment on that area"),
        ({"start": ""}, "Choose a time."),
        ({"start": "tomorrow"}, "Choose one of the times."),
        ({"date": "2027-02-30", "start": ""}, "Type the day as 2027-05-12."),
        ({"practitioner": "nobody"}, "Choose one of the practitioners in the list."),
        ({"start": "2027-03-07T10:00:00+03:00"}, "The clinic is closed then."),
    ],
)
def test_wrong_input_is_said_at_its_field_and_nothing_typed_is_lost(desk, clinic, wrong, sentence):
    response = desk.post(URL, WANTED | wrong)
    page = text(response).replace("&#x27;", "'")
    assert response.status_code == 422
    assert sentence in page
    assert "<title>Error:" in page
    if "name" not in wrong:
        assert 'value="Hande Öztürk"' in page
    if "treatment" not in wrong:
        assert '<option value="consult" selected>' in page
    assert not Appointment.objects.exists()
    assert not Patient.objects.exists()


def test_a_start_just_taken_offers_the_nearest_and_leaves_no_patient(desk, clinic):
    confirmed("2027-03-02 10:00", "consult", practitioner="ayse", patient=make_patient("First Come"))
    response = desk.post(URL, WANTED)
    assert response.status_code == 422
    page = text(response)
    assert "Someone booked 10:00 a moment ago. Nothing you entered is lost." in page
    assert "Closest free times" in page
    assert 'value="Hande Öztürk"' in page
    assert Patient.objects.count() == 1


def test_posted_state_price_and_clearance_change_nothing(desk, clinic):
    desk.post(URL, WANTED | {"state": "confirmed", "clearance": "cleared", "price": "1", "source": "online"})
    visit = Appointment.objects.get()
    assert (visit.state, visit.clearance, int(visit.price), visit.source) == ("reserved", "unknown", 3000, "phone")


def test_owner_may_not_book_and_a_practitioner_books_for_themselves(owner, ayse, clinic):
    assert owner.get(URL).status_code == 403
    assert '<option value="deniz"' not in text(ayse.get(URL))
    assert ayse.post(URL, WANTED | {"practitioner": "deniz"}).status_code == 422
    assert ayse.post(URL, WANTED).status_code == 302
