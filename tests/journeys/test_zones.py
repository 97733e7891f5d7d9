"""Somebody in New York books in Istanbul: every time is the clinic's, and what they press is what they get."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from bookings.models import Appointment
from tests.journeys.steps import Patient

ISTANBUL, NEW_YORK = ZoneInfo("Europe/Istanbul"), ZoneInfo("America/New_York")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_browser_in_another_zone(windows, scripts):
    windows.zone = "America/New_York"
    patient = Patient(windows.open(scripts=scripts))
    page = patient.page
    patient.get_to_times("pen")
    if scripts:
        assert page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") == "America/New_York"
    expect(page.locator(".zone").first).to_contain_text("Clinic time (Istanbul, GMT+3)")

    shown = page.locator(".times [name=start]").first
    value = dt.datetime.fromisoformat(shown.get_attribute("value"))
    assert value.utcoffset() == dt.timedelta(hours=3)
    expect(shown).to_have_text(f"{value:%H:%M}")
    own, first = page.locator("[data-own-time]"), dt.datetime.fromisoformat(patient.earliest())
    expect(own).to_be_visible(visible=scripts)
    if scripts:
        expect(own).to_have_text(f"On your own clock: {first.astimezone(NEW_YORK):%a %H:%M}")

    shown.click()
    row = Appointment.objects.get(state="held")
    assert row.start == value
    here = row.start.astimezone(ISTANBUL)
    expect(page.locator("main")).to_contain_text(f"{here:%H:%M}")
    kept = row.hold_expires_at.astimezone(ISTANBUL)
    expect(page.locator(".hold-text")).to_contain_text(f"{kept:%H:%M}")
    patient.give_details()
    patient.finish()
    page.goto(patient.booking)
    expect(page.locator(".ticket")).to_contain_text(f"{here:%H:%M}")


def test_a_browser_at_home_is_told_no_second_time(windows):
    patient = Patient(windows.open())
    patient.get_to_times("pen")
    expect(patient.page.locator("[data-own-time]")).to_be_hidden()
