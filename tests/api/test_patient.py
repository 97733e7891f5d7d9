import pytest

from clinic.people.models import Patient
from tests.api.conftest import MIA

pytestmark = pytest.mark.django_db


def test_the_time_is_then_reserved_until_the_form_is_due(clinic, hold):
    given = hold().call("put", "patient/", MIA)
    assert (given.status, given.body["state"], given.body["hold_expires_at"]) == (200, "reserved", None)
    assert given.body["form_due_at"]
    assert given.body["clearance"] == "unknown"


@pytest.mark.parametrize(
    "phone", ["05325550177", "+905325550177", "+90 (532) 555-01-77", " 0 532 555 0 177 ", "0090 532 555 01 77"]
)
def test_any_spacing_is_one_number(clinic, hold, phone):
    assert hold().call("put", "patient/", MIA | {"phone": phone}).status == 200
    assert Patient.objects.get().phone == "+905325550177"


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"phone": "12"}, 422, "invalid", "phone"),
        ({"phone": "call me"}, 422, "invalid", "phone"),
        ({"phone": None}, 400, "invalid", "phone"),
        ({"date_of_birth": "2027-03-02"}, 422, "invalid", "date_of_birth"),
        ({"date_of_birth": "1890-01-01"}, 422, "invalid", "date_of_birth"),
        ({"date_of_birth": "01.05.1990"}, 400, "invalid", "date_of_birth"),
        ({"email": "mia"}, 400, "invalid", "email"),
        ({"name": "."}, 422, "invalid", "name"),
        ({"name": "M\x00ia"}, 400, "invalid", "name"),
        ({"name": "x" * 161}, 400, "invalid", "name"),
        ({"consents": {"whatsapp": "perhaps"}}, 400, "invalid", "consents.whatsapp"),
    ],
)
def test_wrong_details_are_told_at_their_field_and_nothing_is_kept(clinic, hold, change, status, code, field):
    booking = hold()
    answer = booking.call("put", "patient/", MIA | change)
    assert (answer.status, answer.code, answer.fields) == (status, code, [field])
    assert not Patient.objects.exists()
    assert booking.call("get").body["state"] == "held"


def test_the_same_details_again_change_nothing(clinic, known):
    booking = known()
    before = booking.call("get")
    assert booking.call("put", "patient/", MIA).body == before.body
    assert Patient.objects.count() == 1


def test_a_stranger_cannot_change_somebodys_contact(clinic, known):
    """Name and phone are no proof: what is on record stays."""
    known()
    known("2027-06-09T10:00:00+03:00", "consult", email="thief@example.org", date_of_birth="1970-01-01")
    mia = Patient.objects.get()
    assert (mia.email, mia.date_of_birth.isoformat()) == (MIA["email"], MIA["date_of_birth"])
