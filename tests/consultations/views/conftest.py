import pytest

from tests.consultations.views.walk import Walk


@pytest.fixture
def walk(client, clinic, questionnaire):
    return Walk(client)
