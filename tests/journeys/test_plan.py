"""A plan of two treatments: proposed after a visit, accepted on a phone, booked whole, and moved along by one tap."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from bookings.links import manage_path
from bookings.models import Appointment, Course
from tests.journeys.conftest import DESKTOP, PHONE, sign_in
from tests.journeys.steps import Handset

SELIN = "selin@dermastudio.example"
NAME = "Hannah Brooks"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_mixed_plan_from_the_proposal_to_the_booked_course(windows, diary, clock, scripts):
    visit = diary.visit(NAME, days=0, pick=0.9)
    staff = windows.open(size=DESKTOP, scripts=scripts)
    sign_in(staff, SELIN)
    staff.goto(f"/desk/a/{visit.pk}/")
    staff.get_by_role("link", name="Propose a plan").click()
    staff.locator("[name=modality]").select_option("pen")
    staff.locator("[name=count]").select_option("3")
    staff.locator("[name=between]").select_option("peel")
    staff.get_by_role("button", name="Continue").click()
    expect(staff.locator(".plan-rows > li")).to_have_count(5)

    # A gap that is too short is seen before anything is sent, and nothing typed is lost.
    staff.locator("[name=goal]").fill("Softer scars on both cheeks")
    staff.locator("[name=s2-least]").fill("10")
    staff.locator("[name=s2-most]").fill("12")
    staff.get_by_role("button", name="Send to the patient").click()
    expect(staff.locator("#plan-check")).to_contain_text("need 14 days; this leaves 10")
    expect(staff.locator("#errors")).to_be_visible()
    expect(staff.locator("[name=goal]")).to_have_value("Softer scars on both cheeks")
    staff.locator("[name=s2-least]").fill("")
    staff.locator("[name=s2-most]").fill("")
    if scripts:
        staff.locator("[name=goal]").focus()
        expect(staff.locator("#plan-check")).to_contain_text("Every session keeps its distance")
    staff.get_by_role("button", name="Send to the patient").click()
    expect(staff.get_by_text("Sent to Hannah Brooks")).to_be_visible()

    # The patient reads it on a phone: link, code, plan, yes.
    clock.work()
    handset = Handset(windows.open(), NAME)
    handset.open()
    expect(handset.last).not_to_contain_text("scars")
    page = windows.open(size=PHONE, scripts=scripts)
    page.goto(handset.link())
    page.locator("[name=send]").click()
    clock.work()
    handset.open()
    page.locator("[name=code]").fill(handset.code())
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Softer scars on both cheeks")).to_be_visible()
    expect(page.locator(".plan-steps > li")).to_have_count(5)
    page.get_by_role("button", name="Yes, I would like this").click()

    # Three proposals; one session at another time; all booked at once.
    expect(page.locator(".plan-cards > li")).to_have_count(3)
    page.get_by_role("link", name="Choose this").first.click()
    before = page.locator(".plan-visits > li").nth(1).inner_text()
    page.locator(".plan-visits > li").nth(1).get_by_role("link", name="Another time").click()
    page.locator("#others ~ .times a").nth(2).click()
    assert page.locator(".plan-visits > li").nth(1).inner_text() != before
    page.get_by_role("button", name="Book these 5 visits").click()
    expect(page).to_have_url(re.compile("/b/.*/form/"))
    rows = list(Course.objects.get().appointments.select_related("modality").order_by("session"))
    assert [row.modality.slug for row in rows] == ["pen", "peel", "pen", "peel", "pen"]
    assert {row.state for row in rows} == {"reserved"}
    gaps = [(b.start.date() - a.start.date()).days for a, b in zip(rows, rows[1:], strict=False)]
    assert all(14 <= gap <= 21 for gap in gaps)

    # Session 2 so late that the third would be too close: the following ones go along.
    second = rows[1]
    later = (rows[2].start - timedelta(days=7)).astimezone(clock.now.tzinfo)
    page.goto(f"{manage_path(second)}move/?day={later:%Y-%m-%d}")
    page.locator(f"button[name=start][value^='{later:%Y-%m-%d}']").locator("visible=true").last.click()
    expect(page.get_by_text("Later visits would be too close; move them along")).to_be_visible()
    page.get_by_role("button", name="Move them all").click()
    expect(page.locator(".notice.tone-ok").first).to_contain_text("Your visit is now on")
    moved = list(Appointment.objects.filter(pk__in=[row.pk for row in rows]).order_by("session"))
    assert moved[0].start == rows[0].start and all(b.start > a.start for a, b in zip(rows[1:], moved[1:], strict=True))
    gaps = [(b.start.date() - a.start.date()).days for a, b in zip(moved[1:], moved[2:], strict=False)]
    assert all(14 <= gap <= 21 for gap in gaps)

    # The whole plan from one visit's own page.
    page.goto(manage_path(moved[1]))
    expect(page.get_by_text("2 of 5")).to_be_visible()
    page.get_by_role("link", name="See the whole plan").click()
    expect(page.locator(".plan-visits > li")).to_have_count(5)
    staff.goto(f"/desk/a/{moved[1].pk}/")
    expect(staff.locator(".standing")).to_contain_text("2 of 5")
