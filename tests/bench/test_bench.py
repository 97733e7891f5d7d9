"""What is measured is what is meant: the floor's answers equal the product's, and the watched acts still act."""

import json
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.test import Client, override_settings

from bench import acts, availability, data
from bench.explain import split
from bookings.models import Appointment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def filled():
    """A clinic of the bench's kind with its coming days nearly full."""
    location = data.make_clinic()
    data.Filler(location, people=400).fill(date.today() + timedelta(days=1), 320, a_day=64)
    return location


def answer(path: str) -> bytes:
    got = Client().get(path)
    assert got.status_code == 200
    return got.content


@override_settings(ROOT_URLCONF="bench.urls")
def test_the_floor_gives_the_starts_of_the_product_where_practitioners_alone_decide(filled):
    first = date.today() + timedelta(days=1)
    asked = f"{availability.ASKED}&from={first}&to={first + timedelta(days=9)}"
    people = f"&people={availability.people()}"
    floor = availability.starts(answer(availability.FLOOR + asked + people))
    usual = availability.starts(answer(availability.API + asked))
    assert usual < floor
    with availability.to_spare():
        assert availability.starts(answer(availability.API + asked)) == floor
        assert availability.starts(answer(availability.COLD + asked)) == floor
    assert availability.starts(answer(availability.API + asked)) == usual
    assert json.loads(answer(availability.API + asked))["timezone"] == "Europe/Istanbul"


def test_every_watched_act_acts_and_leaves_nothing(filled):
    before = Appointment.objects.count()
    names = []
    for name, act in acts.acts():
        with transaction.atomic():
            act()
            transaction.set_rollback(True)
        names.append(name)
    assert len(names) == len(set(names)) > 25
    assert Appointment.objects.count() == before


def test_statements_are_parted_at_semicolons_outside_of_quotes():
    assert split("SET x = ';'; SELECT 1;\n") == ["SET x = ';'", "SELECT 1"]
