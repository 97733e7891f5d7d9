"""A real browser against a real server and a demo clinic. Without a Chromium these tests fail; they are never skipped.

The clinic's clock is set, and moved, by the test: every run is the same Tuesday in May. Every window is watched: an
error on its console, a refusal of the content security policy, a fault of the server or a request to anybody else fails
the test.
"""

import datetime as dt
import os
import shutil
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from bookings.models import Appointment
from bookings.tasks import expire_holds, offer_freed_times
from clinic.messaging.demo_history import show_as_delivered
from clinic.messaging.reconcile import reconcile
from clinic.messaging.sweep import sweep
from clinic.people.access import Actor
from clinic.people.models import User
from consultations.demo import cast, loader
from consultations.demo.diary import Visit
from consultations.tasks import follow_decisions, page_practitioners, remind_bookable

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE, DESKTOP = (390, 844), (1280, 900)
ZONE = ZoneInfo("Europe/Istanbul")
VIDEO = "https://meet.clinic.example"
PATIENCE = 30_000  # milliseconds: the machine may be busy with something else; no expectation is about speed
A_TUESDAY = dt.datetime(2027, 5, 11, 10, 40, tzinfo=ZONE)
expect.set_options(timeout=PATIENCE // 2)
REGION = {"en": "en-GB", "tr": "tr-TR", "es": "es-ES", "ar": "ar-EG"}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    assert found, "No Chromium on this machine: set CHROMIUM to its path."
    return {**browser_type_launch_args, "executable_path": found, "args": QUIET}


class Clock:
    """The clinic's time. `pass_to` also lets worker and beat do what was due by then."""

    def __init__(self, traveller):
        self.traveller = traveller

    @property
    def now(self):
        return timezone.now().astimezone(ZONE)

    def pass_to(self, moment):
        self.traveller.move_to(moment)
        self.work()

    def pass_by(self, **span):
        self.pass_to(self.now + dt.timedelta(**span))

    @staticmethod
    def work():
        """What the worker does every few seconds; a second round brings the reports of what was delivered."""
        expire_holds()
        offer_freed_times()
        follow_decisions()
        remind_bookable()
        page_practitioners()
        for _round in range(2):
            sweep(now=timezone.now(), threads=1)
            reconcile(now=timezone.now())


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(A_TUESDAY, tick=True) as traveller:
        yield Clock(traveller)


@pytest.fixture
def clinic(transactional_db, settings, live_server, clock):
    """The demo clinic's people, rooms and hours, without visits; pages under the live server's address."""
    settings.PUBLIC_URL = live_server.url
    settings.RATE_LIMITS = False
    settings.VIDEO_BASE_URL = VIDEO
    cache.clear()
    call_command("load_catalogue", verbosity=0)
    call_command("load_questionnaire", verbosity=0)
    return loader.load_clinic()


class Windows:
    """Opens browser windows, each a browser of its own with its own cookies, and notes what must not happen in them."""

    def __init__(self, browser, home):
        self.browser, self.home, self.contexts, self.faults = browser, home, [], []
        self.zone = "Europe/Istanbul"

    def open(self, *, size=PHONE, language="en", scripts=True, theme="light", touch=False):
        context = self.browser.new_context(
            base_url=self.home,
            viewport={"width": size[0], "height": size[1]},
            locale=REGION[language],
            timezone_id=self.zone,
            java_script_enabled=scripts,
            color_scheme=theme,
            reduced_motion="reduce",
            has_touch=touch,
        )
        context.set_default_timeout(PATIENCE)
        context.set_default_navigation_timeout(PATIENCE)
        self.contexts.append(context)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        context.on("request", self._asked)
        context.on("response", self._answered)
        return context.new_page()

    def _said(self, message):
        """Refusals of pages (404, 409, 422) are part of the product; the browser notes each as a failed load."""
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.faults.append(f"console, {message.page.url if message.page else ''}: {message.text}")

    def _asked(self, request):
        if urlsplit(request.url).scheme in ("http", "https") and not request.url.startswith(self.home):
            self.faults.append(f"asked somebody else: {request.url}")

    def _answered(self, response):
        is_static = "/static/" in response.url
        if response.status >= 500 or (is_static and response.status >= 400):
            self.faults.append(f"{response.status}: {response.url}")

    def close(self):
        for context in self.contexts:
            context.close()


@pytest.fixture
def windows(browser, live_server, clinic):
    opened = Windows(browser, live_server.url)
    yield opened
    opened.close()
    assert not opened.faults, "\n".join(opened.faults)


@pytest.fixture
def staff_page(windows):
    """``staff_page("desk@…")``: a signed-in desktop window of its own."""

    def open_for(email, **window):
        page = windows.open(**{"size": DESKTOP} | window)
        sign_in(page, email)
        return page

    return open_for


def sign_in(page, email):
    page.goto("/staff/sign-in/")
    page.locator("[name=username]").fill(email)
    page.locator("[name=password]").fill(cast.PASSWORD)
    page.locator("main form .button").click()
    page.wait_for_url(lambda url: "sign-in" not in url)


class Diary:
    """Visits with their whole story so far, written through the product's own services."""

    def __init__(self, clock):
        self.clock = clock
        self.people = {patient.name: patient for patient in loader.load_patients()}
        self.desk = Actor("desk", user=User.objects.get(email="desk@dermastudio.example"))

    def visit(self, name, *, fate="confirmed", days=0, practitioner="selin-aydin", pick=0.5, **answers):
        """``pick``: 0 is the first free time of that day, 1 the last."""
        day = self.clock.now.date() + dt.timedelta(days=days)
        wanted = Visit(day, practitioner, "pen", ("face",), 1, fate, answers, 4, pick)
        state = loader.make(wanted, self.people[name], now=self.clock.now, desk=self.desk)
        show_as_delivered(now=self.clock.now)
        found = Appointment.objects.filter(patient=self.people[name]).order_by("-created_at").first()
        assert found, state
        return found


@pytest.fixture
def diary(clinic, clock):
    return Diary(clock)
