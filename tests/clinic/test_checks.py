"""Production refuses what is unsafe, naming the variable."""

import pytest

from clinic.checks import production_is_safe


@pytest.fixture
def safe(settings):
    settings.PRODUCTION, settings.DEBUG, settings.DEMO, settings.RATE_LIMITS = True, False, False, True
    settings.MESSAGE_PROVIDER, settings.SECURE, settings.SECRET_KEY = "twilio", True, "x" * 64
    settings.ALLOWED_HOSTS = ["clinic.example"]
    return settings


def test_a_safe_setting_is_accepted(safe):
    assert production_is_safe(None) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", True),
        ("DEMO", True),
        ("RATE_LIMITS", False),
        ("MESSAGE_PROVIDER", "demo"),
        ("SECURE", False),
        ("SECRET_KEY", "short"),
        ("VIDEO_BASE_URL", "http://meet.clinic.example"),
        ("ALLOWED_HOSTS", ["*"]),
    ],
)
def test_each_unsafe_value_is_refused_with_a_hint(safe, name, value):
    setattr(safe, name, value)
    (error,) = production_is_safe(None)
    assert error.hint


def test_a_demo_may_be_anything(settings):
    settings.PRODUCTION = False
    assert production_is_safe(None) == []
