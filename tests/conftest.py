"""What every test may use. Rate limits are on unless a test turns them off."""

import pytest
import time_machine
from django.utils import timezone, translation
from hypothesis import HealthCheck, settings

from clinic.embedded.assets import compile_translations, translation_folders
from clinic.messaging import limits
from clinic.messaging.wording import editions
from consultations.questionnaire import load
from treatments import catalogue

# How fast examples are made says how busy the machine is, nothing about the product.
settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")


def pytest_sessionstart(session):
    """Texts are said in their own language; without this a fresh checkout would say everything in English."""
    compile_translations(translation_folders())


@pytest.fixture(scope="session")
def content():
    """The catalogue's files, read once."""
    return catalogue.read()


@pytest.fixture(scope="session")
def shipped():
    """The questionnaire's files, read once."""
    return load()


@pytest.fixture(autouse=True)
def _plain_static(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture(autouse=True)
def _nothing_edited():
    """Every test begins as a process that has just seen that the clinic changed nothing: no text, no moment."""
    limits.forget_remembered()
    for name in editions.MEMORIES:
        limits.remember(name, {}, seconds=600)
    yield
    limits.forget_remembered()


@pytest.fixture(autouse=True)
def _in_english():
    """The language of a page that an earlier test opened stays on the thread."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _database_clock(monkeypatch):
    """Under a moved clock PostgreSQL's moves along: holds and due messages are judged by the database's own."""
    from bookings import clock
    from clinic.messaging import clock as outbox_clock

    real = clock.database_now
    moved = time_machine.escape_hatch.is_travelling
    monkeypatch.setattr(clock, "database_now", lambda read=None: timezone.now() if moved() else real(read))
    monkeypatch.setattr(outbox_clock, "given", lambda now: now or (timezone.now() if moved() else None))


@pytest.fixture(autouse=True)
def _private_files(settings, tmp_path):
    settings.PRIVATE_FILES_DIR = tmp_path / "private"
