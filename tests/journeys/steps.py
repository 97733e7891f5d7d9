"""What people do, as verbs. Everything is found by its name in the form, not by its words, so that it works in every language
and with scripts off."""

import datetime as dt
import re

from playwright.sync_api import Locator, Page, expect

from consultations.questionnaire import current
from consultations.questionnaire.definition import Kind

NAME, PHONE, EMAIL = "Elif Nur Aydın", "0532 555 77 01", "elif@example.com"
BORN = dt.date(1988, 3, 27)
NONE = ("none",)


def fill_date(page: Page, name: str, day: dt.date) -> None:
    for number, part in enumerate((day.day, day.month, day.year)):
        page.locator(f"[name={name}_{number}]").fill(str(part))


def follow(place: Locator) -> None:
    """Presses what leads to another page, and waits until all of that page is there: a question such as `count` does not."""
    place.click()
    place.page.wait_for_load_state()


def go_on(page: Page) -> None:
    """The one primary button of the page's form."""
    follow(page.locator("main form .actions .button").first)


class Patient:
    """Somebody who books, in a browser of their own."""

    def __init__(self, page: Page, name: str = NAME, phone: str = PHONE) -> None:
        self.page, self.name, self.phone = page, name, phone

    # before a time is held

    def find(self, treatment: str = "pen") -> None:
        """From the first page to the choices of a treatment."""
        page = self.page
        page.goto("/")
        page.locator(f"a.card-link[href='/treatments/{treatment}/']").click()
        page.locator(f".sticky-cta a[href^='/book/{treatment}/'], .aside-cta a").locator("visible=true").first.click()
        expect(page).to_have_url(re.compile(f"/book/{treatment}/"))

    def choose(self, *areas: str, practitioner: str = "") -> None:
        for area in areas:
            self.page.locator(f"[name=areas][value={area}]").check()
        if practitioner:
            self.page.locator(f"[name=practitioner][value={practitioner}]").check()
        go_on(self.page)

    def tick(self, *values: str, **follow_ups: str | dt.date) -> None:
        """One page of the short set."""
        for value in values:
            self.page.locator(f"[name=ticks][value='{value}']").check()
        for name, value in follow_ups.items():
            if isinstance(value, dt.date):
                fill_date(self.page, name, value)
            else:
                self.page.locator(f"[name={name}]").fill(value)
        go_on(self.page)

    def is_fine_so_far(self, pages: int = 3) -> None:
        for _page in range(pages):
            self.tick(*NONE)

    def get_to_times(self, treatment: str = "pen", *areas: str, practitioner: str = "") -> None:
        self.find(treatment)
        self.choose(*(areas or ("face",)), practitioner=practitioner)
        self.is_fine_so_far(1 if treatment == "consult" else 3)
        expect(self.page).to_have_url(re.compile("/time/"))

    # time and hold

    def earliest(self) -> str:
        return self.page.locator(".earliest [name=start]").get_attribute("value")

    def take_earliest(self) -> str:
        start = self.earliest()
        follow(self.page.locator(".earliest [name=start]"))
        return start

    def take(self, day: dt.date, clock: str) -> str:
        """Through the week's strip to a day, then one of its times."""
        page = self.page
        while not page.locator(f"a.week-day[href*='day={day.isoformat()}']").count():
            follow(page.locator("a.week-turn[rel=next]"))
        follow(page.locator(f"a.week-day[href*='day={day.isoformat()}']"))
        time = page.locator(f".times-group [name=start][value^='{day.isoformat()}T{clock}']")
        start = time.get_attribute("value")
        follow(time)
        return start

    def give_details(self, *, whatsapp: bool = True, **changes: str) -> None:
        for name, value in ({"name": self.name, "phone": self.phone, "email": EMAIL} | changes).items():
            self.page.locator(f"#details [name={name}]").fill(value)
        if whatsapp:
            self.page.locator("[name=whatsapp]").check()
        go_on(self.page)

    # the form

    def fill_form(self, **other: str) -> int:
        """Every page of the rest with its quiet answers, but for ``other``. Returns how many pages there were."""
        page, count = self.page, 0
        expect(page).to_have_url(re.compile("/form/"))
        while "/form/" in page.url:
            self.answer_page(**other)
            count += 1
            assert count < 20, "the form has no end"
        expect(page).to_have_url(re.compile("/check/"))
        return count

    def answer_page(self, **other: str) -> None:
        page = self.page
        if page.locator("[name=ticks]").count():
            return self.tick(*NONE)
        here = page.url.rstrip("/").rpartition("/")[2]
        for question in current().questions:
            if question.page != here or not page.locator(f"[name={question.id}], [name={question.id}_0]").count():
                continue
            if question.kind == Kind.DATE:
                fill_date(page, question.id, BORN)
            elif question.kind == Kind.SINGLE:
                value = other.get(question.id, question.fine[0] if question.fine else question.options[0])
                page.locator(f"[name={question.id}][value={value}]").check()
        return go_on(page)

    def send_answers(self) -> None:
        go_on(self.page)

    def agree(self) -> None:
        self.page.locator("[name=agree]").check()
        self.page.locator("main form [name=name]").fill(self.name)
        go_on(self.page)

    def finish(self, **other: str) -> None:
        """From the first page of the form to the outcome."""
        self.fill_form(**other)
        self.send_answers()
        expect(self.page).to_have_url(re.compile("/consent/"))
        self.agree()
        self.sees_outcome()

    def sees_outcome(self, kind: str = "") -> None:
        expect(self.page.locator(f".outcome{kind and '.is-' + kind}")).to_be_visible()

    @property
    def booking(self) -> str:
        """The address of their own page."""
        return re.match(r"^https?://[^/]+(/b/[^/]+/)", self.page.url)[1]


class Handset:
    """The demonstration's picture of somebody's phone."""

    def __init__(self, page: Page, name: str = NAME) -> None:
        self.page, self.name = page, name

    def open(self) -> None:
        self.page.goto("/demo/phone/")
        follow(self.page.get_by_role("link", name=self.name))

    @property
    def received(self):
        return self.page.locator(".bubble.is-in")

    @property
    def last(self):
        return self.received.last

    def write(self, words: str) -> None:
        self.page.locator("[name=body]").fill(words)
        self.page.locator(".composer button").click()

    def tap(self, words: str) -> None:
        """A button under the newest question."""
        self.page.get_by_role("button", name=words, exact=True).click()

    def link(self) -> str:
        """Where the newest link in the chat leads."""
        return self.received.locator("a").last.get_attribute("href")

    def code(self) -> str:
        """The newest: answers and codes go before what else was due."""
        code = re.compile(r"\b\d{6}\b")
        newest = self.received.filter(has_text=code).last
        expect(newest).to_be_visible()
        return code.search(newest.inner_text())[0]


class Desk:
    """The front desk's day."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open_day(self, day: dt.date | None = None, *, view: str = "grid") -> None:
        self.page.goto(f"/desk/{day.isoformat()}/?view={view}" if day else f"/desk/?view={view}")

    def open_visit(self, name: str) -> None:
        self.page.locator("a[data-panel]", has_text=name).first.click()
        expect(self.panel).to_be_visible()

    @property
    def panel(self):
        return self.page.locator("#visit")

    def press(self, word: str) -> None:
        self.panel.get_by_role("button", name=word).or_(self.panel.get_by_role("link", name=word)).first.click()

    def sees_state(self, state: str) -> None:
        expect(self.panel.locator(f".visit-head .is-{state}")).to_be_visible()

    def told(self, words: str) -> None:
        expect(self.page.locator("#toasts .toast, .toasts .toast").last).to_contain_text(words)
