"""Three people at the desk, on the cast's Monday at ten o'clock in Istanbul."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.test import Client

from clinic.messaging import limits
from clinic.people.models import User
from tests.bookings.cast import NOW

TEN = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _monday_at_ten():
    with time_machine.travel(TEN, tick=False):
        yield


def signed_in(role: str, **fields) -> Client:
    user = User.objects.create_user(f"{role}@clinic.example", "a long enough word", name=role.title(), role=role)
    client = Client()
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def desk(clinic):
    return signed_in("desk")


@pytest.fixture
def owner(clinic):
    return signed_in("owner")


@pytest.fixture
def ayse(clinic):
    """The practitioner Ayse at her own account."""
    client = signed_in("practitioner")
    clinic.ayse.practitioner.user = client.user
    clinic.ayse.practitioner.save()
    return client


@pytest.fixture
def htmx():
    return {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "visit"}


@pytest.fixture(autouse=True)
def _nothing_is_remembered_from_another_test(monkeypatch):
    """What pages ask every 15 seconds is asked by the first page of a test and by no later one, however slow it is."""
    limits.forget_remembered()
    monkeypatch.setattr(limits, "time", SimpleNamespace(monotonic=lambda: 1.0))
    yield
    limits.forget_remembered()
