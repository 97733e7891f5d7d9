"""Without a mouse: a booking up to "Reserved", an error mended, a hold kept longer, a check-in."""

import re

from playwright.sync_api import Page, expect

from bookings.models import Appointment
from tests.journeys.steps import EMAIL, NAME, PHONE

FOCUSED = "document.activeElement"


def tab_to(page: Page, selector: str, *, most: int = 80) -> None:
    """Tab until the focus is there. It must be seen where it is: outlined and inside the window."""
    for _press in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(f"s => {FOCUSED}.matches(s)", selector):
            break
    else:
        raise AssertionError(f"Tab never came to {selector}")
    seen = page.evaluate(
        f"""() => {{
            const box = {FOCUSED}.getBoundingClientRect();
            const shell = {FOCUSED}.closest("label, .card.is-link") ?? {FOCUSED};
            const drawn = (el, part) => getComputedStyle(el, part).outlineStyle !== "none";
            const outlined = drawn({FOCUSED}) || drawn({FOCUSED}, "::after") || drawn(shell);
            const middle = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
            const covered = middle && !shell.contains(middle) && !middle.contains({FOCUSED});
            return {{ outlined, covered: covered ? middle.outerHTML.slice(0, 120) : "" }};
        }}"""
    )
    assert seen["outlined"], f"no focus ring on {selector}"
    assert not seen["covered"], f"{selector} is covered by {seen['covered']}"


def enter(page: Page) -> None:
    """Enter, where it leads to another page."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_booking_by_keyboard(windows):
    page = windows.open()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    tab_to(page, "a.card-link[href='/treatments/pen/']")
    enter(page)
    expect(page).to_have_url(re.compile("/treatments/pen/"))
    tab_to(page, "a[href^='/book/pen/']")
    enter(page)
    tab_to(page, "[name=areas][value=face]")
    page.keyboard.press("Space")
    tab_to(page, "main form .actions .button")
    enter(page)
    for _page in range(3):
        tab_to(page, "[name=ticks][value=none]")
        page.keyboard.press("Space")
        enter(page)
    expect(page).to_have_url(re.compile("/time/"))
    tab_to(page, "a.week-day")
    enter(page)
    expect(page.locator("#day")).to_be_focused()
    tab_to(page, ".times-group [name=start]")
    enter(page)
    expect(page).to_have_url(re.compile("/details/"))

    tab_to(page, ".hold button")
    enter(page)
    tab_to(page, "[name=name]")
    page.keyboard.type(NAME)
    tab_to(page, "[name=phone]")
    page.keyboard.type("12")
    enter(page)
    expect(page.locator(".errors")).to_be_focused()
    tab_to(page, ".errors a")
    page.keyboard.press("Enter")
    expect(page.locator("[name=phone]")).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(PHONE)
    tab_to(page, "[name=email]")
    page.keyboard.type(EMAIL)
    enter(page)
    expect(page.get_by_text("Your time is reserved")).to_be_visible()
    assert Appointment.objects.get().state == "reserved"


def test_a_check_in_by_keyboard(staff_page, diary):
    diary.visit("Ceren Tunç", days=0, pick=0.9)
    page = staff_page("desk@dermastudio.example")
    page.goto("/desk/?view=grid")
    tab_to(page, "a[data-panel]")
    page.keyboard.press("Enter")
    expect(page.locator("#visit-title")).to_be_focused()
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="All the same: check in")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#visit .visit-head .is-arrived")).to_be_visible()
    expect(page.locator("#visit-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#visit")).to_have_count(0)
    expect(page.locator("a[data-panel]").first).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#shortcuts")).to_be_hidden()
