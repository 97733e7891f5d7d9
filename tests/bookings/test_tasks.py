"""What runs by the clock, what is written for a calendar, and the manage link."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from bookings import links, tasks
from bookings.ical import calendar_file
from bookings.models import HoldTrace, IdempotentRequest
from bookings.selectors import appointment_by_token, day_sheet
from bookings.services import lifecycle
from bookings.services.limits import Caller
from bookings.states import State
from clinic.errors import NotFound
from clinic.messaging.models import Message
from clinic.people.models import Link
from tests.bookings.cast import NOW, at, confirmed, held, reserved

pytestmark = pytest.mark.django_db


def test_the_sweep_ends_holds_and_is_safe_to_run_twice(clinic, time_machine):
    time_machine.move_to(NOW)
    row = held()
    time_machine.move_to(NOW + timedelta(minutes=11))
    assert [tasks.expire_holds(), tasks.expire_holds()] == [1, 0]
    row.refresh_from_db()
    assert row.state == State.LAPSED


def test_the_nightly_heal_brings_back_what_was_lost(clinic, time_machine):
    time_machine.move_to(NOW)
    row = confirmed("2027-04-01 10:00")
    waiting = Message.objects.filter(ref=row.ref, state="pending")
    kinds = sorted(waiting.values_list("kind", "step"))
    Message.objects.filter(ref=row.ref).exclude(kind__startswith="booking_confirmed").delete()
    tasks.plan_messages()
    assert sorted(waiting.all().values_list("kind", "step")) == kinds
    assert tasks.plan_messages() == 0


def test_old_traces_are_forgotten(clinic, time_machine):
    time_machine.move_to(NOW)
    held(caller=Caller(browser="b", address="192.0.2.1"))
    IdempotentRequest.objects.create(key_hash="k", body_hash="b")
    time_machine.move_to(NOW + timedelta(hours=25))
    tasks.plan_messages()
    assert not HoldTrace.objects.exists()
    assert not IdempotentRequest.objects.exists()


def test_a_trace_holds_no_address(clinic):
    held(caller=Caller(browser="b1", address="192.0.2.1"))
    trace = HoldTrace.objects.get()
    assert "192.0.2.1" not in trace.address
    assert len(trace.browser) == len(trace.address) == 32


def test_the_calendar_file_names_no_treatment_and_counts_versions(clinic):
    row = confirmed("2027-03-10 10:00")
    [event] = Calendar.from_ical(calendar_file(row, url="https://clinic.example/b/x/", now=NOW)).walk("VEVENT")
    assert event["dtstart"].dt == at("2027-03-10 10:00")
    assert event["dtend"].dt == row.treatment_end
    assert (event["sequence"], str(event["status"])) == (1, "CONFIRMED")
    assert "pen" not in str(event["summary"]).lower().split()
    row = lifecycle.cancel(row, reason="patient", now=NOW)
    assert b"METHOD:CANCEL" in calendar_file(row, now=NOW)


def test_the_manage_link_opens_its_booking_until_a_day_after(clinic):
    row = confirmed("2027-03-10 10:00")
    token = links.manage_token(row)
    assert len(token) == 43
    assert appointment_by_token(token, now=NOW).pk == row.pk
    with pytest.raises(NotFound):
        appointment_by_token(token, now=row.end + timedelta(hours=24))
    assert links.manage_token(row) == token
    assert not Link.objects.filter(token_hash__contains=token).exists()


def test_after_the_visit_it_opens_for_aftercare(clinic):
    row = confirmed("2027-03-10 10:00")
    for step in (lifecycle.check_in, lifecycle.start_treatment, lifecycle.finish):
        row = step(row, now=at("2027-03-10 11:00"))
    assert appointment_by_token(links.manage_token(row), now=row.end + timedelta(days=14)).pk == row.pk


def test_the_day_sheet_is_in_order_and_leaves_out_what_lapsed(clinic, django_assert_num_queries):
    second, first = confirmed("2027-03-10 14:00"), reserved("2027-03-10 09:00")
    lifecycle.cancel(reserved("2027-03-10 11:00"), reason="patient", now=NOW)
    with django_assert_num_queries(3):
        found = day_sheet(date=first.start.date(), location=clinic.location)
    assert [row.pk for row in found if row.state != State.CANCELLED] == [first.pk, second.pk]
    assert [row.practitioner.name for row in found]
