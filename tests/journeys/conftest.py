"""A real browser against a real server and a demo clinic. Without a Chromium these tests fail; they are never skipped."""

import os
import shutil

import pytest
from django.core.cache import cache
from django.core.management import call_command

from consultations.demo import cast, loader

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    assert found, "No Chromium on this machine: set CHROMIUM to its path."
    return {**browser_type_launch_args, "executable_path": found, "args": QUIET}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "viewport": PHONE, "locale": "en-GB", "timezone_id": "Europe/Istanbul"}


@pytest.fixture
def clinic(transactional_db, settings, live_server):
    """The demo clinic's people, rooms and hours, without visits; pages under the live server's address."""
    settings.PUBLIC_URL = live_server.url
    settings.RATE_LIMITS = False
    cache.clear()
    call_command("load_catalogue", verbosity=0)
    call_command("load_questionnaire", verbosity=0)
    return loader.load_clinic()


@pytest.fixture
def staff_page(browser, live_server, clinic):
    """``staff_page("desk@…")``: a signed-in desktop window of its own."""
    contexts = []

    def open_for(email):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{live_server.url}/staff/sign-in/")
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password").fill(cast.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "sign-in" not in url)
        return page

    yield open_for
    for context in contexts:
        context.close()
