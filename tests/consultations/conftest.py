import pytest
from django.core.management import call_command

from tests.bookings.conftest import clinic, patient  # noqa: F401


@pytest.fixture
def questionnaire(db):
    call_command("load_questionnaire", verbosity=0)
