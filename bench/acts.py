"""What the product does all day, as calls of its own selectors and services, for whoever wants to watch its statements."""

import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from django.db import connection, connections
from django.utils import timezone

from bookings import messages
from bookings.links import manage_token, register_manage_link
from bookings.models import Appointment, Practitioner, Resource
from bookings.selectors import appointment_by_token, books, current_book, desk, free_starts, inbox
from bookings.services import details, healing, holds, lifecycle, moves, remembering
from bookings.services.limits import Caller
from bookings.states import Clearance, State
from clinic.messaging import claiming, sweep
from clinic.messaging import reconcile as settling
from clinic.messaging import selectors as messaging
from clinic.people.access import Actor
from clinic.people.models import Patient, User
from clinic.people.selectors import search_patients
from consultations.selectors import review
from treatments.selectors import visit_plan

Act = tuple[str, Callable[[], object]]


def acts() -> Iterator[Act]:
    owner, practitioner = staff()
    plan = visit_plan(modality="consult", areas=["face"])
    today, now = date.today(), timezone.now()
    month = {"first": today + timedelta(days=1), "last": today + timedelta(days=31), "location": "moda"}
    start = free_starts(
        plan=plan, first=today + timedelta(days=40), last=today + timedelta(days=70), location="moda"
    ).starts
    ahead = Appointment.objects.filter(state=State.CONFIRMED, start__gt=now + timedelta(days=3), location__slug="moda")
    visit = ahead.order_by("start").select_related("patient")[40]
    register_manage_link(visit)

    def hold(n: int = 0) -> Appointment:
        return holds.hold_slot(plan=plan, start=start[n], location="moda", caller=Caller(address="192.0.2.1"))

    def book(n: int = 0) -> Appointment:
        row = details.give_details(hold(n), name="Elif Aydın", phone="+905321234567", date_of_birth=date(1990, 5, 5))
        row = lifecycle.record_clearance(row, clearance=Clearance.CLEARED)
        return lifecycle.confirm(row)

    def cold() -> None:
        books._kept.clear()
        free_starts(plan=plan, **month)

    def changed() -> None:
        current_book()
        elsewhere("UPDATE bookings_allocation SET expires_at = expires_at WHERE appointment_id = %s", [visit.pk])
        free_starts(plan=plan, **month)

    yield "free times, warm", lambda: free_starts(plan=plan, **month)
    yield "free times, nothing known", cold
    yield "free times, just after somebody booked", changed
    yield "free times for a patient", lambda: free_starts(plan=plan, patient_id=visit.patient_id, **month)
    yield "hold", hold
    yield (
        "hold with a key",
        lambda: remembering.once("k" * 30, scope="x", body={}, act=lambda: (201, {"id": str(hold(1).pk)})),
    )
    yield "extend", lambda: holds.extend_hold(hold(2))
    yield "details, clear, confirm", lambda: book(3)
    yield "move", lambda: moves.move(visit, start=start[4])
    yield "cancel", lambda: lifecycle.cancel(visit, reason="patient")
    yield "check in", lambda: lifecycle.check_in(visit)
    yield "a booking by its link", lambda: appointment_by_token(manage_token(visit))
    yield "sweep of lapsed holds", holds.lapse_due
    yield "messages: anything due", lambda: sweep._due(None, 8)
    yield "messages: claim", lambda: (book(5), claiming.claim())
    yield "messages: in doubt", lambda: settling._take(timezone.now())
    yield "messages: which to ask after", settling.poll
    yield "messages: /statusz", messaging.status_report
    yield "messages: reconcile one visit", lambda: messages.reconcile(visit)
    yield "nightly: first batch of visits", first_batch
    yield "nightly: forget", remembering.forget_old
    yield "desk: the day", lambda: desk.load_day(day=today, actor=owner, everything=True)
    yield "desk: the day of a practitioner", lambda: desk.load_day(day=today, actor=practitioner)
    yield (
        "desk: a week",
        lambda: desk.load_week(
            first=today, resource=Resource.objects.get(slug="p0"), actor=owner, zone="Europe/Istanbul"
        ),
    )
    yield "desk: find by name", lambda: search_patients("elif kaya")
    yield "desk: find by phone", lambda: search_patients("053300012")
    yield "desk: the same person?", lambda: desk.possible_duplicates(name="Elif Kaya 101", phone="+905330001234")
    yield "desk: next visits of those found", lambda: desk.next_visits([one.pk for one in Patient.objects.all()[:20]])
    yield "desk: a patient's thread", lambda: messaging.thread(book(6).patient_id)
    yield "desk: what waits", lambda: (inbox.count(owner), inbox.waiting(owner), list(inbox.stuck(owner)[:50]))
    yield "practitioner: what waits", lambda: (inbox.count(practitioner), inbox.waiting(practitioner))
    yield "practitioner: forms to decide on", review.queue


def elsewhere(sql: str, params: list) -> None:
    """Somebody else's statement, committed on a connection of its own."""

    def run() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, params)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def staff() -> tuple[Actor, Actor]:
    owner = User.objects.create(email="owner@example.com", name="Owner", role="owner")
    user = User.objects.create(email="p0@example.com", name="P0", role="practitioner")
    Practitioner.objects.filter(resource__slug="p0").update(user=user)
    return Actor("owner", user=owner), Actor("practitioner", user=user)


def first_batch() -> list[uuid.UUID]:
    rows = healing.to_look_at(now=timezone.now())
    return list(rows.values_list("pk", flat=True)[: healing.PLAN_BATCH])
