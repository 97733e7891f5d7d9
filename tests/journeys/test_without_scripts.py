"""Scripts off: from the catalogue to a cancelled visit, in each language; what is pressed is found by its name."""

import re

import pytest
from playwright.sync_api import expect

from bookings.models import Appointment
from tests.journeys.steps import Patient, go_on


@pytest.mark.parametrize("language", ["en", "tr", "es", "ar"])
def test_everything_works_without_scripts(windows, language):
    patient = Patient(windows.open(scripts=False, language=language))
    page = patient.page
    patient.get_to_times("pen", "face")
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")

    first = patient.take_earliest()
    patient.give_details(phone=f"0532 555 77 0{'entresar'.index(language)}")
    reserved = Appointment.objects.get()
    assert reserved.state == "reserved" and reserved.language == language
    patient.finish()
    patient.sees_outcome("confirmed")
    page.goto(patient.booking)
    expect(page.locator(".ticket")).to_be_visible()

    # Another time: the new one is taken, then the old one is free again.
    page.locator("main a[href$='/move/']").click()
    other = page.locator(".times [name=start]").last
    second = other.get_attribute("value")
    assert second != first
    other.click()
    patient.sees_outcome("confirmed")
    reserved.refresh_from_db()
    assert reserved.start.isoformat() == _utc(second)

    page.locator("main a[href$='/cancel/']").click()
    go_on(page)
    expect(page.locator(".outcome.tone-grey")).to_be_visible()
    reserved.refresh_from_db()
    assert reserved.state == "cancelled"
    expect(page.locator(f".outcome a[href^='/book/{reserved.modality.slug}/']")).to_have_attribute(
        "href", re.compile("time")
    )


def _utc(text):
    import datetime as dt

    return dt.datetime.fromisoformat(text).astimezone(dt.UTC).isoformat()
