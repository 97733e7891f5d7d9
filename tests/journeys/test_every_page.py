"""Every page once: nothing for axe to say, nothing wider than the window, nothing heavy.

Each page is seen in one of the sixteen combinations of language, theme and width, in turn; FULL_MATRIX=1 shows every
page in all of them (`FULL_MATRIX=1 make test`, about a quarter of an hour).
"""

import gzip
import itertools
import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.test.signals import template_rendered
from playwright.sync_api import expect

from tests.journeys.conftest import sign_in
from tests.journeys.stops import STAFF, STOPS
from tests.journeys.world import THINNER, World

LANGUAGES, THEMES, WIDTHS = ("en", "tr", "es", "ar"), ("light", "dark"), (320, 1280)
COMBINATIONS = list(itertools.product(LANGUAGES, THEMES, WIDTHS))
FULL = os.environ.get("FULL_MATRIX", "") not in ("", "0")
KB = 1024
# Drawn for faults that nobody in this test causes.
NOT_SEEN = {"400.html", "429.html", "500.html", "plain.html", "refused.html"}


@pytest.fixture
def world(diary, clock, clinic):
    return World(diary, clock, clinic)


class Visitors:
    """One window for each kind of person, opened when first needed."""

    def __init__(self, windows, world):
        self.windows, self.world, self.pages = windows, world, {}

    def page(self, who):
        if who not in self.pages:
            self.pages[who] = page = self.windows.open()
            self._become(who, page)
        return self.pages[who]

    def _become(self, who, page):
        world, context, home = self.world, page.context, self.windows.home
        short = {
            "fine": {},
            "keeping": {},
            "thinner": THINNER,
            "burnt": {"sun": "burn", "sun_on": "2027-05-08"},
            "keloid": {"scars": "keloid"},
            "young": {"adult": "no"},
        }
        staff = {"desk": "desk@", "practitioner": "selin@", "owner of none": "murat@", "owner": "owner@"}
        if who in short:
            world.answered(context, home, **short[who])
        asking = (
            {
                "asking": world.draft("concern", "goals", "contact", photos=2),
                "asking from the start": world.draft(),
                "asking without photos": world.draft("concern", "goals"),
                "asking in need": world.draft("alarm", "goals"),
            }
            if who.startswith("asking")
            else {}
        )
        if who in asking:
            world.remember(context, home, ask=str(asking[who].pk))
        if who in staff:
            sign_in(page, staff[who] + "dermastudio.example")
        if who == "keeping":
            world.remember(context, home, hold=str(world.visits["held"].pk))
        if who == "patient":
            world.opens_all(context, home)
        if who in ("mine", "nothing"):
            person = world.visits["confirmed" if who == "mine" else "cancelled"].patient_id
            world.remember(context, home, patient_id=str(person))


def show(page, stop, world, combination):
    """Goes there and does what is to be done; returns the page as the server sent it."""
    language, theme, width = combination
    page.set_viewport_size({"width": width, "height": 800})
    cookies = {"language": language, "theme": theme}
    page.context.add_cookies([{"name": name, "value": value, "url": world.home} for name, value in cookies.items()])
    sent = page.goto(stop.address(world)).body()
    for step in stop.do:
        step(page)
    return sent


def violations(page):
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{one['id']}: {one['help']}\n      " + "\n      ".join(node["html"][:200] for node in one["nodes"][:4])
        for one in found
    ]


def overflow(page):
    """What sticks out of the window, if anything makes the page scroll sideways."""
    return page.evaluate(
        """() => {
            const wide = document.scrollingElement;
            if (wide.scrollWidth <= wide.clientWidth) return [];
            const out = [...document.body.querySelectorAll("*")].filter((el) => {
                const box = el.getBoundingClientRect();
                return box.width && (box.right > innerWidth + 1 || box.left < -1);
            });
            return [`${wide.scrollWidth} px wide`, ...out.slice(-3).map((el) => el.outerHTML.slice(0, 160))];
        }"""
    )


def weight(page, sent):
    """What is too heavy, gzipped: scripts 30 KB, styles 20 KB, the page itself 30 KB."""

    def packed(selector, attribute):
        urls = page.eval_on_selector_all(selector, f"all => all.map(one => one.{attribute})")
        paths = [finders.find(urlsplit(url).path.removeprefix("/static/")) for url in urls if "/static/" in url]
        return sum(len(gzip.compress(Path(path).read_bytes())) for path in paths)

    sizes = {
        "scripts": (packed("script[src]", "src"), 30 * KB),
        "styles": (packed("link[rel=stylesheet]", "href"), 20 * KB),
        "page": (len(gzip.compress(sent)), 30 * KB),
    }
    return [f"{name}: {size} bytes of {most}" for name, (size, most) in sizes.items() if size > most]


def test_every_page(windows, world, settings):
    settings.DEBUG = True  # for the style guide
    seen, faults = set(), []
    world.home = windows.home

    def note(sender, template, **kwargs):
        seen.add(template.name)

    template_rendered.connect(note)
    visitors = Visitors(windows, world)
    try:
        for number, stop in enumerate(STOPS):
            page = visitors.page(stop.who)
            for combination in COMBINATIONS if FULL else [COMBINATIONS[number * 5 % 16]]:
                try:
                    sent = show(page, stop, world, combination)
                    problems = violations(page) + overflow(page) + ([] if stop in STAFF else weight(page, sent))
                except Exception as error:
                    problems = [str(error).splitlines()[0][:300], page.url]
                faults += [f"{stop.name} {combination}: {one}" for one in problems]
    finally:
        template_rendered.disconnect(note)
    folder = Path(settings.BASE_DIR) / "templates"
    ours = {str(path.relative_to(folder)) for path in folder.rglob("*.html")}
    ours -= {name for name in ours if name.startswith("drf_spectacular/")}  # somebody else's page
    faults += [f"never seen: {name}" for name in sorted(ours - seen - NOT_SEEN)]
    assert not faults, "\n".join(faults)


def test_the_api_can_be_read_in_a_browser(windows):
    page = windows.open(size=(1280, 800))
    page.goto("/api/v1/docs/")
    expect(page.locator(".opblock-summary-path").first).to_be_visible(timeout=20_000)


def test_a_fault_would_be_found(windows):
    """The checks above are not silent: each sees what it is there for."""
    page = windows.open()
    sent = page.goto("/").body()
    assert violations(page) == overflow(page) == weight(page, sent) == []
    page.evaluate("""() => {
        document.documentElement.removeAttribute("lang");
        document.querySelector("main").style.minWidth = "900px";
        document.querySelector("main").insertAdjacentHTML("beforeend", '<img src="/static/img/mark.svg">');
    }""")
    assert {one.split(":")[0] for one in violations(page)} >= {"html-has-lang", "image-alt"}
    assert overflow(page)
    assert weight(page, bytes(range(256)) * 200) == [] != weight(page, os.urandom(40 * KB))
    page.evaluate("console.error('seen')")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<b style=\"color: red\">')")
    page.evaluate("fetch('http://127.0.0.2:9/').catch(() => {})")
    expect(page.locator("b").last).to_be_attached()
    page.wait_for_function("performance.now() > 0")
    found = " ".join(windows.faults)
    assert "seen" in found and "Content Security Policy" in found
    windows.faults.clear()
