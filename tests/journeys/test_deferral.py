"""Put off, turned away, and talking by video: the three ways on that are not a treatment today."""

import datetime as dt
import re

from django.apps import apps
from playwright.sync_api import expect

from bookings import video
from bookings.models import Appointment
from clinic.audit.models import Entry
from clinic.messaging.models import Message
from consultations.models import BookableReminder, SharedAnswers
from tests.journeys.conftest import VIDEO
from tests.journeys.steps import NONE, Patient


def burnt(patient, clock):
    patient.find("pen")
    patient.choose("face")
    patient.tick(*NONE)
    patient.tick("sun:burn", sun_on=clock.now.date() - dt.timedelta(days=3))
    patient.tick(*NONE)
    expect(patient.page).to_have_url(re.compile("/later/"))
    return clock.now.date() + dt.timedelta(days=11)


def test_reminded_on_the_day_and_then_the_times_are_there(windows, clock):
    patient = Patient(windows.open(scripts=False))
    page = patient.page
    ready = burnt(patient, clock)
    page.get_by_role("link", name="Remind me when I can book").click()
    expect(page.locator(".lead")).to_contain_text(f"{ready.day} May 2027 at nine in the morning")
    page.locator("main form .button").click()
    expect(page.locator(".errors")).to_be_visible()
    page.locator("[name=phone]").fill("0532 555 77 01")
    page.locator("[name=agree]").check()
    page.locator("main form .button").click()
    expect(page.locator("h1")).to_have_text("We will remind you")
    assert BookableReminder.objects.count() == 1

    clock.pass_to(dt.datetime.combine(ready, dt.time(8, 59), clock.now.tzinfo))
    assert not Message.objects.exists()
    clock.pass_to(dt.datetime.combine(ready, dt.time(9, 1), clock.now.tzinfo))
    [told] = Message.objects.all()
    assert (told.kind, told.state) == ("bookable_again", "delivered")
    assert "pen" not in told.body and "needling" not in told.body.lower() and "/book/" not in told.body
    assert not BookableReminder.objects.exists()

    page.goto(re.search(r"https?://\S+", told.body)[0])
    expect(page.locator("a.card-link[href='/treatments/pen/']")).to_be_visible()


def test_taken_back_nobody_is_written_to(windows, clock):
    patient = Patient(windows.open())
    ready = burnt(patient, clock)
    page = patient.page
    page.get_by_role("link", name="Remind me when I can book").click()
    page.locator("[name=phone]").fill("0532 555 77 01")
    page.locator("[name=agree]").check()
    page.locator("main form .button").click()
    page.get_by_role("button", name="Don't remind me").click()
    expect(page.locator("h1")).to_have_text("We won't remind you")
    clock.pass_to(dt.datetime.combine(ready, dt.time(12), clock.now.tzinfo))
    assert not Message.objects.exists()


def rows():
    return {model._meta.label: model.objects.count() for model in apps.get_models() if model._meta.managed}


def test_turned_away_nothing_is_kept_and_a_talk_by_video_knows_what_they_chose_to_show(windows, staff_page, clock):
    before = rows()
    patient = Patient(windows.open())
    page = patient.page
    patient.find("pen")
    patient.choose("face")
    patient.tick("pregnant:yes")
    expect(page).to_have_url(re.compile("/not-now/"))
    assert rows() == before

    page.get_by_role("link", name="Talk by video").click()
    expect(page.locator("[name=way][value=video]")).to_be_checked()
    expect(page.locator("[name=share]")).not_to_be_checked()
    page.locator("[name=share]").check()
    patient.choose()
    assert rows() == before
    patient.tick(*NONE)
    patient.take_earliest()
    patient.give_details()
    patient.fill_form()
    patient.send_answers()
    patient.sees_outcome("confirmed")
    expect(page.locator(".ticket")).to_contain_text("By video, from where you are")
    row = Appointment.objects.get()
    assert (row.by_video, row.state, row.room_id) == (True, "confirmed", None)

    # Their practitioner reads it; the desk sees a visit by video and nothing of health.
    slug = row.practitioner.slug.split("-")[0]
    doctor = staff_page(f"{slug}@dermastudio.example")
    doctor.goto(f"/desk/a/{row.pk}/")
    doctor.get_by_role("link", name="Read their answers").click()
    expect(doctor.locator(".flag")).to_have_count(1)
    expect(doctor.locator(".flag")).to_contain_text("pregnant")
    desk = staff_page("desk@dermastudio.example")
    desk.goto(f"/desk/a/{row.pk}/")
    expect(desk.locator("#visit")).to_contain_text("y video")
    expect(desk.locator("#visit")).not_to_contain_text("Shared by the patient")
    assert SharedAnswers.objects.count() == 1


def test_the_call_opens_ten_minutes_before(windows, staff_page, clock):
    patient = Patient(windows.open())
    page = patient.page
    page.goto("/book/consult/?video=1")
    page.locator("[name=way][value=video]").check()
    patient.choose("face", practitioner="selin-aydin")
    patient.tick(*NONE)
    patient.take_earliest()
    patient.give_details()
    patient.fill_form()
    patient.send_answers()
    patient.sees_outcome("confirmed")
    row, own = Appointment.objects.get(), patient.booking
    expect(page.locator("main")).to_contain_text("You can join here from")
    expect(page.get_by_role("link", name="Join the video call")).to_have_count(0)

    reached = []

    def meet(route):
        reached.append((route.request.url, route.request.headers.get("referer", "")))
        route.fulfill(body="<title>Meeting</title>", content_type="text/html")

    page.context.route(f"{VIDEO}/**", meet)
    clock.pass_to(row.start - dt.timedelta(minutes=11))
    page.goto(own)
    expect(page.get_by_role("link", name="Join the video call")).to_have_count(0)
    clock.pass_to(row.start - dt.timedelta(minutes=9, seconds=55))
    page.goto(own)
    page.get_by_role("link", name="Join the video call").click()
    expect(page).to_have_title("Meeting")

    doctor = staff_page("selin@dermastudio.example")
    doctor.context.route(f"{VIDEO}/**", meet)
    doctor.goto(f"/desk/a/{row.pk}/")
    doctor.get_by_role("link", name="Join the video call").click()
    expect(doctor).to_have_title("Meeting")
    row.refresh_from_db()
    assert reached == [(video.room_url(row), "")] * 2
    assert Entry.objects.filter(action="video.join", subject=row.ref).count() == 2
    windows.faults[:] = [one for one in windows.faults if VIDEO not in one]

    clock.pass_to(row.treatment_end + dt.timedelta(minutes=31))
    page.goto(own)
    expect(page.locator("main")).to_contain_text("The call is over.")
