import pytest
from django.core.management import call_command

from treatments.models import Offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(db):
    call_command("load_catalogue", verbosity=0)


def test_each_treatment_says_what_a_booking_needs(clinic, api):
    listed = {one["slug"]: one for one in api("get", "/treatments/").body}
    pen = listed["pen"]
    assert set(pen) == {"slug", "name", "modality", "areas", "sessions", "spacing_days"}
    assert set(pen["areas"][0]) == {"slug", "name", "group", "minutes", "price", "currency"}
    assert (pen["sessions"]["min"] <= pen["sessions"]["max"], pen["spacing_days"]["min"] >= 1) == (True, True)


def test_prices_and_minutes_are_the_catalogues(clinic, api):
    face = next(area for area in _pen(api)["areas"] if area["slug"] == "face")
    offer = Offer.objects.get(modality__slug="pen", area__slug="face")
    assert (face["price"], face["minutes"]) == (str(offer.price), offer.treatment_minutes)


def test_names_follow_the_language_and_slugs_do_not(clinic, api):
    english, turkish = _pen(api), _pen(api, **{"accept-language": "tr"})
    assert english["name"] != turkish["name"]
    assert [area["slug"] for area in english["areas"]] == [area["slug"] for area in turkish["areas"]]


def _pen(api, **headers):
    return next(one for one in api("get", "/treatments/", **headers).body if one["slug"] == "pen")
