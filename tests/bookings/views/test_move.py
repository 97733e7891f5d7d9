"""Moving by form: free times from the same engine, refusals in sentences, undo."""

import datetime as dt

from bookings.models import Appointment
from tests.bookings.cast import at, confirmed, make_patient


def url(visit):
    return f"/desk/a/{visit.pk}/move/"


def text(response):
    return response.content.decode()


def start(visit):
    return Appointment.objects.get(pk=visit.pk).start


def test_shows_free_times_of_the_visits_own_day_and_practitioner(desk, clinic):
    visit = confirmed("2027-03-02 10:00", "consult", practitioner="ayse")
    page = text(desk.get(url(visit)))
    assert 'value="2027-03-02T09:00:00+03:00"' in page
    assert 'value="2027-03-02T10:00:00+03:00"' not in page
    assert 'value="2027-03-02T13:15:00+03:00"' not in page
    assert '<option value="ayse" selected>' in page


def test_another_day_and_anyone(desk, clinic):
    visit = confirmed("2027-03-02 10:00", "consult", practitioner="ayse")
    page = text(desk.get(url(visit), {"date": "2027-03-05", "practitioner": ""}))
    assert "Friday 5 March" in page
    assert 'value="2027-03-05T09:00:00+03:00"' in page


def test_a_day_that_is_none_is_said_at_its_field(desk, clinic):
    response = desk.post(url(confirmed()), {"date": "5th of March", "start": ""})
    assert response.status_code == 422
    assert "Type the day as 2027-05-12." in text(response)


def test_one_press_moves_and_the_toast_takes_it_back(desk, clinic, htmx):
    visit = confirmed("2027-03-02 10:00", "consult", practitioner="ayse", patient=make_patient("Omar Haddad"))
    wanted = {"date": "2027-03-03", "practitioner": "ayse", "start": "2027-03-03T11:00:00+03:00"}
    response = desk.post(url(visit), wanted, **htmx)
    assert "Omar Haddad moved to Wed 3 Mar at 11:00." in text(response)
    assert start(visit) == at("2027-03-03 11:00")
    undo = "?start=2027-03-02T07%3A00%3A00%2B00%3A00&amp;practitioner=ayse"
    assert url(visit) + undo in text(response)
    assert desk.post(url(visit) + undo.replace("&amp;", "&"), HTTP_HX_REQUEST="true").status_code == 200
    assert start(visit) == at("2027-03-02 10:00")


def test_a_typed_time_that_is_not_free_says_why_and_offers_the_nearest(desk, clinic):
    confirmed("2027-03-02 14:00", "consult", practitioner="deniz")
    visit = confirmed("2027-03-02 10:00", "consult", practitioner="deniz")
    response = desk.post(url(visit), {"date": "2027-03-02", "practitioner": "deniz", "time": "14:15"})
    assert response.status_code in (409, 422)
    page = text(response)
    assert "Deniz has another patient then." in page
    assert "Closest free times" in page
    assert 'value="14:15"' in page
    assert start(visit) == at("2027-03-02 10:00")


def test_a_closed_day_offers_the_nearest(desk, clinic):
    visit = confirmed("2027-03-06 10:00", "consult", practitioner="ayse")
    page = text(desk.get(url(visit), {"date": "2027-03-07"}))
    assert "Nothing is free on Sunday 7 March" in page
    assert "Closest free times" in page


def test_a_time_without_zone_is_refused(desk, clinic):
    visit = confirmed()
    response = desk.post(url(visit), {"date": "2027-03-03", "start": "2027-03-03T11:00:00"})
    assert response.status_code == 422
    assert start(visit) == visit.start


def test_a_visit_that_has_ended_is_not_moved(desk, clinic):
    visit = confirmed("2027-03-02 10:00", "consult")
    Appointment.objects.filter(pk=visit.pk).update(state="arrived")
    response = desk.post(url(visit), {"date": "2027-03-03", "start": "2027-03-03T11:00:00+03:00"})
    assert response.status_code == 409
    assert "done now" in text(response)


def test_practitioner_moves_in_their_own_diary_only(ayse, clinic):
    visit = confirmed("2027-03-02 10:00", "consult", practitioner="ayse")
    assert '<option value="deniz"' not in text(ayse.get(url(visit)))
    wanted = {"date": "2027-03-03", "practitioner": "deniz", "start": "2027-03-03T11:00:00+03:00"}
    assert ayse.post(url(visit), wanted).status_code == 422


def test_day_of_a_visit_in_another_month_keeps_its_date(desk, clinic):
    visit = confirmed("2027-03-31 10:00", "consult")
    assert desk.get(url(visit), {"date": dt.date(2027, 4, 11).isoformat()}).status_code == 200
