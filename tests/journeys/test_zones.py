"""Somebody in New York books in Istanbul: every time is the clinic's, and what they press is what they get."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from bookings.models import Appointment
from tests.journeys.steps import Patient

ISTANBUL = ZoneInfo("Europe/Istanbul")


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
    own = page.locator("[data-own-time]:visible")
    if scripts and own.count():
        expect(own.first).to_contain_text(f"{value.astimezone(ZoneInfo('America/New_York')):%H:%M}")

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
