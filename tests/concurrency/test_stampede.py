"""Two hundred people want fifty times at one moment, through HTTP."""

import json
import random
from collections import Counter
from datetime import timedelta
from http.client import HTTPConnection
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from bookings.models import Appointment
from tests.bookings.cast import make_catalogue, make_device, make_location, make_practitioner, make_room

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = ["09:00", "10:30", "12:00", "14:00", "16:00"]  # a room is busy for an hour and a half


def post(address: str, body: dict, **headers) -> tuple[int, dict]:
    web = HTTPConnection(urlsplit(address).netloc, timeout=60)
    try:
        web.request("POST", "/api/v1/bookings/", json.dumps(body), {"Content-Type": "application/json"} | headers)
        answer = web.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        web.close()


def wide_clinic(people: int):
    """So many practitioners, rooms and devices that each practitioner's times are sold on their own."""
    catalogue = make_catalogue()
    location = make_location(days=range(7))
    for n in range(people):
        make_practitioner(f"p{n}", location, [catalogue.pen], days=range(7), lunch=False)
        make_room(f"r{n}", location, [catalogue.pen])
        make_device(f"d{n}", location, [catalogue.pen])
    return location


def starts(days: int, times: list[str]) -> list[str]:
    zone = ZoneInfo("Europe/Istanbul")
    first = timezone.now().astimezone(zone).date() + timedelta(days=3)
    offset = "+03:00"
    return [f"{first + timedelta(days=n)}T{time}:00{offset}" for n in range(days) for time in times]


def test_two_hundred_clients_race_for_fifty_times(together, overlaps, orphans, web):
    wide_clinic(5)
    slots = [(who, start) for who in range(5) for start in starts(2, TIMES)]
    assert len(slots) == 50
    address = web(workers=2)
    wishes = slots * 4
    random.Random(3).shuffle(wishes)

    def wish(who, start):
        body = {"treatment": "pen", "areas": ["face"], "start": start, "practitioner": f"p{who}"}
        return lambda: post(address, body)

    answers = together([wish(*one) for one in wishes])
    assert Counter(status for status, _ in answers) == {201: 50, 409: 150}
    assert {body["code"] for status, body in answers if status == 409} == {"slot_taken"}
    assert Appointment.objects.filter(state="held").count() == 50
    assert (overlaps(), orphans()) == (0, 0)


def test_one_key_sent_fifty_times_books_once(together, web):
    wide_clinic(2)
    address = web(workers=2)
    body = {"treatment": "pen", "areas": ["face"], "start": starts(1, TIMES)[0]}
    answers = together([lambda: post(address, body, **{"Idempotency-Key": "the-same"})] * 50)
    assert {status for status, _ in answers} == {201}
    assert len({answer["id"] for _, answer in answers}) == 1
    assert Appointment.objects.count() == 1
    assert post(address, body | {"areas": ["neck"]}, **{"Idempotency-Key": "the-same"})[0] == 422
