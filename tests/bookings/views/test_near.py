"""Nearer to another treatment than usual: said to everybody, decided by a practitioner with a reason."""

import pytest

from bookings.models import Appointment, Practitioner
from tests.bookings.cast import at, confirmed, make_patient

REASON = "Other half of the face, seen and healed"


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def elif_(clinic):
    return make_patient("Elif Aydın")


@pytest.fixture
def wanted(clinic, elif_):
    confirmed("2027-03-02 10:00", "pen", patient=elif_, practitioner="ayse")
    return {
        "patient": str(elif_.pk),
        "treatment": "pen",
        "areas": ["face"],
        "practitioner": "ayse",
        "date": "2027-03-16",
        "start": "2027-03-16T10:00:00+03:00",
        "intent": "book",
    }


def test_the_desk_is_told_why_and_offered_no_way_round(desk, wanted):
    response = desk.post("/desk/new/", wanted | {"interval_reason": REASON})
    assert response.status_code in (403, 422)
    assert "Too close to the treatment of the same area on 2 March 2027" in text(response)
    assert "id_interval_reason" not in text(response)
    assert Appointment.objects.count() == 1


def test_a_practitioner_is_asked_for_the_reason_and_then_books(ayse, wanted):
    asked = ayse.post("/desk/new/", wanted)
    assert asked.status_code == 422
    assert "id_interval_reason" in text(asked)
    assert 'value="2027-03-16T10:00:00+03:00" checked' in text(asked)
    assert ayse.post("/desk/new/", wanted | {"interval_reason": REASON}).status_code == 302
    visit = Appointment.objects.get(start=at("2027-03-16 10:00"))
    assert visit.interval_reason == REASON


def test_a_move_asks_the_same(ayse, desk, elif_):
    confirmed("2027-03-02 10:00", "pen", patient=elif_, practitioner="ayse")
    visit = confirmed("2027-03-31 10:00", "pen", patient=elif_, practitioner="ayse")
    url = f"/desk/a/{visit.pk}/move/"
    nearer = {"date": "2027-03-16", "practitioner": "ayse", "start": "2027-03-16T10:00:00+03:00"}
    assert "Move there all the same" not in text(desk.post(url, nearer))
    assert "Move there all the same" in text(ayse.post(url, nearer))
    assert ayse.post(url, nearer | {"interval_reason": REASON}, HTTP_HX_REQUEST="true").status_code == 200
    visit.refresh_from_db()
    assert (visit.start, visit.interval_reason) == (at("2027-03-16 10:00"), REASON)
    panel = f"/desk/a/{visit.pk}/"
    assert REASON in text(ayse.get(panel))
    assert REASON not in text(desk.get(panel))


def test_a_talk_first_and_a_womans_hands_are_booked_from_the_desk(desk, clinic):
    Practitioner.objects.filter(resource=clinic.deniz).update(gender="woman")
    response = desk.post(
        "/desk/new/",
        {
            "name": "Hande Öztürk",
            "phone": "0532 555 44 33",
            "language": "tr",
            "treatment": "pen",
            "areas": ["face"],
            "consult": "on",
            "practitioner": "any:woman",
            "date": "2027-03-02",
            "start": "2027-03-02T10:00:00+03:00",
            "intent": "book",
        },
    )
    assert response.status_code == 302
    visit = Appointment.objects.get()
    assert (visit.practitioner_id, visit.practitioner_gender) == (clinic.deniz.pk, "woman")
    assert (visit.talk_end, visit.treatment_start) == (at("2027-03-02 10:30"), at("2027-03-02 11:00"))
    assert "talk first" in text(desk.get(f"/desk/a/{visit.pk}/"))
