from datetime import datetime, time, timedelta

import pytest

from bookings.models import WorkingHours
from tests.api.conftest import TEN
from tests.bookings import cast

pytestmark = pytest.mark.django_db
WEEK = {"treatment": "pen", "areas": "face", "from": "2027-03-08", "to": "2027-03-14"}


def ask(api, **change):
    asked = {name: value for name, value in (WEEK | change).items() if value is not None}
    return api("get", "/availability/?" + "&".join(f"{name}={value}" for name, value in asked.items()))


def test_every_day_asked_for_is_there_and_sunday_is_empty(clinic, api):
    days = ask(api).body["days"]
    assert [day["date"] for day in days] == [f"2027-03-{n:02}" for n in range(8, 15)]
    assert days[0]["starts"][0] == "2027-03-08T09:00:00+03:00"
    assert [bool(day["starts"]) for day in days] == [True] * 6 + [False]


def test_a_start_that_is_offered_can_be_held(clinic, api, hold):
    offered = ask(api).body["days"][2]["starts"]
    assert hold(offered[-1]).held["start"] == offered[-1]


def test_a_held_time_is_no_longer_offered(clinic, api, hold):
    hold(TEN, practitioner="ayse")
    assert TEN not in ask(api, practitioner="ayse").body["days"][0]["starts"]
    assert TEN in ask(api, practitioner="deniz").body["days"][0]["starts"]


@pytest.mark.parametrize(
    ("first", "last", "offsets"),
    [("2027-03-27", "2027-03-29", ["+01:00", "+02:00"]), ("2027-10-30", "2027-11-01", ["+02:00", "+01:00"])],
)
def test_both_sides_of_a_clock_change_carry_their_own_offset(db, api, time_machine, first, last, offsets):
    clinic = cast.make_clinic(zone="Europe/Berlin", days=range(7))
    WorkingHours.objects.create(resource=clinic.ayse, weekday=6, starts=time(9), ends=time(18))
    time_machine.move_to(datetime.fromisoformat(f"{first}T06:00+00:00") - timedelta(days=9))
    days = ask(api, **{"from": first, "to": last}).body["days"]
    morning = [day["starts"][0] for day in (days[0], days[-1])]
    assert [start[-6:] for start in morning] == offsets
    assert {start[11:16] for start in morning} == {"09:00"}


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"treatment": "magic"}, 404, "unknown_treatment", None),
        ({"treatment": None}, 400, "invalid", "treatment"),
        ({"treatment": "pen%00"}, 400, "invalid", "treatment"),
        ({"areas": "elbow"}, 422, "area_not_offered", "areas"),
        ({"areas": None}, 400, "invalid", "areas"),
        ({"from": "soon"}, 400, "invalid", "from"),
        ({"from": None}, 400, "invalid", "from"),
        ({"to": "2027-03-07"}, 400, "invalid", "to"),
        ({"to": "2027-06-30"}, 400, "invalid", "to"),
        ({"from": "0001-01-01", "to": "2027-03-08"}, 400, "invalid", "from"),
        ({"to": "9999-12-31"}, 400, "invalid", "to"),
        ({"practitioner": "nobody"}, 422, "invalid", "practitioner"),
        ({"location": "nowhere"}, 422, "invalid", "location"),
    ],
)
def test_a_question_that_cannot_be_answered(clinic, api, change, status, code, field):
    answer = ask(api, **change)
    assert (answer.status, answer.code) == (status, code)
    assert answer.fields == ([field] if field else [])


def test_looking_writes_nothing(clinic, api, django_assert_num_queries):
    ask(api)
    with django_assert_num_queries(6) as seen:  # a transaction that has written reads the diaries afresh
        ask(api)
    assert all(query["sql"].lstrip().upper().startswith(("SELECT", "WITH")) for query in seen.captured_queries)
