import pytest
from django.core.management import call_command

from tests.bookings import cast
from treatments.models import Modality


@pytest.fixture
def clinic(db):
    """The whole catalogue, two practitioners, two rooms, a pen; Monday to Saturday, 9 to 18."""
    call_command("load_catalogue", verbosity=0)
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
def questionnaire(db):
    call_command("load_questionnaire", verbosity=0)
