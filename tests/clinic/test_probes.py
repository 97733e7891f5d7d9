"""Probes answer anybody, with numbers only."""

import datetime as dt

import pytest
from django.utils import timezone

from clinic.messaging.models import Heartbeat

pytestmark = pytest.mark.django_db


def test_alive_and_ready(client):
    assert client.get("/livez").content == b"ok"
    assert client.get("/readyz").json() == {"database": "ok"}


def test_status_is_calm_when_nothing_is_due(client):
    Heartbeat.objects.create(component="sweep", at=timezone.now())
    answer = client.get("/statusz")
    assert (answer.status_code, answer.json()["standing_still"]) == (200, False)


def test_status_says_when_the_clock_has_stopped(client):
    Heartbeat.objects.create(component="beat", at=timezone.now() - dt.timedelta(minutes=20))
    assert client.get("/statusz").status_code == 503
