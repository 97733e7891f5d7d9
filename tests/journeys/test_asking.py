"""From a worry and two photos on a phone to a practitioner's answer, read behind a code."""

import re

from playwright.sync_api import expect

from clinic.messaging.models import Message
from consultations.models import Enquiry, Photo
from tests.consultations.photos.pictures import heic, jpeg
from tests.journeys.steps import go_on

PHONE, NAME = "0532 555 88 44", "Zoe Lane"


def the_code():
    return re.search(r"\b\d{6}\b", Message.objects.filter(kind="sign_in_code").latest("created_at").body)[0]


def ask(page):
    """The whole way, as somebody with a phone walks it."""
    page.goto("/")
    page.locator("main a[href='/ask/'], .hero a[href='/ask/']").first.click()
    page.locator("[name=adult][value=yes]").check()
    go_on(page)
    page.locator("[name=concerns][value=acne_marks]").check()
    page.locator("[name=areas][value=cheeks]").check()
    page.locator("[name=words]").fill("Small hollows since school.")
    go_on(page)
    page.locator("[name=goals]").fill("Smoother skin")
    page.locator("[name=wish][value=plan]").check()
    go_on(page)
    files = [("front.jpg", "image/jpeg", jpeg((1200, 1600), 6)), ("IMG_2.HEIC", "image/heic", heic((1200, 900)))]
    page.locator("[name=photos]").set_input_files([{"name": n, "mimeType": m, "buffer": b} for n, m, b in files])
    page.locator("[value=add]").click()
    expect(page.locator(".thumbs img")).to_have_count(2)
    page.reload()
    expect(page.locator(".thumbs img")).to_have_count(2)
    for number in range(2):
        expect(page.locator(".thumbs img").nth(number)).to_have_js_property("complete", True)
        expect(page.locator(".thumbs img").nth(number)).not_to_have_js_property("naturalWidth", 0)
    go_on(page)
    page.locator("[name=name]").fill(NAME)
    page.locator("[name=phone]").fill(PHONE)
    go_on(page)
    page.locator("[name=code]").fill(the_code())
    go_on(page)
    expect(page.locator("main")).to_contain_text("Small hollows since school.")
    go_on(page)
    expect(page.locator(".outcome")).to_be_visible()


def test_a_question_with_photos_is_asked_answered_and_read(windows, staff_page, clock):
    page = windows.open()
    ask(page)
    row = Enquiry.objects.get()
    assert (row.patient.name, Photo.objects.filter(owner=row.ref).count()) == (NAME, 2)

    desk = staff_page("desk@dermastudio.example")
    assert desk.goto("/enquiries/").status == 403

    selin = staff_page("selin@dermastudio.example")
    selin.goto("/enquiries/")
    selin.get_by_text(NAME).click()
    expect(selin.locator(".compare img")).to_have_count(2)
    selin.locator(".compare a").first.click()
    expect(selin.locator(".photo-large")).to_have_js_property("naturalWidth", 1600)
    selin.go_back()
    selin.locator("[name=act][value=invite]").check()
    selin.locator("[name=text]").fill("Three sessions would suit you. Please come in first.")
    selin.locator("[name=preview]").click()
    expect(selin.locator("#preview")).to_be_visible()
    selin.locator("#answer ~ form .actions .button").first.click()
    expect(selin.locator("main")).not_to_contain_text(NAME)

    clock.work()
    told = Message.objects.get(kind="enquiry_answered")
    assert "Three sessions" not in told.body and "skin" not in told.body
    link = re.search(r"/e/[\w-]{43}/", told.body)[0]
    other = windows.open()
    other.goto(link)
    expect(other.locator("main")).not_to_contain_text("Three sessions")
    other.locator("[name=send]").click()
    other.locator("[name=code]").fill(the_code())
    go_on(other)
    expect(other.locator("main")).to_contain_text("Three sessions would suit you.")
    other.locator("a[href^='/book/consult/']").first.click()
    expect(other.locator("[name=areas][value=cheeks]")).to_be_checked()


def test_the_same_with_scripts_off(windows):
    ask(windows.open(scripts=False))
    assert Enquiry.objects.get().standing == "waiting"
