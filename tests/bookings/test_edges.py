"""Where time is awkward: the nights on which clocks change, nights, leap days, hours off the grid, edges that touch."""

from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import translation

from bookings.forms import BookForm, MoveForm
from bookings.models import Absence, Appointment, Closure, OpeningHours, WorkingHours
from bookings.selectors import free_starts, nearest_starts, why_not
from bookings.services import holds, lifecycle, moves
from bookings.states import State
from bookings.views.times import as_times
from clinic.dates import clock, instants_of, say
from clinic.messaging.wording.texts import variables
from clinic.people.models import User
from consultations.views.times import nearest as nearest_buttons
from consultations.views.times import time_page
from tests.bookings.cast import (
    NOW,
    at,
    make_catalogue,
    make_device,
    make_location,
    make_patient,
    make_practitioner,
    make_room,
    plan,
)

pytestmark = pytest.mark.django_db
BERLIN, NEW_YORK, ISTANBUL = "Europe/Berlin", "America/New_York", "Europe/Istanbul"
FORWARD, BACK = date(2027, 3, 28), date(2027, 10, 31)
API = "/api/v1/availability/?treatment=peel&areas=face"


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(NOW, tick=False):
        yield


def open_at(zone: str, opens: int = 0, closes: int = 24, **changes) -> SimpleNamespace:
    """One practitioner, room and device, there whenever the clinic is open; every day, two years ahead."""
    catalogue = make_catalogue()
    everything = [catalogue.pen, catalogue.peel]
    location = make_location(zone=zone, days=range(7), opens=opens, closes=closes)
    for name, value in ({"horizon_days": 800} | changes).items():
        setattr(location, name, value)
    location.save()
    return SimpleNamespace(
        location=location,
        who=make_practitioner("ayse", location, everything, days=range(7), lunch=False),
        room=make_room("room-1", location, everything),
        device=make_device("pen-1", location, [catalogue.pen]),
    )


def starts(first: date, last: date | None = None, modality: str = "peel", **wish) -> list[datetime]:
    return free_starts(plan=plan(modality), first=first, last=last or first, now=NOW, **wish).starts


def clocks(found: list[datetime]) -> list[str]:
    return [f"{one:%H:%M}" for one in found]


# A peel needs its room for 45 minutes, starts lie 15 apart: in h hours there are 4h - 2.


@pytest.mark.parametrize(
    ("zone", "day", "count"),
    [
        (BERLIN, date(2027, 3, 27), 22),
        (BERLIN, FORWARD, 18),
        (BERLIN, BACK, 26),
        (NEW_YORK, date(2027, 3, 14), 18),
        (NEW_YORK, date(2027, 11, 7), 26),
        (NEW_YORK, FORWARD, 22),
        (ISTANBUL, FORWARD, 22),
        (ISTANBUL, BACK, 22),
    ],
)
def test_a_clinic_open_from_midnight_to_six(zone, day, count):
    open_at(zone, 0, 6)
    found = starts(day)
    assert len(found) == count
    assert len({one.timestamp() for one in found}) == count
    assert found[0].hour == 0
    assert f"{found[-1]:%H:%M}" == "05:15"


@pytest.mark.parametrize(
    ("zone", "day", "night", "evening"),
    [
        (BERLIN, date(2027, 3, 27), 14, 8),
        (BERLIN, FORWARD, 10, 8),
        (BERLIN, BACK, 18, 8),
        (NEW_YORK, date(2027, 3, 14), 10, 8),
        (NEW_YORK, date(2027, 11, 7), 18, 8),
        (ISTANBUL, BACK, 14, 8),
    ],
)
def test_a_clinic_open_from_ten_in_the_evening_to_four(zone, day, night, evening):
    """Of the night before there is what lies after midnight, of the day's own night what begins before it."""
    open_at(zone, 22, 4)
    found = starts(day)
    assert len([one for one in found if one.hour < 12]) == night
    assert len([one for one in found if one.hour >= 12]) == evening
    assert clocks(found)[night - 1] == "03:15"
    assert clocks(found)[night:] == [f"{hour}:{minute:02}" for hour in (22, 23) for minute in (0, 15, 30, 45)]


@pytest.mark.parametrize(
    ("day", "count"), [(date(2027, 3, 27), 96), (FORWARD, 92), (BACK, 100), (date(2028, 2, 29), 96)]
)
def test_a_clinic_that_never_closes(day, count):
    open_at(BERLIN, 0, 24)
    found = starts(day)
    assert len(found) == count
    steps = {after.timestamp() - before.timestamp() for before, after in zip(found, found[1:], strict=False)}
    assert steps == {900}


def test_the_hour_that_does_not_exist_is_never_offered():
    open_at(BERLIN, 0, 6)
    found = starts(FORWARD)
    assert [one for one in clocks(found) if one.startswith("02")] == []
    assert clocks(found)[6:10] == ["01:30", "01:45", "03:00", "03:15"]
    assert found[8].timestamp() - found[7].timestamp() == 900


@pytest.mark.parametrize(
    ("opens", "closes", "count"),
    [(time(2, 30), time(6), 10), (time(0), time(2, 30), 6), (time(2), time(2, 45), 0)],
)
def test_hours_that_begin_or_end_in_the_hour_that_does_not_exist(opens, closes, count):
    """A reading that is skipped is the moment of the jump: open from three, or until two."""
    clinic = open_at(BERLIN)
    OpeningHours.objects.filter(location=clinic.location).update(opens=opens, closes=closes)
    assert len(starts(FORWARD)) == count


@pytest.mark.parametrize(
    ("opens", "closes", "first", "last"),
    [
        (time(2, 30), time(6), "02:30+0100", "05:15+0100"),
        (time(0), time(2, 30), "00:00+0200", "01:45+0200"),
        (time(2), time(3), "02:00+0100", "02:15+0100"),
    ],
)
def test_hours_that_begin_or_end_in_the_hour_that_comes_twice(opens, closes, first, last):
    """The shorter way to read them: opening counts the second time, closing the first."""
    clinic = open_at(BERLIN)
    OpeningHours.objects.filter(location=clinic.location).update(opens=opens, closes=closes)
    found = starts(BACK)
    assert (f"{found[0]:%H:%M%z}", f"{found[-1]:%H:%M%z}") == (first, last)


def test_a_closed_day_of_25_hours_is_closed_for_all_of_them():
    clinic = open_at(BERLIN)
    Closure.objects.create(location=clinic.location, date_from=BACK, date_to=BACK)
    assert starts(BACK) == []
    around = starts(BACK - timedelta(days=1), BACK + timedelta(days=1))
    assert clocks(around)[93:95] == ["23:15", "00:00"]
    assert around[94].timestamp() - around[93].timestamp() == (25 * 60 + 45) * 60


# The API


def test_the_api_tells_the_two_half_past_twos_apart_and_books_each(client):
    clinic = open_at(BERLIN, 0, 6)
    [day] = client.get(f"{API}&from={BACK}&to={BACK}").json()["days"]
    assert len(day["starts"]) == len(set(day["starts"])) == 26
    twice = [one for one in day["starts"] if "T02:30" in one]
    assert twice == ["2027-10-31T02:30:00+02:00", "2027-10-31T02:30:00+01:00"]
    made = [
        client.post(
            "/api/v1/bookings/",
            {"treatment": "peel", "areas": ["face"], "start": one},
            content_type="application/json",
        )
        for one in twice
    ]
    assert [one.status_code for one in made] == [201, 201]
    assert [one.json()["start"] for one in made] == twice
    rows = Appointment.objects.order_by("start")
    assert [(row.start, row.end) for row in rows] == [
        (datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 1, 15, tzinfo=UTC)),
        (datetime(2027, 10, 31, 1, 30, tzinfo=UTC), datetime(2027, 10, 31, 2, 15, tzinfo=UTC)),
    ]
    again = client.post(
        "/api/v1/bookings/",
        {"treatment": "peel", "areas": ["face"], "start": twice[0], "practitioner": clinic.who.slug},
        content_type="application/json",
    )
    assert (again.status_code, again.json()["code"]) == (409, "slot_taken")


def test_the_api_refuses_a_local_time_without_offset_and_takes_any_offset(client):
    open_at(BERLIN, 0, 6)
    body = {"treatment": "peel", "areas": ["face"]}
    bare = client.post("/api/v1/bookings/", body | {"start": "2027-10-31T02:30:00"}, content_type="application/json")
    assert bare.status_code == 400
    elsewhere = client.post(
        "/api/v1/bookings/", body | {"start": "2027-10-30T21:30:00-04:00"}, content_type="application/json"
    )
    assert elsewhere.status_code == 201
    assert elsewhere.json()["start"] == "2027-10-31T02:30:00+01:00"


@pytest.mark.parametrize("day", [date(2027, 3, 31), date(2027, 2, 28), date(2028, 2, 29), date(2027, 12, 31)])
def test_a_visit_may_begin_on_the_last_evening_of_the_month_and_end_in_the_next(client, day):
    with time_machine.travel(NOW - timedelta(days=10), tick=False):
        open_at(BERLIN, 0, 24)
        [alone] = client.get(f"{API}&from={day}&to={day}").json()["days"]
        longer = client.get(f"{API}&from={day - timedelta(days=3)}&to={day + timedelta(days=3)}").json()["days"]
    assert alone["starts"][-1][:16] == f"{day}T23:45"
    assert [one for one in longer if one["date"] == day.isoformat()] == [alone]
    assert len(longer) == 7


def test_the_last_day_that_can_be_booked_is_whole_and_the_next_is_not():
    clinic = open_at(BERLIN, 0, 24, horizon_days=27, step_minutes=5)  # the 28th of March, of 23 hours
    assert clinic.location.horizon_days == 27
    assert len(starts(FORWARD)) == 276
    assert starts(FORWARD + timedelta(days=1)) == []


# What is written down


@pytest.mark.parametrize("day", [FORWARD, BACK])
@pytest.mark.parametrize("hour", [0, 1, 2, 3])
def test_a_visit_lasts_as_long_as_it_lasts_on_the_nights_the_clock_changes(day, hour):
    """Ninety minutes by any clock, however the start was given."""
    open_at(BERLIN, 0, 6)
    [start, *_] = [one for one in starts(day, modality="pen") if one.hour >= hour]
    assert start.tzinfo == ZoneInfo(BERLIN)
    row = holds.hold_slot(plan=plan("pen"), start=start, now=NOW)
    row.refresh_from_db()
    phases = (row.start, row.treatment_start, row.treatment_end, row.end)
    assert [(one - row.start) // timedelta(minutes=1) for one in phases] == [0, 30, 75, 90]
    assert row.start.timestamp() == start.timestamp()
    other = [one for one in starts(day, modality="pen") if one.timestamp() >= row.end.timestamp()][0]
    moved = moves.move(row, start=other, now=NOW)
    moved.refresh_from_db()
    assert (moved.start.timestamp(), moved.end - moved.start) == (other.timestamp(), timedelta(minutes=90))


def test_moving_to_the_same_time_in_the_hour_that_comes_twice_changes_nothing_and_to_its_twin_moves():
    open_at(BERLIN, 0, 6)
    first, second = instants_of(BACK, time(2, 30), ZoneInfo(BERLIN))
    row = holds.hold_slot(plan=plan("peel"), start=first, now=NOW)
    assert moves.move(row, start=first, now=NOW).version == 1
    moved = moves.move(row, start=second, now=NOW)
    assert (moved.version, moved.start.isoformat()) == (2, "2027-10-31T01:30:00+00:00")


def test_the_nearest_times_are_near_by_the_sun_not_by_the_clock():
    open_at(BERLIN, 0, 6)
    first, second = instants_of(BACK, time(2, 30), ZoneInfo(BERLIN))
    found = nearest_starts(plan=plan("peel"), start=second, count=3, now=NOW)
    assert [one.isoformat()[11:] for one in found] == ["02:15:00+01:00", "02:30:00+01:00", "02:45:00+01:00"]
    holds.hold_slot(plan=plan("peel"), start=second, now=NOW)
    found = nearest_starts(plan=plan("peel"), start=first, count=4, now=NOW)
    assert [one.isoformat()[11:16] for one in found] == ["02:00", "02:15", "02:30", "02:45"]
    assert [one.timestamp() for one in found] == sorted(one.timestamp() for one in found)


# What is typed and shown


def test_a_reading_is_one_moment_or_none_or_two():
    zone = ZoneInfo(BERLIN)
    assert instants_of(FORWARD, time(2, 30), zone) == []
    assert [one.isoformat() for one in instants_of(FORWARD, time(3), zone)] == ["2027-03-28T03:00:00+02:00"]
    both = instants_of(BACK, time(2, 30), zone)
    assert [one.isoformat()[19:] for one in both] == ["+02:00", "+01:00"]
    assert [clock(one) for one in both] == ["02:30 (CEST)", "02:30 (CET)"]
    assert [clock(one) for one in instants_of(BACK, time(3), zone)] == ["03:00"]
    assert clock(at("2027-10-31 02:30")) == "02:30"
    assert say(both[1], "D j M, H:i") == "Sun 31 Oct, 02:30 (CET)"


def typed(form, day: date, hour: str):
    extra = {"people": [], "zone": ZoneInfo(BERLIN)}
    if form is BookForm:
        extra |= {"catalogue": [], "locations": []}
    filled = form({"date": day.isoformat(), "time": hour, "practitioner": ""}, **extra)
    filled.is_valid()
    return filled


@pytest.mark.parametrize(("form", "place"), [(MoveForm, "time"), (BookForm, "start")])
def test_a_typed_time_that_does_not_exist_is_refused_at_its_field(form, place):
    filled = typed(form, FORWARD, "02:30")
    assert filled.wanted is None
    assert filled.errors[place] == ["The clocks skip 02:30 on that day. Choose another time."]


@pytest.mark.parametrize(("form", "place"), [(MoveForm, "time"), (BookForm, "start")])
def test_a_typed_time_that_comes_twice_is_asked_about(form, place):
    filled = typed(form, BACK, "02:30")
    assert filled.wanted is None
    assert filled.errors[place] == [
        "02:30 comes twice on that day: 02:30 (CEST), then 02:30 (CET). Choose one of the free times."
    ]
    assert typed(form, BACK, "03:00").wanted == datetime(2027, 10, 31, 2, 0, tzinfo=UTC)
    assert place not in typed(form, BACK, "03:00").errors


def desk_client() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("desk@clinic.example", "a long enough word", name="D", role="desk"))
    return client


def test_the_desk_moves_into_either_of_the_two_and_never_into_the_gap():
    open_at(BERLIN, 0, 6)
    desk = desk_client()
    row = lifecycle.reserve(
        holds.hold_slot(plan=plan("peel"), start=at("2027-10-30 02:30", BERLIN), now=NOW),
        patient=make_patient(),
        now=NOW,
    )
    url = reverse("desk:move", args=[row.pk])
    for day, words in ((FORWARD, "The clocks skip 02:30"), (BACK, "02:30 comes twice on that day")):
        refused = desk.post(url, {"date": day.isoformat(), "time": "02:30", "practitioner": ""})
        assert refused.status_code == 422
        assert words in refused.content.decode()
        assert 'value="02:30"' in refused.content.decode()
    offered = [one for group in refused.context["groups"] for one in group["times"]]
    twice = {one["text"]: one["value"] for one in offered if one["text"].startswith("02:30")}
    assert twice == {
        "02:30 (CEST)": "2027-10-31T02:30:00+02:00",
        "02:30 (CET)": "2027-10-31T02:30:00+01:00",
    }
    assert desk.post(url, {"date": BACK.isoformat(), "start": twice["02:30 (CET)"]}).status_code in (200, 302)
    row.refresh_from_db()
    assert row.start == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_no_two_times_on_a_page_read_alike(rf):
    clinic = open_at(BERLIN, 0, 6)
    page = time_page(plan=plan("peel"), location=clinic.location, day=BACK, url_for=lambda day: f"?day={day}")
    shown = [one for group in page["groups"] for one in group["times"]]
    assert len(shown) == 26
    for what in ("text", "label", "value"):
        assert len({one[what] for one in shown}) == 26
    assert [one["text"] for one in shown if one["text"].startswith("02:30")] == ["02:30 (CEST)", "02:30 (CET)"]
    assert [one["label"] for one in shown][10] == "02:30 (CEST), Sunday 31 October"
    found = starts(BACK)
    assert len({one["text"] for one in as_times(found)}) == 26
    assert len({one["label"] for one in as_times(found, with_day=True)}) == 26
    assert len({one["text"] for one in nearest_buttons([one.isoformat() for one in found], clinic.location)}) == 26


def test_the_time_that_is_kept_is_marked_in_the_hour_that_comes_twice_too():
    clinic = open_at(BERLIN, 0, 6)
    row = holds.hold_slot(plan=plan("peel"), start=instants_of(BACK, time(2, 30), ZoneInfo(BERLIN))[1], now=NOW)
    row.refresh_from_db()
    page = time_page(plan=plan("peel"), location=clinic.location, day=BACK, url_for=str, mine=row.start, ignore=row.pk)
    marked = [one["value"] for group in page["groups"] for one in group["times"] if one["mine"]]
    assert marked == ["2027-10-31T02:30:00+01:00"]


@pytest.mark.parametrize("language", ["en", "tr", "es", "ar"])
def test_a_message_says_which_of_the_two_it_means(language):
    facts = {"timezone": BERLIN, "start": "2027-10-31T00:30:00+00:00", "deadline": "2027-10-31T01:30:00+00:00"}
    with translation.override(language):
        said = variables(language, facts)
    assert said["time"] == "02:30 (CEST)"
    assert said["by"].endswith("02:30 (CET)")


def test_the_named_offset_is_that_of_the_day_shown():
    clinic = open_at(BERLIN, 9, 18)
    for day, offset in ((date(2027, 3, 5), "GMT+1"), (date(2027, 6, 1), "GMT+2"), (date(2027, 12, 1), "GMT+1")):
        page = time_page(plan=plan("peel"), location=clinic.location, day=day, url_for=str)
        assert page["zone"] == {"city": "Berlin", "offset": offset}


# Leap days and months


def test_the_leap_day_is_a_day_like_others():
    open_at(BERLIN, 9, 18)
    day = date(2028, 2, 29)
    assert len(starts(day)) == 34
    assert [len(starts(one)) for one in (day - timedelta(days=1), day + timedelta(days=1))] == [34, 34]
    row = reserved_at("2028-02-29 10:00")
    assert row.start == datetime(2028, 2, 29, 9, 0, tzinfo=UTC)


def reserved_at(text: str, modality: str = "peel", patient=None):
    row = holds.hold_slot(plan=plan(modality), start=at(text, BERLIN), now=NOW)
    return lifecycle.reserve(row, patient=patient or make_patient(), now=NOW)


@pytest.mark.parametrize(
    ("visit", "first"),
    [
        ("2028-02-01 10:00", date(2028, 2, 29)),
        ("2028-02-02 10:00", date(2028, 3, 1)),
        ("2028-02-29 10:00", date(2028, 3, 28)),
        ("2027-02-01 10:00", date(2027, 3, 1)),
        ("2027-10-03 10:00", date(2027, 10, 31)),
        ("2027-12-31 10:00", date(2028, 1, 28)),
    ],
)
def test_28_days_are_28_local_days_over_leap_days_month_ends_and_changes_of_the_clock(visit, first):
    with time_machine.travel(NOW - timedelta(days=60), tick=False):
        open_at(BERLIN, 9, 18)
        patient = make_patient()
        now = NOW - timedelta(days=60)
        row = holds.hold_slot(plan=plan("pen"), start=at(visit, BERLIN), now=now)
        lifecycle.reserve(row, patient=patient, now=now)
        wish = {"plan": plan("pen"), "patient_id": patient.pk, "now": now}
        day = at(visit, BERLIN).date()
        after = free_starts(first=day, last=day + timedelta(days=40), **wish).days
        before = free_starts(first=day - timedelta(days=28), last=day, **wish).days
    assert next(one for one, found in after.items() if found) == first == day + timedelta(days=28)
    assert [one for one, found in before.items() if found] == [day - timedelta(days=28)]


def test_a_day_from_which_it_is_possible_may_be_a_leap_day():
    open_at(BERLIN, 0, 24)
    day = date(2028, 2, 29)
    found = free_starts(plan=plan("peel"), first=day - timedelta(days=1), last=day, bookable_from=day, now=NOW).days
    assert [len(one) for one in found.values()] == [0, 96]


# Off the grid, and edges that touch


def test_hours_off_the_grid_are_rounded_inwards_and_absences_outwards():
    clinic = open_at(BERLIN, 9, 18, step_minutes=5)
    OpeningHours.objects.filter(location=clinic.location).update(opens=time(9, 2), closes=time(17, 58))
    day = date(2027, 5, 4)
    found = clocks(starts(day))
    assert (found[0], found[-1]) == ("09:05", "17:10")  # 45 minutes end at 17:55
    Absence.objects.create(
        resource=clinic.who, starts_at=at("2027-05-04 11:58", BERLIN), ends_at=at("2027-05-04 13:02", BERLIN)
    )
    found = clocks(starts(day))
    assert [one for one in found if "11:20" <= one <= "13:10"] == ["11:20", "11:25", "13:05", "13:10"]


@pytest.mark.parametrize(("opens", "closes"), [(time(9, 2), time(17, 58)), (time(9, 4, 59), time(17, 55, 1))])
def test_a_practitioners_hours_off_the_grid_are_rounded_inwards_too(opens, closes):
    clinic = open_at(BERLIN, 0, 24, step_minutes=5)
    WorkingHours.objects.filter(resource=clinic.who).update(starts=opens, ends=closes)
    found = clocks(starts(date(2027, 5, 4)))
    assert (found[0], found[-1]) == ("09:05", "17:25")  # the practitioner is needed for 30 minutes


@pytest.mark.parametrize("late", [timedelta(milliseconds=1), timedelta(milliseconds=400), timedelta(seconds=1)])
def test_an_absence_counts_to_its_last_millisecond_and_from_its_first(late):
    clinic = open_at(BERLIN, 9, 18, step_minutes=5)
    absence = Absence.objects.create(
        resource=clinic.who, starts_at=at("2027-05-04 12:00", BERLIN), ends_at=at("2027-05-04 13:00", BERLIN)
    )
    day = date(2027, 5, 4)
    assert {"11:30", "13:00"} <= set(clocks(starts(day)))
    assert not {"11:35", "12:55"} & set(clocks(starts(day)))
    absence.ends_at += late
    absence.save()
    assert "13:00" not in clocks(starts(day))
    absence.starts_at -= late
    absence.save()
    assert "11:30" not in clocks(starts(day))


def test_two_stretches_that_meet_off_the_grid_are_one():
    clinic = open_at(BERLIN, 9, 18)
    OpeningHours.objects.filter(location=clinic.location).update(opens=time(9), closes=time(12, 7))
    for weekday in range(7):
        OpeningHours.objects.create(location=clinic.location, weekday=weekday, opens=time(12, 7), closes=time(18))
    assert len(starts(date(2027, 5, 4))) == 34


def test_visits_may_touch_at_either_end():
    open_at(BERLIN, 9, 18)
    day = "2027-05-04"
    rows = [reserved_at(f"{day} {clock_}") for clock_ in ("11:00", "11:45", "10:15")]
    assert len({row.room_id for row in rows}) == 1
    ends = sorted((row.start, row.end) for row in rows)
    assert ends[0][1] == ends[1][0]
    assert ends[1][1] == ends[2][0]
    for taken in ("10:30", "11:15", "10:00", "12:00"):
        assert [one.code for one in why_not(plan=plan("peel"), start=at(f"{day} {taken}", BERLIN), now=NOW)] != []


def test_the_same_person_may_come_again_the_moment_their_visit_is_over():
    """The patient is free when the treatment ends; the room is turned over without them."""
    clinic = open_at(BERLIN, 9, 18)
    make_room("room-2", clinic.location, [plan("peel").modality])
    patient = make_patient()
    first = reserved_at("2027-05-04 10:00", patient=patient)
    wish = {"plan": plan("peel", "neck"), "patient_id": patient.pk, "now": NOW}
    codes = [
        [one.code for one in why_not(start=at(f"2027-05-04 {start}", BERLIN), **wish)]
        for start in ("09:30", "09:45", "10:15", "10:30")
    ]
    assert codes == [[], ["patient_busy", "practitioner_taken"], ["patient_busy", "practitioner_taken"], []]
    second = lifecycle.reserve(
        holds.hold_slot(plan=wish["plan"], start=at("2027-05-04 10:30", BERLIN), now=NOW), patient=patient, now=NOW
    )
    assert second.state == State.RESERVED
    assert second.start == first.treatment_end


def test_notice_ends_to_the_minute(client):
    open_at(ISTANBUL, 0, 24, step_minutes=5)
    now = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
    for late, first in ((0, "11:00"), (1, "11:05"), (299, "11:05"), (300, "11:05"), (301, "11:10")):
        found = free_starts(
            plan=plan("peel"), first=date(2027, 3, 1), last=date(2027, 3, 1), now=now + timedelta(seconds=late)
        )
        assert clocks(found.starts)[0] == first
