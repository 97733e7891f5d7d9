"""What is not asked for changes nothing, however it is spelt."""

import pytest

from bookings.models import Appointment
from clinic.people.models import Patient, User
from consultations.consent_words import consent_words

pytestmark = pytest.mark.django_db
MORE = {
    "id": "00000000-0000-4000-8000-000000000001",
    "pk": "00000000-0000-4000-8000-000000000001",
    "state": "confirmed",
    "clearance": "approved",
    "end": "2027-03-08T23:00:00+03:00",
    "price": "1.00",
    "role": "owner",
    "is_active": "true",
    "version": "99",
    "hold_expires_at": "2030-01-01T00:00:00Z",
    "bookable_from": "2020-01-01",
    "reference": "ND-AAAAAA",
    "patient_id": "00000000-0000-4000-8000-000000000001",
}
FIXED = ("id", "state", "clearance", "end", "price", "reference", "patient_id", "bookable_from", "hold_expires_at")


def fixed(visit):
    return Appointment.objects.values(*FIXED).get(pk=visit.pk)


def test_the_api_takes_only_what_it_names(world, door):
    client, before = door("anyone"), fixed(world.mia.visit)
    call = f"/api/v1/bookings/{world.mia.visit.pk}/"
    for method, rest, body in (
        ("put", "patient/", {"name": "Mia Celik", "phone": world.mia.patient.phone, "date_of_birth": "1991-04-02"}),
        ("put", "consent/", {"name": "Mia", "version": consent_words("pen", "en").version}),
        ("post", "move/", {"start": world.mia.visit.start.isoformat()}),
        ("put", "intake/", {"answers": {}}),
    ):
        sent = MORE | body
        got = getattr(client, method)(
            call + rest, sent, content_type="application/json", headers={"authorization": f"Bearer {world.mia.token}"}
        )
        assert got.status_code in (200, 400, 409, 422)
        assert fixed(world.mia.visit) == before, rest


def test_a_patients_page_takes_only_what_it_asks(world, door):
    client, before = door("anyone"), fixed(world.mia.visit)
    for page in ("details", "code", "move", "changed", "question", "consent"):
        assert client.post(f"/b/{world.mia.token}/{page}/", MORE).status_code < 500
        assert fixed(world.mia.visit) == before, page


def test_a_desk_page_takes_only_what_it_asks(world, door):
    client, before = door("desk"), fixed(world.mia.visit)
    for page in ("move", "check-in", "send-form", "start", "finish"):
        assert client.post(f"/desk/a/{world.mia.visit.pk}/{page}/", MORE).status_code < 500
        assert fixed(world.mia.visit) == before, page


def test_signing_in_gives_no_role(world, door):
    world.desk.set_password("porcelain-eucalyptus")
    world.desk.save()
    sent = MORE | {"username": world.desk.email, "password": "porcelain-eucalyptus"}
    assert door("anyone").post("/staff/sign-in/", sent).status_code == 302
    assert User.objects.get(pk=world.desk.pk).role == "desk"


def test_a_decision_takes_only_what_it_asks(world, door):
    decided = MORE | {"decision": "approve", "seen": "", "decided_by": str(world.owner.pk), "decided_at": "2020-01-01"}
    assert door("ayse").post(f"/review/{world.mia.submission.pk}/", decided).status_code == 302
    row = world.mia.submission.decisions.get()
    assert (row.decided_by, row.decided_at.year, row.decision) == (world.ayse, 2027, "approve")
    assert Patient.objects.count() == 2
