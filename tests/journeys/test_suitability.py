"""Who cannot be treated now: told kindly, with nothing kept; and who can from a day on."""

import datetime as dt
import re

from django.apps import apps
from playwright.sync_api import expect

from tests.journeys.steps import NONE, Patient

KEPT_NOTHING_OF = {"people.Patient", "messaging.Message", "consultations.Draft", "bookings.Appointment"}


def rows() -> dict[str, int]:
    """How many rows every table has."""
    return {model._meta.label: model.objects.count() for model in apps.get_models() if model._meta.managed}


def test_keloid_is_declined_kindly(windows):
    before = rows()
    assert before.keys() >= KEPT_NOTHING_OF
    patient = Patient(windows.open())
    page = patient.page
    patient.find("pen")
    patient.choose("face")
    patient.tick(*NONE)
    patient.tick(*NONE)
    patient.tick("scars:keloid")

    # An outcome, not an error: what they said, why, and what they can do.
    expect(page).to_have_url(re.compile("/not-now/"))
    patient.sees_outcome("not-now")
    expect(page.locator(".errors, .notice.tone-danger")).to_have_count(0)
    expect(page.locator(".told-said")).to_have_text("I get keloid scars")
    expect(page.get_by_text("This is about how skin heals, not about you.")).to_be_visible()
    expect(page.locator("main a[href^='tel:']")).to_be_visible()
    expect(page.get_by_text("We have stored nothing about you.")).to_be_visible()
    expect(page.get_by_role("link", name="Book a consultation")).to_have_attribute("href", re.compile("/book/consult/"))
    assert rows() == before

    # A wrong tap is changed, with everything else as it was, and leads to the times.
    page.get_by_role("link", name="Change this answer").click()
    expect(page.locator("[name=ticks][value='scars:keloid']")).to_be_checked()
    page.locator("[name=ticks][value=none]").check()
    expect(page.locator("[name=ticks][value='scars:keloid']")).not_to_be_checked()
    patient.tick()
    expect(page).to_have_url(re.compile("/time/"))

    # It was none: back, the same answer, and the consultation takes them further.
    page.locator("main a.back").click()
    patient.is_fine_so_far(2)
    patient.tick("scars:keloid")
    page.get_by_role("link", name="Book a consultation").click()
    expect(page.locator("[name=areas][value=face]")).to_be_checked()
    assert rows() == before

    # Nothing typed stays behind after "Clear my answers".
    page.go_back()
    page.get_by_role("button", name="Clear my answers").click()
    page.goto("/book/pen/not-now/?areas=face&location=moda")
    expect(page.locator(".outcome")).to_have_count(0)
    assert rows() == before


def test_sunburn_is_put_off_to_a_day(windows, clock):
    burnt = clock.now.date() - dt.timedelta(days=3)
    ready = burnt + dt.timedelta(days=14)
    patient = Patient(windows.open())
    page = patient.page
    patient.find("pen")
    patient.choose("face")
    patient.tick(*NONE)
    expect(page.locator("[name=sun_on_0]")).to_be_hidden()
    patient.tick("sun:burn", sun_on=burnt)
    patient.tick(*NONE)

    expect(page).to_have_url(re.compile("/later/"))
    patient.sees_outcome("later")
    expect(page.locator("h1")).to_have_text(f"From {ready.day} May 2027")
    page.get_by_role("link", name=f"See times from {ready.day} May").click()

    # Times begin on that day, and a day before it cannot be asked for by its address either.
    assert dt.date.fromisoformat(patient.earliest()[:10]) >= ready
    for number in range(14):
        day = clock.now.date() + dt.timedelta(days=number)
        if number % 7 == 0 or day == ready:
            page.goto(re.sub("&day=.*", "", page.url.split("#")[0]) + f"&day={day}")
        offered = {
            value[:10] for value in page.locator("button[name=start]").evaluate_all("all => all.map(b => b.value)")
        }
        assert all(dt.date.fromisoformat(one) >= ready for one in offered)
        if day < ready:
            expect(page.locator(f"a.week-day[href*='day={day}']")).to_have_count(0)
    patient.take_earliest()
    expect(page).to_have_url(re.compile("/details/"))
