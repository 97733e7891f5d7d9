"""The clinic's own moments: within bounds, for every future appointment, and what the run put right is told."""

import logging
from datetime import time, timedelta

import pytest

from bookings import links, messages, tasks
from bookings.models import Appointment, Course
from bookings.selectors import appointment_by_token
from bookings.selectors.courses import Chosen
from bookings.services import healing, lifecycle
from bookings.services.courses import book_series
from clinic.audit.models import Entry
from clinic.errors import Invalid, NotFound
from clinic.messaging import limits
from clinic.messaging.kinds import KINDS
from clinic.messaging.models import Healing, Message, TimingEdition
from clinic.messaging.selectors import status_report
from clinic.messaging.wording import editions, retiming
from clinic.messaging.wording.timings import HOURS, RULES, Moment, allowed
from clinic.people.access import Actor
from clinic.people.models import User
from tests.bookings.cast import NOW, at, confirmed, plan, reserved
from tests.bookings.test_messages import due, treated

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db):
    return Actor("owner", user=User.objects.create(email="o@example.org", name="Olga", role="owner"))


@pytest.fixture
def retime(owner):
    def change(kind, step="", amount=None, unit="days"):
        wanted = None if amount is None else Moment(amount, unit)
        return retiming.change_timing(kind, step, moment=wanted, actor=owner, now=NOW)

    return change


def finished(row, end):
    for step in (lifecycle.check_in, lifecycle.start_treatment, lifecycle.finish):
        row = step(row, now=end)
    return row


def test_the_table_names_known_kinds_and_its_own_defaults_are_allowed():
    for rule in RULES.values():
        assert rule.kind in KINDS
        assert allowed(rule, rule.default)
        assert rule.least <= rule.most


@pytest.mark.parametrize(
    ("kind", "step", "wanted"),
    [
        ("changed_72h", "", Moment(23, "hours")), ("changed_72h", "", None), ("reminder_24h", "", None),
        ("reminder_24h", "", Moment(0, "hours")), ("aftercare_24h", "", None), ("aftercare_24h", "", Moment(0, "hours")),
        ("intake_due", "5d", None), ("aftercare_72h", "", Moment(1, "days")), ("reminder_24h", "", Moment(9, "weeks")),
    ],
)  # fmt: skip
def test_what_must_not_be_said_so_late_so_early_or_never(kind, step, wanted):
    assert not allowed(RULES[kind, step], wanted)


def test_a_refused_moment_says_its_bounds_and_writes_nothing(retime):
    with pytest.raises(Invalid) as refusal:
        retime("changed_72h", amount=12, unit="hours")
    assert refusal.value.fields == {"amount": ["Between 1 day and 7 days."]}
    with pytest.raises(Invalid) as refusal:
        retime("reminder_24h")
    assert set(refusal.value.fields) == {"off"}
    for stranger in ("booking_confirmed", "sign_in_code", "reply_fine", "moved", "cancelled", "nothing"):
        with pytest.raises(NotFound):
            retime(stranger)
    assert not TimingEdition.objects.exists()


def test_a_new_moment_holds_for_appointments_made_before_it(clinic, retime, time_machine):
    time_machine.move_to(NOW)
    row = confirmed("2027-04-01 10:00")
    retime("reminder_24h", amount=2)
    retime("changed_72h", amount=30, unit="hours")
    retime("prepare_7d", step="3d")
    assert tasks.plan_messages(why="retimed") == 1, "the one that is switched off is cancelled"
    waiting = {one.kind + one.step: one for one in Message.objects.filter(ref=row.ref, state="pending")}
    assert waiting["reminder_24h"].due_at == at("2027-03-30 10:00")
    assert waiting["changed_72h"].due_at == at("2027-03-31 08:00"), "04:00 is in the quiet hours"
    assert "prepare_7d3d" not in waiting
    assert "prepare_7d7d" in waiting
    assert due(confirmed("2027-04-02 10:00"))["reminder_24h"] == at("2027-03-31 10:00")


def test_switched_off_can_be_switched_on_again(clinic, retime):
    row = confirmed("2027-04-01 10:00")
    retime("prepare_14d")
    assert "prepare_14d" not in due(row)
    assert retime("prepare_14d") is None, "nothing changed"
    retime("prepare_14d", amount=14)
    assert due(row)["prepare_14d"] == at("2027-03-18 10:00")
    messages.reconcile(row, now=NOW)
    assert Message.objects.filter(ref=row.ref, kind="prepare_14d", state="pending").count() == 1


def test_a_question_close_to_the_visit_still_has_time_to_be_answered(clinic, retime):
    row = confirmed("2027-04-01 10:00")
    retime("changed_72h", amount=1)
    [asked] = [one for one in messages.desired(row, now=NOW) if one.kind == "changed_72h"]
    assert asked.due_at < asked.not_after < row.start


def test_laser_and_video_keep_their_own(clinic, retime):
    retime("prepare_14d", step="laser", amount=21)
    retime("reminder_24h", amount=6, unit="hours")
    assert due(confirmed("2027-04-10 10:00", "laser"))["prepare_14d"] == at("2027-03-20 10:00")
    row = confirmed("2027-04-01 10:00")
    assert due(row)["prepare_14d"] == at("2027-03-18 10:00")
    row.by_video = True
    assert due(row)["reminder_24h_video"] == at("2027-04-01 04:00")


def test_what_went_out_is_not_sent_again_at_a_new_moment(clinic, retime):
    row = confirmed("2027-04-01 10:00")
    Message.objects.filter(ref=row.ref, kind="reminder_24h").update(state="delivered")
    retime("reminder_24h", amount=5, unit="hours")
    messages.reconcile(row, now=NOW)
    assert Message.objects.filter(ref=row.ref, kind="reminder_24h").count() == 1


def test_a_stored_moment_out_of_bounds_is_not_used(clinic, owner):
    TimingEdition.objects.create(kind="changed_72h", amount=None, unit="days", edited_by=owner.user, at=NOW)
    TimingEdition.objects.create(kind="gone", amount=3, unit="days", edited_by=owner.user, at=NOW)
    TimingEdition.objects.create(
        kind="quiet_hours", step="start", amount=0, unit="minutes", edited_by=owner.user, at=NOW
    )
    limits.forget_remembered()
    assert due(confirmed("2027-04-01 10:00"))["changed_72h"] == at("2027-03-29 10:00")
    assert editions.quiet_hours()["start"] == time(21)


def test_quiet_hours_move_what_waits_and_what_is_planned(clinic, owner, time_machine):
    time_machine.move_to(NOW)
    row = confirmed("2027-04-01 09:00")
    with pytest.raises(Invalid) as refusal:
        retiming.change_quiet_hours(start=time(2), end=time(12), actor=owner)
    assert set(refusal.value.fields) == {"start", "end"}
    retiming.change_quiet_hours(start=time(20), end=time(9, 30), actor=owner, now=NOW)
    tasks.plan_messages(why="retimed")
    assert Message.objects.get(ref=row.ref, kind="reminder_24h").due_at == at("2027-03-31 09:30")
    assert retiming.change_quiet_hours(start=time(20), end=time(9, 30), actor=owner) == []


def test_the_waiting_list_keeps_the_same_night(clinic, owner):
    from bookings.waiting import may_write_now

    retiming.change_quiet_hours(start=time(19), end=time(10), actor=owner)
    evening = at("2027-03-02 19:30")
    assert may_write_now(evening, "Europe/Istanbul")
    assert not may_write_now(evening, "Europe/Istanbul", quiet=editions.quiet_hours())


def test_a_change_is_on_record_and_planned_after_the_commit(
    clinic, retime, owner, monkeypatch, django_capture_on_commit_callbacks
):
    asked = []
    monkeypatch.setattr(retiming.current_app, "send_task", lambda name, **more: asked.append((name, more["kwargs"])))
    with django_capture_on_commit_callbacks(execute=True):
        retime("aftercare_7d", amount=8)
        assert asked == []
    assert asked == [("bookings.plan_messages", {"why": "retimed"})]
    entry = Entry.objects.get(action="message.retimed")
    assert (entry.subject, entry.detail) == ("timing:aftercare_7d:", {"aftercare_7d": [8, "days"]})


def test_a_broker_that_is_away_loses_no_change(retime, monkeypatch, django_capture_on_commit_callbacks):
    def away(*_args, **_more):
        raise ConnectionError

    monkeypatch.setattr(retiming.current_app, "send_task", away)
    with django_capture_on_commit_callbacks(execute=True):
        retime("aftercare_7d", amount=8)
    assert editions.moment("aftercare_7d") == Moment(8, "days")


def test_the_run_tells_what_it_put_right_by_kind_and_without_names(clinic, time_machine, caplog):
    time_machine.move_to(NOW)
    row = confirmed("2027-04-01 10:00")
    Message.objects.filter(ref=row.ref, kind__in=["reminder_24h", "prepare_7d"]).delete()
    with caplog.at_level(logging.INFO):
        tasks.plan_messages()
    told = {"prepare_7d": 2, "reminder_24h": 1}
    assert Healing.objects.get(component="nightly").kinds == told
    assert Entry.objects.get(action="message.healed").detail == told
    assert status_report()["healed"]["nightly"]["looked_at"] == 1
    assert "reminder_24h" in caplog.text
    assert "Elif" not in caplog.text
    tasks.plan_messages()
    assert Healing.objects.get(component="nightly").kinds == {}
    assert Entry.objects.filter(action="message.healed").count() == 1


def test_one_appointment_that_cannot_be_planned_does_not_leave_all_others_unhealed(
    clinic, time_machine, monkeypatch, caplog
):
    time_machine.move_to(NOW)
    rows = sorted([confirmed("2027-04-01 10:00"), confirmed("2027-04-02 10:00")], key=lambda row: row.pk)
    Message.objects.filter(kind="reminder_24h").delete()
    planned = messages.desired

    def broken(row, **given):
        if row.pk == rows[0].pk:
            raise KeyError("Elif")
        return planned(row, **given)

    monkeypatch.setattr(messages, "desired", broken)
    with caplog.at_level(logging.ERROR):
        tasks.plan_messages()
    assert list(Message.objects.filter(kind="reminder_24h").values_list("ref", flat=True)) == [rows[1].ref]
    assert Healing.objects.get(component="nightly").kinds == {"reminder_24h": 1, "failed": 1}
    assert str(rows[0].pk) in caplog.text
    assert "Elif" not in caplog.text


def course_of(patient, *, slugs=("pen", "pen"), days=("2027-03-02", "2027-04-06")):
    starts = [Chosen(at(f"{day} 10:00"), "ayse") for day in days]
    visits = [plan(slug) for slug in slugs]
    return book_series(visits=visits, gaps=[(28, 60)] * (len(slugs) - 1), patient=patient, starts=starts, now=NOW)


def test_results_are_asked_for_after_the_last_session_of_a_course_only(clinic, patient):
    first, last = (treated(row) for row in course_of(patient).appointments.order_by("session"))
    assert not {"results_90d", "results_180d", "next_session"} & due(first, now=first.finished_at).keys()
    found = due(last, now=last.finished_at)
    assert found["results_90d"] == messages.days_from(last.finished_at, 90, "Europe/Istanbul")
    assert found["results_180d"] == messages.days_from(last.finished_at, 180, "Europe/Istanbul")
    assert "next_session" not in found


def test_results_are_asked_for_when_a_treatment_has_no_further_session(clinic, patient):
    clinic.pen.sessions_max = 1
    clinic.pen.save()
    row = finished(confirmed("2027-03-02 10:00", patient=patient), at("2027-03-02 11:15"))
    assert "results_90d" in due(row)
    assert "next_session" not in due(row)
    confirmed("2027-05-03 10:00", patient=patient)
    assert "results_90d" not in due(row), "who comes again is not asked for results yet"


def test_a_consultation_has_no_results(clinic):
    clinic.consult.sessions_max = 1
    clinic.consult.save()
    assert due(finished(confirmed("2027-03-02 10:00", "consult"), at("2027-03-02 11:15"))) == {}


def test_the_link_of_a_results_message_opens_when_it_comes(clinic, patient):
    _first, last = (treated(row) for row in course_of(patient).appointments.order_by("session"))
    token = links.manage_token(last)
    later = messages.days_from(last.finished_at, 181, "Europe/Istanbul")
    assert appointment_by_token(token, now=later).pk == last.pk
    plain = finished(confirmed("2027-03-03 10:00"), at("2027-03-03 11:15"))
    with pytest.raises(NotFound):
        appointment_by_token(links.manage_token(plain), now=plain.end + timedelta(days=60))


def test_lost_results_heal_long_after_the_visit_and_a_later_moment_moves_the_link(
    clinic, patient, retime, time_machine
):
    _first, last = (treated(row) for row in course_of(patient).appointments.order_by("session"))
    Message.objects.filter(ref=last.ref, kind="results_180d").delete()
    time_machine.move_to(last.finished_at + timedelta(days=100))
    assert last.pk in healing.to_look_at(now=last.finished_at + timedelta(days=100)).values_list("pk", flat=True)
    retime("results_180d", amount=200)
    tasks.plan_messages()
    assert Message.objects.get(ref=last.ref, kind="results_180d").due_at == messages.days_from(
        last.finished_at, 200, "Europe/Istanbul"
    )
    assert appointment_by_token(links.manage_token(last), now=last.finished_at + timedelta(days=210)).pk == last.pk
    assert Course.objects.count() == 1
    assert Appointment.objects.count() == 2


def test_the_form_of_a_reservation_follows_the_clinics_moments(clinic, retime):
    retime("intake_due", "12h", amount=6, unit="hours")
    row = reserved("2027-03-10 10:00")
    assert due(row)["intake_due 12h"] == NOW + timedelta(hours=6)
    assert set(HOURS) == {"hours", "days"}
