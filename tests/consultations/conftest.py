import pytest

from clinic.people.access import Actor
from clinic.people.models import User
from consultations.services.questionnaire import publish
from tests.bookings import cast
from treatments.loading import load_catalogue
from treatments.models import Modality


@pytest.fixture
def clinic(db, content):
    """The whole catalogue, two practitioners, two rooms, a pen; Monday to Saturday, 9 to 18."""
    load_catalogue(content)
    everything = list(Modality.objects.all())
    location = cast.make_location()
    for slug in ("ayse", "deniz"):
        cast.make_practitioner(slug, location, everything)
    for slug in ("room-1", "room-2"):
        cast.make_room(slug, location, everything)
    for slug in ("device-1", "device-2"):
        cast.make_device(slug, location, everything)
    return location


@pytest.fixture
def questionnaire(db, shipped):
    publish(shipped)


@pytest.fixture
def selin(db):
    user = User.objects.create_user("selin@clinic.example", "x" * 16, name="Dr Selin Aydın", role="practitioner")
    return Actor("practitioner", user=user)
