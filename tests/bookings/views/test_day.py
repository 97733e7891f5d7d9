"""The day: grid, list, numbers, live board, who sees what."""

import datetime as dt

import pytest
import time_machine
from django.test import Client

from bookings.models import Absence, Closure
from bookings.services import lifecycle
from tests.bookings.cast import (
    at,
    confirmed,
    held,
    make_location,
    make_patient,
    make_practitioner,
    make_room,
    pending,
    reserved,
)

DAY = "/desk/2027-03-02/"
PEOPLE = ("ayse", "deniz", "p0", "p1", "p2", "p3")


def text(response):
    return response.content.decode()


def test_visitor_is_led_to_sign_in(clinic):
    response = Client().get("/desk/")
    assert (response.status_code, response.url) == (302, "/staff/sign-in/?next=/desk/")


def test_desk_opens_on_today(desk):
    response = desk.get("/desk/")
    assert response.status_code == 200
    assert "Monday 1 March" in text(response)


def test_a_date_that_does_not_exist_is_not_found(desk):
    assert desk.get("/desk/2027-02-31/").status_code == 404


def test_grid_shows_each_state_by_word(desk, clinic):
    confirmed("2027-03-02 09:00", "consult", patient=make_patient("Elif Aydın"))
    reserved("2027-03-02 11:00", "consult", patient=make_patient("Maria Lopez"))
    held("2027-03-02 15:00", "consult", now=at("2027-03-01 09:58"))
    page = text(desk.get(DAY))
    for word in (
        "Elif Aydın",
        "Confirmed",
        "Maria Lopez",
        "Form due",
        "Somebody booking online",
        "Held",
        "until 10:08",
    ):
        assert word in page
    assert "is-reserved" in page


def test_a_hold_that_ran_out_is_not_shown(desk, clinic):
    held("2027-03-02 15:00", "consult", now=at("2027-03-01 09:40"))
    assert "Somebody booking online" not in text(desk.get(DAY))


def test_numbing_and_turnaround_are_phases_of_the_block(desk, clinic):
    confirmed("2027-03-02 10:00", "pen")
    page = text(desk.get(DAY))
    assert '<span class="phase numbing gh-6">' in page
    assert '<span class="phase turnaround gh-3">' in page
    assert "gs-12 ge-30" in page


def test_free_half_hours_lead_to_quick_create(desk, clinic):
    assert "/desk/new/?practitioner=ayse&amp;date=2027-03-02&amp;time=09:30" in text(desk.get(DAY))


def test_absence_and_closure_leave_nothing_free(desk, clinic):
    Absence.objects.create(resource=clinic.ayse, starts_at=at("2027-03-02 00:00"), ends_at=at("2027-03-03 00:00"))
    assert "practitioner=ayse" not in text(desk.get(DAY))
    Closure.objects.create(
        location=clinic.location, date_from=dt.date(2027, 3, 2), date_to=dt.date(2027, 3, 2), reason="Painting"
    )
    page = text(desk.get(DAY))
    assert "The clinic is closed on this day: Painting." in page
    assert "practitioner=deniz" not in page


def test_rooms_and_devices_are_added_on_request_and_remembered(desk, clinic):
    assert "Room-1" not in text(desk.get(DAY))
    page = text(desk.get(DAY + "?columns=all"))
    assert "Room-1" in page
    assert "Pen-1" in page
    assert "Room-1" in text(desk.get(DAY))


def test_list_on_request_and_by_default_on_a_phone(desk, clinic):
    confirmed("2027-03-02 10:00", "pen")
    assert 'class="agenda"' in text(desk.get(DAY + "?view=list"))
    desk.cookies.clear()
    desk.force_login(desk.user)
    assert 'class="agenda"' in text(desk.get(DAY, HTTP_USER_AGENT="Phone Mobi"))
    assert 'class="day-grid' in text(desk.get(DAY))


def test_density_is_a_choice(desk, clinic):
    assert 'data-density="comfortable"' in text(desk.get(DAY + "?density=comfortable"))
    assert 'data-density="comfortable"' in text(desk.get(DAY + "?density=nonsense"))


def test_cancelled_visits_are_hidden_until_asked(desk, clinic):
    visit = confirmed("2027-03-02 10:00", patient=make_patient("Sarah Khan"))
    lifecycle.cancel(visit, reason="patient")
    assert "Sarah Khan" not in text(desk.get(DAY))
    assert "Sarah Khan" in text(desk.get(DAY + "?cancelled=1"))


def test_numbers_count_who_is_here_who_waits_and_who_needs_review(desk, clinic):
    lifecycle.check_in(confirmed("2027-03-02 09:00", "consult"))
    lifecycle.start_treatment(lifecycle.check_in(confirmed("2027-03-02 11:00", "consult")))
    pending("2027-03-02 15:00", "consult")
    numbers = desk.get(DAY).context["numbers"]
    assert numbers == {"booked": 3, "arrived": 2, "waiting": 1, "review": 1}


@pytest.mark.parametrize("view", ["grid", "list"])
def test_query_count_is_the_same_for_one_and_thirty(desk, clinic, view, django_assert_num_queries):
    offered = [clinic.consult]
    for number in range(4):
        make_practitioner(f"p{number}", clinic.location, offered)
        make_room(f"r{number}", clinic.location, offered)
    confirmed("2027-03-02 09:00", "consult")
    desk.get(DAY)
    with django_assert_num_queries(13):
        desk.get(f"{DAY}?view={view}&columns=all")
    slots = [f"2027-03-02 {hour:02}:00" for hour in (10, 11, 12, 14, 15)]
    made = [confirmed(slot, "consult", practitioner=who) for slot in slots for who in PEOPLE]
    assert len(made) == 30
    desk.get(DAY)
    with django_assert_num_queries(13):
        assert text(desk.get(f"{DAY}?view={view}&columns=all")).count('href="/desk/a/') >= 30


def test_board_answers_only_when_something_changed(desk, clinic):
    visit = confirmed("2027-03-02 10:00")
    version = desk.get(DAY).context["version"]
    fresh = f"{DAY}?part=board&v={version}"
    assert f"{DAY}?&amp;part=board&amp;v={version}" in text(desk.get(DAY))
    assert desk.get(fresh).status_code == 204
    lifecycle.check_in(visit)
    response = desk.get(fresh)
    assert response.status_code == 200
    assert text(response).lstrip().startswith('<div id="board"')
    assert 'id="day-numbers" hx-swap-oob="true"' in text(response)


def test_polling_does_not_keep_anybody_signed_in(desk, clinic):
    with time_machine.travel(at("2027-03-01 10:00"), tick=False) as clock:
        desk.get(DAY)
        for _minute in range(20):
            clock.shift(60)
            response = desk.get(f"{DAY}?part=board&v=", HTTP_X_PASSIVE="1")
        assert response.status_code == 302


def test_a_visit_can_be_opened_beside_the_day_without_scripts(desk, clinic):
    visit = confirmed("2027-03-02 10:00", patient=make_patient("Nour El-Sayed"))
    assert f'data-visit="{visit.pk}"' in text(desk.get(f"{DAY}?open={visit.pk}"))
    assert desk.get(f"{DAY}?open=nonsense").status_code == 200


def test_practitioner_sees_their_own_column_only(ayse, clinic):
    confirmed("2027-03-02 10:00", "consult", practitioner="ayse", patient=make_patient("Own Patient"))
    confirmed("2027-03-02 10:00", "consult", practitioner="deniz", patient=make_patient("Other Patient"))
    page = text(ayse.get(DAY))
    assert "Own Patient" in page
    assert "Other Patient" not in page
    assert "Deniz" not in page


def test_owner_reads_and_is_offered_no_change(owner, clinic):
    confirmed("2027-03-02 10:00", patient=make_patient("Thomas Brown"))
    page = text(owner.get(DAY))
    assert "Thomas Brown" in page
    assert "/desk/new/" not in page


def test_several_locations_can_be_switched(desk, clinic):
    other = make_location("besiktas")
    make_practitioner("zoe", other, [clinic.consult])
    page = text(desk.get(DAY))
    assert "?location=besiktas" in page
    assert "Zoe" not in page
    assert "Zoe" in text(desk.get(DAY + "?location=besiktas"))


def test_sheet_has_times_names_and_rooms_and_no_treatment(desk, clinic):
    confirmed("2027-03-02 10:00", "pen", patient=make_patient("Emily Clarke"))
    page = text(desk.get(DAY + "sheet/"))
    for word in ("Emily Clarke", "10:00", "11:15", "Ayse"):
        assert word in page
    assert "pen" not in page.split("day-sheet")[1].split("</table>")[0]


def test_week_of_one_practitioner(desk, clinic):
    confirmed("2027-03-02 10:00", practitioner="ayse", patient=make_patient("Emily Clarke"))
    page = text(desk.get("/desk/week/ayse/2027-03-04/"))
    assert "Emily Clarke" in page
    assert "Emily Clarke" not in text(desk.get("/desk/week/deniz/2027-03-04/"))
    assert desk.get("/desk/week/nobody/2027-03-04/").status_code == 404
