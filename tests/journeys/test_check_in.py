"""Two weeks after a treatment: from the message that asks for a photo to the practitioner's answer."""

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from clinic.messaging.models import Message
from consultations.models import Enquiry, Photo
from tests.consultations.asking import asked
from tests.consultations.photos.pictures import heic, jpeg
from tests.journeys.steps import Handset, follow, go_on

WHO = "Sophie Turner-Hale"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_photo_is_asked_for_sent_compared_and_answered(windows, staff_page, diary, clock, scripts):
    person = diary.people[WHO]
    asked(name=WHO, phone=person.phone, photos=2, now=clock.now - dt.timedelta(days=9))
    visit = diary.visit(WHO, fate="done", days=-1)

    clock.pass_to(visit.finished_at + dt.timedelta(days=14, minutes=5))
    handset = Handset(windows.open(touch=True), WHO)
    handset.open()
    expect(handset.last).to_contain_text("Send us a photo here")
    link = handset.link()
    assert link.endswith("/photos/")

    page = windows.open(touch=True, scripts=scripts)
    page.goto(link)
    expect(page.locator("[name=photos]")).to_have_count(0)
    page.locator("[name=send]").click()
    clock.work()
    handset.open()
    page.locator("[name=code]").fill(handset.code())
    go_on(page)

    expect(page.locator("main a[href$='/wrong/']").first).to_be_visible()
    files = [("front.jpg", "image/jpeg", jpeg((1200, 1600), 6)), ("IMG_2.HEIC", "image/heic", heic((1200, 900)))]
    page.locator("[name=photos]").set_input_files([{"name": n, "mimeType": m, "buffer": b} for n, m, b in files])
    page.locator("[name=words]").fill("Much calmer than before.")
    go_on(page)
    expect(page.locator(".outcome")).to_contain_text("A practitioner looks at them by")
    sent = Enquiry.objects.get(visit=visit)
    assert Photo.objects.filter(owner=sent.ref, kind="after").count() == 2

    selin = staff_page("selin@dermastudio.example")
    selin.goto("/enquiries/")
    follow(selin.locator(".review-list a", has_text="Photo check-in, 14 days after"))
    expect(selin.locator(".compare img")).to_have_count(4)
    for number in range(4):
        expect(selin.locator(".compare img").nth(number)).not_to_have_js_property("naturalWidth", 0)
    first, newest = (selin.locator(".compare img").nth(number).bounding_box() for number in (0, 1))
    assert first["y"] == newest["y"] and first["x"] + first["width"] <= newest["x"], "side by side"
    expect(selin.locator("main")).to_contain_text("Much calmer than before.")
    selin.locator("[name=act][value=answer]").check()
    selin.locator("[name=text]").fill("It heals well. Keep using SPF.")
    follow(selin.locator("#answer ~ form .actions .button").first)

    clock.work()
    told = Message.objects.get(kind="enquiry_answered", ref=sent.ref)
    assert "heals" not in told.body
    page.goto(re.search(r"/e/[\w-]{43}/", told.body)[0])
    expect(page.locator("main")).to_contain_text("It heals well. Keep using SPF.")
