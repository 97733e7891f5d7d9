"""What somebody agreed to, in the very words, and taking it back."""

import pytest
from django.db import IntegrityError, transaction

from bookings.services import lifecycle
from clinic.audit.models import Entry
from clinic.errors import DomainError
from clinic.messaging.consent import decisions
from clinic.people.models import User
from consultations import journey
from consultations.models import ConsentText, ConsentWithdrawal, TreatmentConsent

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreed(walk):
    """A confirmed visit; photos and WhatsApp were agreed to as well."""
    walk.short()
    walk.row = walk.hold()
    walk.reserve(whatsapp="on", marketing="on")
    walk.form()
    walk.send()
    walk.consent(photos="on")
    walk.row.refresh_from_db()
    assert walk.row.state == "confirmed"
    return walk


def page(walk):
    return walk.client.get(walk.base + "consents/").content.decode()


def take_back(walk, choice):
    return walk.client.post(walk.base + "consents/", {"choice": choice})


def test_each_choice_is_shown_with_a_way_to_take_it_back(agreed):
    told = page(agreed)
    assert [
        name
        for name in ("treatment", "photos", "teaching", "publicity", "whatsapp", "marketing")
        if f'value="{name}"' in told
    ] == [
        "treatment",
        "photos",
        "whatsapp",
        "marketing",
    ]


def test_photos_taken_back_leave_the_treatment(agreed):
    assert take_back(agreed, "photos").status_code == 302
    assert take_back(agreed, "photos").status_code == 302
    assert [one.choice for one in ConsentWithdrawal.objects.all()] == ["photos"]
    assert journey.has_consent(agreed.row)
    assert "Taken back," in page(agreed)
    assert Entry.objects.get(action="consent.withdraw").detail == {"choice": "photos"}


@pytest.mark.parametrize(("choice", "key"), [("whatsapp", ("whatsapp", "care")), ("marketing", ("any", "marketing"))])
def test_messages_are_taken_back_where_messages_are_decided(agreed, choice, key):
    take_back(agreed, choice)
    assert decisions(agreed.row.patient_id)[key] is False
    assert f'value="{choice}"' not in page(agreed)


def test_without_consent_to_the_treatment_nobody_is_checked_in(agreed):
    take_back(agreed, "treatment")
    assert journey.next_step(agreed.row).name == "consent"
    assert "You took your consent back" in page(agreed)
    with pytest.raises(DomainError) as refusal:
        lifecycle.check_in(agreed.row)
    assert refusal.value.code == "consent_missing"
    assert agreed.consent().status_code == 302
    assert journey.next_step(agreed.row) is None
    assert lifecycle.check_in(agreed.row).state == "arrived"


@pytest.mark.parametrize("choice", ["teaching", "publicity"])
def test_who_may_see_the_photos_is_a_choice_for_each_and_taken_back_alone(agreed, choice):
    take_back(agreed, "treatment")
    agreed.consent(photos="on", teaching="on", publicity="on")
    assert take_back(agreed, choice).status_code == 302
    gone = ConsentWithdrawal.objects.exclude(choice="treatment").get()
    assert (gone.choice, getattr(gone.consent, choice)) == (choice, True)
    told = page(agreed)
    assert [name for name in ("photos", "teaching", "publicity") if f'value="{name}"' in told] == [
        name for name in ("photos", "teaching", "publicity") if name != choice
    ]


def test_what_does_not_exist_cannot_be_taken_back(agreed):
    assert take_back(agreed, "everything").status_code == 422
    assert not ConsentWithdrawal.objects.exists()


def test_a_treatment_that_has_begun_is_not_taken_back_on_a_page(agreed):
    lifecycle.check_in(agreed.row)
    assert take_back(agreed, "treatment").status_code == 409
    assert 'value="treatment"' not in page(agreed)
    assert take_back(agreed, "photos").status_code == 302


def test_a_signed_copy_has_the_words_the_name_and_the_fingerprint(agreed):
    consent = TreatmentConsent.objects.get()
    told = agreed.client.get(f"{agreed.base}consents/{consent.pk}/").content.decode()
    assert "Elif Nur Aydın" in told
    assert consent.text_id in told
    assert all(line in told for line in consent.text.body.split("\n") if line and "'" not in line)


def test_another_visits_copy_is_not_to_be_had(agreed, client, django_user_model):
    consent = TreatmentConsent.objects.get()
    stranger = agreed.client.__class__()
    assert stranger.get(f"{agreed.base}consents/{consent.pk}/").status_code == 302
    assert agreed.client.get(f"{agreed.base}consents/{ConsentText.objects.count():0>32}/").status_code == 404


@pytest.mark.parametrize(("role", "status"), [("practitioner", 200), ("desk", 403), ("owner", 403)])
def test_who_treats_may_read_the_copy_and_that_is_written_down(agreed, role, status):
    browser = agreed.client.__class__()
    browser.force_login(User.objects.create_user(f"{role}@clinic.example", "x" * 16, name=role, role=role))
    assert browser.get(f"/review/consent/{TreatmentConsent.objects.get().pk}/").status_code == status
    assert Entry.objects.filter(action="consent.read").count() == (status == 200)


def test_taking_back_is_never_undone_in_the_database(agreed):
    take_back(agreed, "photos")
    row = ConsentWithdrawal.objects.get()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        row.delete()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        ConsentWithdrawal.objects.update(choice="teaching")
