"""Draws docs/screenshots/ anew: `make screenshots`. Not a test, so not collected as one; the day is always the same."""

from pathlib import Path

from django.conf import settings
from playwright.sync_api import expect

from clinic.messaging.models import DemoText
from consultations.demo import loader
from tests.journeys.conftest import DESKTOP, PHONE
from tests.journeys.steps import Patient

FOLDER = Path(settings.BASE_DIR) / "docs" / "screenshots"
LARGEST = 250 * 1024
# Both at their own size: a picture that is scaled is several times as large.
FRAME = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; background: #f3eee7; width: 1280px; height: 800px; position: relative; overflow: hidden }
img { position: absolute; border: 1px solid #e4dcd2; border-radius: 12px; background: #fbf8f4 }
.desk { left: 32px; top: 56px } .phone { left: 876px; top: 32px; border: 6px solid #26211d; border-radius: 32px }
</style><img class="desk" src="desk.png"><img class="phone" src="phone.png">"""


def test_take_pictures(windows, staff_page, clock, tmp_path, monkeypatch):
    # The clinic is there already; its people and the hundred visits around this day come now.
    monkeypatch.setattr(loader, "load_clinic", lambda: None)
    loader.load(now=clock.now)
    FOLDER.mkdir(parents=True, exist_ok=True)

    visitor = Patient(windows.open(size=(360, 724)))
    visitor.get_to_times("pen")
    visitor.page.screenshot(path=tmp_path / "phone.png")

    desk = staff_page("desk@dermastudio.example", size=(1100, 688))
    desk.goto("/desk/?view=grid")
    expect(desk.locator(".appt").first).to_be_visible()
    desk.screenshot(path=tmp_path / "desk.png")
    (tmp_path / "frame.html").write_text(FRAME, encoding="utf-8")
    frame = windows.open(size=(1280, 800))
    frame.goto((tmp_path / "frame.html").as_uri())
    frame.wait_for_function("[...document.images].every((one) => one.complete && one.naturalWidth)")
    frame.screenshot(path=FOLDER / "first.png")

    practitioner = staff_page("selin@dermastudio.example", size=(1180, 820))
    practitioner.locator(".review-list a").first.click()
    expect(practitioner.locator(".flag").first).to_be_visible()
    practitioner.screenshot(path=FOLDER / "review.png")

    phone = windows.open(size=DESKTOP)
    asked = DemoText.objects.filter(phone__patient__language="en").exclude(buttons=[]).order_by("-at").first()
    phone.goto(f"/demo/phone/{asked.phone_id}/")
    phone.screenshot(path=FOLDER / "demo-phone.png")

    arabic = Patient(windows.open(size=PHONE, language="ar", theme="dark"))
    arabic.page.goto("/treatments/pen/")
    arabic.page.screenshot(path=FOLDER / "arabic-dark.png")

    for picture in FOLDER.glob("*.png"):
        assert picture.stat().st_size < LARGEST, f"{picture.name} has {picture.stat().st_size} bytes"
