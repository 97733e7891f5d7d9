from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone

from bookings import messages
from bookings.models import Appointment
from bookings.selectors.courses import Chosen
from bookings.services import healing, holds, lifecycle, moves
from bookings.services.courses import book_series
from bookings.services.phone import send_form_link
from clinic.messaging.consent import record_consent
from clinic.messaging.models import Message
from clinic.messaging.windows import is_quiet
from clinic.messaging.wording import retiming
from clinic.people.access import Actor
from clinic.people.models import User
from tests.bookings.cast import NOW, at, confirmed, held, make_clinic, make_patient, pending, plan, reserved

pytestmark = pytest.mark.django_db


def due(row: Appointment, now=NOW) -> dict[str, datetime]:
    return {one.kind + (f" {one.step}" if one.step else ""): one.due_at for one in messages.desired(row, now=now)}


def test_a_reservation_is_asked_for_its_form(clinic):
    row = reserved("2027-03-10 10:00")
    assert due(row) == {
        "intake_due at_once": NOW,
        "intake_due 12h": NOW + timedelta(hours=12),
        "intake_due 48h": at("2027-03-08 10:00"),
    }


def crossing(row: Appointment) -> set[str]:
    wanted = messages.desired(row, now=NOW)
    return {one.kind + one.step * (one.kind == "intake_due") for one in wanted if one.crosses_quiet}


def test_what_somebody_did_a_moment_ago_is_answered_in_the_night_too(clinic):
    assert crossing(reserved("2027-03-10 10:00")) == {"intake_dueat_once"}
    assert crossing(pending("2027-03-11 10:00")) == {"booking_received"}
    row = confirmed("2027-04-01 10:00")
    assert crossing(row) == {"booking_confirmed"}
    row.clearance = "approved"
    assert crossing(row) == set(), "a practitioner's decision waits for the morning"
    lifecycle.cancel(row, reason="patient", now=NOW)
    assert crossing(Appointment.objects.get(pk=row.pk)) == {"cancelled"}


def test_a_pending_one_is_told_by_when(clinic):
    row = pending("2027-03-08 10:00")
    [only] = messages.desired(row, now=NOW)
    assert only.kind == "booking_received"
    assert only.facts["deadline"] == row.review_due_at.isoformat()
    assert only.facts["link"].startswith("/b/")


def test_a_confirmed_one_has_the_whole_way_to_the_visit(clinic):
    assert due(confirmed("2027-04-01 10:00")) == {
        "booking_confirmed": NOW,
        "prepare_14d": at("2027-03-18 10:00"),
        "prepare_7d 7d": at("2027-03-25 10:00"),
        "prepare_7d 3d": at("2027-03-29 10:00"),
        "changed_72h": at("2027-03-29 10:00"),
        "reminder_24h": at("2027-03-31 10:00"),
    }


def test_a_laser_visit_prepares_four_weeks_ahead_and_needs_no_second_week(clinic):
    found = due(confirmed("2027-04-10 10:00", "laser"))
    assert found["prepare_14d"] == at("2027-03-13 10:00")
    assert "prepare_7d 3d" not in found


def test_a_consultation_prepares_nothing(clinic):
    assert set(due(confirmed("2027-04-01 10:00", "consult"))) == {"booking_confirmed", "reminder_24h"}


def test_two_hours_before_only_who_asked_for_it(clinic, patient):
    record_consent(patient.pk, channel="any", purpose="extra", granted=True, source="test", now=NOW)
    assert due(confirmed("2027-04-01 10:00", patient=patient))["reminder_2h"] == at("2027-04-01 08:00")


def test_after_the_visit_aftercare_and_the_next_session(clinic):
    row = lifecycle.check_in(confirmed("2027-03-02 10:00"), now=NOW)
    row = lifecycle.start_treatment(row, now=NOW)
    row = lifecycle.finish(row, now=at("2027-03-02 11:15"))
    assert due(row) == {
        "aftercare_2h": at("2027-03-02 13:15"),
        "aftercare_24h": at("2027-03-03 11:15"),
        "aftercare_72h": at("2027-03-05 11:15"),
        "aftercare_7d": at("2027-03-09 11:15"),
        "aftercare_14d": at("2027-03-16 11:15"),
        "next_session": at("2027-03-30 11:15"),
    }


@pytest.mark.parametrize(
    ("finished", "told"),
    [("18:30", "20:30"), ("19:30", "20:50"), ("20:55", "20:55"), ("21:20", "21:20")],
)
def test_what_not_to_do_today_is_said_today_although_the_visit_ended_in_the_evening(clinic, finished, told):
    """In the morning it would be too late to leave out make-up, sport and sauna "today"."""
    row = lifecycle.check_in(confirmed("2027-03-02 10:00"), now=NOW)
    end = at(f"2027-03-02 {finished}")
    lifecycle.finish(lifecycle.start_treatment(row, now=NOW), now=end)
    message = Message.objects.get(kind="aftercare_2h")
    assert message.due_at == at(f"2027-03-02 {told}")
    assert not is_quiet(message.due_at, "Europe/Istanbul") or message.crosses_quiet
    before = Message.objects.count()
    healing.heal_one(row.pk, now=end + timedelta(hours=5))
    assert Message.objects.count() == before


def test_an_owner_who_lengthens_the_night_has_it_said_before_that(clinic):
    owner = Actor("owner", user=User.objects.create(email="o@example.org", name="Olga", role="owner"))
    retiming.change_quiet_hours(start=time(18), end=time(8), actor=owner, now=NOW)
    row = lifecycle.check_in(confirmed("2027-03-02 10:00"), now=NOW)
    row = lifecycle.finish(lifecycle.start_treatment(row, now=NOW), now=at("2027-03-02 17:00"))
    assert due(row)["aftercare_2h"] == at("2027-03-02 17:50")


def test_no_next_session_is_offered_to_somebody_who_has_one(clinic, patient):
    row = confirmed("2027-03-02 10:00", patient=patient)
    confirmed("2027-04-06 10:00", patient=patient)
    for step in (lifecycle.check_in, lifecycle.start_treatment, lifecycle.finish):
        row = step(row, now=NOW)
    assert "next_session" not in due(row)


@pytest.mark.parametrize(
    ("start", "reminder", "zone"),
    [
        ("2027-03-28 10:00", "2027-03-27 10:00", "Europe/Berlin"),
        ("2027-03-29 10:00", "2027-03-28 10:00", "Europe/Berlin"),
        ("2027-10-31 10:00", "2027-10-30 10:00", "Europe/Berlin"),
        ("2027-11-01 10:00", "2027-10-31 10:00", "Europe/Berlin"),
    ],
)
def test_a_reminder_keeps_its_hour_when_the_clock_changes(db, start, reminder, zone):
    make_clinic(zone, days=range(7))
    for who in Appointment._meta.get_field("practitioner").related_model.objects.filter(kind="practitioner"):
        who.working_hours.create(weekday=6, starts="09:00", ends="18:00")
    begin = at(start, zone)
    row = holds.hold_slot(plan=plan(), start=begin, now=begin - timedelta(days=30))
    row = lifecycle.reserve(row, patient=make_patient(), now=begin - timedelta(days=30))
    row = lifecycle.record_clearance(row, clearance="cleared", now=begin - timedelta(days=30))
    row = lifecycle.confirm(row, now=begin - timedelta(days=30))
    assert due(row)["reminder_24h"] == at(reminder, zone).astimezone(UTC)


def test_late_bookings_get_no_late_messages_but_a_word_with_the_confirmation(clinic):
    row = confirmed("2027-03-02 10:00")
    kinds = set(Message.objects.filter(ref=row.ref, state="pending").values_list("kind", flat=True))
    assert kinds == {"booking_confirmed_late", "reminder_24h"}


@pytest.mark.parametrize(
    ("treatment", "start", "kind"),
    [
        ("pen", "2027-03-15 10:00", "booking_confirmed"),  # fourteen days and an hour ahead
        ("pen", "2027-03-15 08:59", "booking_confirmed_late"),
        ("laser", "2027-03-20 10:00", "booking_confirmed_late"),  # lasers need four weeks
        ("consult", "2027-03-02 10:00", "booking_confirmed"),  # nothing to prepare
    ],
)
def test_the_confirmation_says_when_getting_ready_starts_at_once(clinic, treatment, start, kind):
    row = confirmed("2027-04-20 10:00", treatment)
    row.start = at(start)
    assert [one.kind for one in messages.desired(row, now=NOW)][0] == kind


def test_a_cancelled_visit_says_so_once_and_nothing_else(clinic):
    row = lifecycle.cancel(confirmed("2027-03-20 10:00"), reason="patient", now=NOW)
    messages.reconcile(row, now=NOW)
    assert [one.kind for one in Message.objects.filter(ref=row.ref, state="pending")] == ["cancelled"]


def test_a_reservation_that_lapsed_says_so_and_a_bare_hold_says_nothing(clinic):
    row, bare = reserved("2027-03-10 10:00"), held("2027-03-11 10:00")
    holds.lapse_due(now=NOW + timedelta(days=1))
    pending_kinds = Message.objects.filter(state="pending").values_list("ref", "kind")
    assert list(pending_kinds) == [(row.ref, "hold_released")]
    assert not Message.objects.filter(ref=bare.ref).exists()


def test_reconciling_again_changes_nothing(clinic):
    row = confirmed("2027-04-01 10:00")
    again = messages.reconcile(row, now=NOW)
    assert (again.inserted, again.cancelled, again.changed) == (0, 0, 0)


def test_a_floor_above_may_hold_a_kind_back(clinic, monkeypatch):
    monkeypatch.setattr(messages, "held_back", [lambda row, kind: kind == "reminder_24h"])
    assert "reminder_24h" not in due(confirmed("2027-04-01 10:00"))


def test_a_message_is_current_for_one_version_only(clinic):
    row = confirmed("2027-03-20 10:00")
    moves.move(row, start=at("2027-03-21 10:00") + timedelta(days=1), now=NOW)
    assert [messages.is_current(row.ref, version) for version in (1, 2)] == [False, True]
    assert messages.title(row.ref) == row.reference


def test_no_message_names_the_treatment(clinic):
    row = confirmed("2027-04-01 10:00")
    for message in Message.objects.filter(ref=row.ref):
        assert "pen" not in message.body.lower().split()
    assert timezone.is_aware(row.start)


def treated(row):
    """Cleared and confirmed the hour before, then treated."""
    before, end = row.start - timedelta(hours=1), row.treatment_end
    row = lifecycle.confirm(lifecycle.record_clearance(row, clearance="cleared", now=before), now=before)
    for step in (lifecycle.check_in, lifecycle.start_treatment, lifecycle.finish):
        row = step(row, now=end)
    return row


def test_a_course_offers_no_next_session_while_one_is_ahead_nor_at_its_end(clinic, patient):
    """The peel between two needlings has no other peel ahead, yet the plan goes on."""
    starts = [Chosen(at(f"2027-{day} 10:00"), "ayse") for day in ("03-02", "03-16", "03-30")]
    visits = [plan("pen"), plan("peel"), plan("pen")]
    course = book_series(visits=visits, gaps=[(14, 21)] * 2, patient=patient, starts=starts, now=NOW)
    _pen, peel, last = course.appointments.order_by("session")
    assert "next_session" not in due(treated(peel), now=peel.treatment_end)
    assert "next_session" not in due(treated(last), now=last.treatment_end)


def test_a_form_link_that_the_desk_sent_at_night_waits_for_the_morning_whatever_is_planned_meanwhile(clinic):
    night = at("2027-03-01 22:30")
    row = reserved("2027-03-10 10:00")
    send_form_link(row, now=night)
    [link] = Message.objects.filter(ref=row.ref, dedupe_key__contains="form_again")
    done = healing.heal_one(row.pk, now=night + timedelta(hours=2))
    link.refresh_from_db()
    assert (link.state, done.cancelled) == ("pending", 0)
    lifecycle.cancel(row, reason="patient", now=night + timedelta(hours=3))
    link.refresh_from_db()
    assert link.state == "cancelled"
