"""Whoever has been here before confirms what they told us; nobody else ever sees it."""

import re

import pytest

from bookings.models import Appointment
from clinic.messaging.models import Message
from consultations.models import Draft
from tests.consultations.views.walk import Walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def twice(walk):
    """Elif has had a form; she books once more in the same browser, with the same name and number."""
    walk.all(smoking="yes")
    again = Walk(walk.client, "peel", "neck")
    again.short()
    again.row = again.hold(again.times().context["groups"][1]["times"][-1]["value"])
    again.client.post(again.base + "details/", {"name": "Elif Nur Aydın", "phone": "0532 555 77 01"})
    again.row.refresh_from_db()
    assert again.row.patient == Appointment.objects.earliest("created_at").patient
    return again


def show_code(walk):
    address = f"{walk.base}code/?prove=1&next={walk.base}form/"
    walk.client.post(address, {"send": "1"})
    code = re.search(r"\b\d{6}\b", Message.objects.filter(kind="sign_in_code").latest("created_at").body)[0]
    return walk.client.post(address, {"code": code})


def page(walk, name="you"):
    return walk.client.get(f"{walk.base}form/{name}/").content.decode()


def test_a_name_and_a_number_show_nothing(twice):
    assert 'id="told"' not in page(twice)
    assert "Use what you told us last time" in page(twice)


def test_the_same_link_is_offered_to_somebody_new(walk):
    walk.short()
    walk.hold()
    walk.reserve()
    assert "Use what you told us last time" in page(walk)


def test_a_code_shows_it_and_one_tap_confirms_it(twice):
    assert show_code(twice).status_code == 302
    told = page(twice)
    assert 'id="told"' in told
    assert "Still right, continue" in told
    answer = twice.client.post(f"{twice.base}form/you/", {"unwell": "no"})
    assert answer.status_code == 302
    assert Draft.objects.get(appointment=twice.row).answers["smoking"] == "yes"


def test_what_is_about_today_is_asked_all_the_same(twice):
    show_code(twice)
    assert twice.client.post(f"{twice.base}form/you/", {}).status_code == 422
    assert "smoking" not in Draft.objects.get(appointment=twice.row).answers


def test_it_can_be_changed_instead(twice):
    show_code(twice)
    address = f"{twice.base}form/you/?change=1"
    assert 'id="told"' not in twice.client.get(address).content.decode()
    twice.client.post(
        address,
        {"unwell": "no", "smoking": "no", "date_of_birth_0": "27", "date_of_birth_1": "3", "date_of_birth_2": "1988"},
    )
    assert Draft.objects.get(appointment=twice.row).answers["smoking"] == "no"


def test_another_browser_with_the_link_shows_nothing(twice):
    show_code(twice)
    stranger = twice.client.__class__()
    assert stranger.get(f"{twice.base}form/you/")["Location"].startswith(f"{twice.base}code/")
