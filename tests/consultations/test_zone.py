"""A time on a page is the clinic's, whatever zone the server runs in."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from bookings.links import register_manage_link
from bookings.selectors import free_starts
from bookings.services.holds import hold_slot
from treatments.selectors import visit_plan


@pytest.mark.parametrize("zone", ["Europe/Istanbul", "America/New_York"])
def test_the_hold_is_kept_until_a_local_time(client, clinic, zone):
    clinic.timezone = zone
    clinic.save()
    plan = visit_plan(modality="pen", areas=["face"])
    today = timezone.now().date()
    start = free_starts(plan=plan, first=today, last=today + dt.timedelta(days=5)).starts[0]
    row = hold_slot(plan=plan, start=start)
    page = client.get(f"/b/{register_manage_link(row)}/details/").content.decode()
    assert f"{row.hold_expires_at.astimezone(ZoneInfo(zone)):%H:%M}" in page
    assert f"{row.start.astimezone(ZoneInfo(zone)):%H:%M}" in page
