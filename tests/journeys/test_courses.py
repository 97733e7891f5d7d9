"""A course planned at the desk: three plans side by side, one press books them all, one move takes the later ones along."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from bookings.models import Appointment, Course
from tests.journeys.conftest import DESKTOP, PHONE, sign_in

DESK = "desk@dermastudio.example"


@pytest.mark.parametrize("scripts", [True, False])
def test_plan_book_and_move_along(windows, diary, clock, scripts):
    patient = diary.visit("Emre Doğan", days=-1, fate="no_show").patient
    page = windows.open(size=DESKTOP if scripts else PHONE, scripts=scripts)
    sign_in(page, DESK)
    page.goto(f"/desk/p/{patient.pk}/")
    page.get_by_role("link", name="Plan a course").click()
    page.locator("[name=treatment]").select_option("peel")
    if not scripts:
        page.get_by_role("button", name="Show plans").click()
    page.locator("[name=areas][value=face]").check()
    page.locator("[name=sessions]").select_option("4")
    page.locator("[name=weekday]").select_option("2")
    page.get_by_role("button", name="Show plans").click()
    plans = page.locator(".course-plans > li")
    expect(plans).to_have_count(3)
    expect(plans.first.get_by_role("heading")).to_contain_text("Wednesday")
    expect(plans.first).to_contain_text("Same weekday and time throughout.")
    plans.first.get_by_role("button", name="Book these 4 visits").click()
    expect(page.locator(".course-sessions > li")).to_have_count(4)
    rows = list(Course.objects.get().appointments.order_by("session"))
    assert len(rows) == 4 and {row.state for row in rows} == {"reserved"}

    # The second a week later: the third and fourth would be too close.
    second = rows[1]
    later = (second.start + timedelta(days=7)).astimezone(clock.now.tzinfo)
    page.goto(f"/desk/a/{second.pk}/move/?date={later:%Y-%m-%d}")
    page.locator(f"button[name=start][value='{later.isoformat()}']").click()
    expect(page.get_by_text("Session 3 would be too close")).to_be_visible()
    page.get_by_role("button", name="Move them all").click()
    expect(page.locator(".toast").first).to_contain_text("moved to")
    moved = [row.start - before.start for row, before in zip(_again(rows), rows, strict=True)]
    assert moved[0] == timedelta(0) and moved[1] == timedelta(days=7) and min(moved[2:]) >= timedelta(days=6)


def _again(rows):
    return list(Appointment.objects.filter(pk__in=[row.pk for row in rows]).order_by("session"))
