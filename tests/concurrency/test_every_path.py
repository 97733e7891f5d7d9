"""Every way to take, move or give back a time, all at once on the same few times, through real web server processes.

A path is one function: what it does for one turn of the storm and what its author was told. To add one, decorate it.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from bookings.links import manage_path, manage_token
from bookings.models import Appointment, Course, Location, WaitingOffer
from bookings.selectors.courses import Chosen
from bookings.services import holds, lifecycle, offers, waiting
from bookings.services.courses import book_course
from bookings.states import Clearance, Source, State
from clinic.audit.models import Entry
from clinic.errors import DomainError
from consultations.answers_cookie import answers_cookie
from consultations.questionnaire import current
from consultations.questionnaire.definition import SHORT
from tests.bookings.cast import make_clinic, make_device, make_patient, plan
from tests.concurrency.visitors import Answer, Visitor, at_the_desk

pytestmark = pytest.mark.django_db(transaction=True)
ZONE = ZoneInfo("Europe/Istanbul")
TURNS, SEEDS = 90, (1, 2, 3, 4)
KNOWN = {
    "slot_taken", "start_not_possible", "busy", "wrong_state", "hold_expired", "no_more_time", "patient_busy",
    "interval", "not_cleared", "form_missing", "too_late", "version_stale", "not_found", "offer_over",
}  # fmt: skip
REFUSED = {409, 422}


@dataclass(frozen=True)
class Told:
    """`code` is a refusal's, "" where a page only shows its sentence; `row` and `start` what somebody now has."""

    path: str
    status: int
    code: str = ""
    row: str = ""
    start: datetime | None = None
    body: str = ""
    on: Appointment | None = None


@dataclass
class World:
    """What the storm's paths act on: bookings of each state, a signed-in desk, somebody with answers, people."""

    address: str
    dice: random.Random
    rows: dict[str, list[Appointment]]
    visitor: Visitor
    answered: Visitor
    desk: Visitor
    starts: list[datetime]
    people: list[Any] = field(default_factory=list)

    def start(self) -> datetime:
        return self.dice.choice(self.starts)

    def row(self, *kinds: str) -> Appointment:
        return self.dice.choice([row for kind in kinds for row in self.rows[kind]])


PATHS: list[Callable[[World], Callable[[], Told]]] = []


def path(often: int = 1):
    """Adds a path, drawn so often. Called with the world it rolls its dice; what it returns then runs in a thread."""

    def add(prepare):
        PATHS.extend([prepare] * often)
        return prepare

    return add


def told_by_api(name: str, answer: Answer, on: Appointment | None = None) -> Told:
    document = answer.document
    if answer.status >= 400:
        return Told(name, answer.status, document["code"], body=answer.body, on=on)
    return Told(name, answer.status, row=document["id"], start=datetime.fromisoformat(document["start"]))


def told_by_service(name: str, act: Callable[[], Any]) -> Told:
    try:
        act()
    except DomainError as refusal:
        return Told(name, refusal.status, refusal.code)
    return Told(name, 200)


@path(often=4)
def api_hold(world: World):
    start, treatment = world.start(), world.dice.choice(["peel", "pen", "laser", "consult"])
    body = {"treatment": treatment, "areas": ["face"], "start": start.isoformat()}
    return lambda: told_by_api("api hold", world.visitor.call("POST", "/bookings/", body))


@path(often=3)
def page_hold(world: World):
    start, treatment = world.start(), world.dice.choice(["peel", "pen"])
    address = f"/book/{treatment}/hold/?areas=face&location=moda"

    def act():
        answer = world.answered.submit(address, start=start.isoformat())
        if answer.status != 302:
            return Told("page hold", answer.status, body=answer.body)
        assert "/details/" in answer.location, answer.location
        token = answer.location.split("/b/")[1].split("/")[0]
        [row] = [row for row in Appointment.objects.filter(state=State.HELD, start=start) if manage_token(row) == token]
        return Told("page hold", 302, row=str(row.pk), start=start)

    return act


@path(often=3)
def desk_books(world: World):
    start, number = world.start(), next(NUMBERS)
    form = {
        "name": f"Storm {number}", "phone": f"+90532600{number:04}", "language": "tr", "treatment": "consult",
        "areas": "face", "practitioner": "", "date": f"{start:%Y-%m-%d}", "start": start.isoformat(), "intent": "book",
    }  # fmt: skip

    def act():
        answer = world.desk.submit("/desk/new/", **form)
        if answer.status != 302:
            return Told("desk books", answer.status, body=answer.body)
        return Told("desk books", 302, row=answer.location.split("open=")[1].split("&")[0], start=start)

    return act


@path(often=2)
def api_details(world: World):
    row, number = world.row("held", "ending"), next(NUMBERS)
    token, body = manage_token(row), {
        "name": f"Held {number}", "phone": f"+90532700{number:04}", "date_of_birth": "1990-01-01",
    }  # fmt: skip
    return lambda: told_by_api(
        "api details", world.visitor.call("PUT", f"/bookings/{row.pk}/patient/", body, token=token), row
    )


@path(often=2)
def api_move(world: World):
    row, start = world.row("held", "ending", "reserved", "confirmed"), world.start()
    token = manage_token(row)
    act = lambda: world.visitor.call("POST", f"/bookings/{row.pk}/move/", {"start": start.isoformat()}, token=token)  # noqa: E731
    return lambda: told_by_api("api move", act(), row)


@path(often=2)
def page_move(world: World):
    row, start = world.row("reserved", "confirmed"), world.start()
    address = f"{manage_path(row)}move/"
    return lambda: _page("page move", world.visitor.submit(address, start=start.isoformat()))


@path(often=2)
def desk_move(world: World):
    row, start = world.row("reserved", "confirmed"), world.start()
    form = {"date": f"{start:%Y-%m-%d}", "start": start.isoformat(), "practitioner": world.dice.choice(["", "ayse"])}
    return lambda: _page("desk move", world.desk.submit(f"/desk/a/{row.pk}/move/", **form))


@path()
def api_cancel(world: World):
    row = world.row("held", "reserved", "confirmed")
    token = manage_token(row)
    return lambda: told_by_api(
        "api cancel", world.visitor.call("POST", f"/bookings/{row.pk}/cancel/", token=token), row
    )


@path()
def page_cancel(world: World):
    row = world.row("reserved", "confirmed")
    address = f"{manage_path(row)}cancel/"
    return lambda: _page("page cancel", world.visitor.submit(address))


@path()
def desk_cancel(world: World):
    row = world.row("reserved", "confirmed")
    return lambda: _page("desk cancel", world.desk.submit(f"/desk/a/{row.pk}/cancel/", reason="clinic"))


@path(often=2)
def confirm(world: World):
    row = world.row("reserved")
    return lambda: told_by_service("confirm", lambda: lifecycle.confirm(row))


@path(often=2)
def extend(world: World):
    row = world.row("held", "ending", "ending")
    address = f"{manage_path(row)}extend/"
    return lambda: _page("extend", world.visitor.submit(address), row)


@path(often=2)
def sweep(world: World):
    return lambda: told_by_service("sweep", holds.lapse_due)


@path(often=2)
def course(world: World):
    chosen = [Chosen(world.start() + timedelta(days=35 * number)) for number in range(2)]
    patient, wanted = make_patient(f"Course {next(NUMBERS)}"), plan("peel")
    return lambda: told_by_service("course", lambda: book_course(plan=wanted, patient=patient, starts=chosen))


@path(often=3)
def waiting_offers(world: World):
    return lambda: told_by_service("waiting offers", lambda: offers.sweep(now=by_day()))


@path(often=3)
def takes_an_offer(world: World):
    def act():
        given = WaitingOffer.objects.filter(answer="open").select_related("entry").first()
        if given is None:
            offers.sweep(now=by_day())
            given = WaitingOffer.objects.filter(answer="open").select_related("entry").first()
        if given is not None:
            offers.accept(given.entry, offer_id=given.pk, now=by_day())

    return lambda: told_by_service("takes an offer", act)


@path(often=2)
def look(world: World):
    day = f"{world.starts[0]:%Y-%m-%d}"
    query = f"treatment=peel&areas=face&from={day}&to={day}"

    def act():
        answer = world.visitor.get(f"/api/v1/availability/?{query}")
        return Told("look", answer.status, body=answer.body)

    return act


def _page(name: str, answer: Answer, on: Appointment | None = None) -> Told:
    return Told(name, answer.status, body=answer.body, on=on)


NUMBERS = iter(range(1, 10_000))


def by_day() -> datetime:
    """The last noon that has been: at night nobody is offered anything, and tests run at night too. Never a moment ahead,
    at which the holds of everybody else would be over."""
    now = timezone.now().astimezone(ZONE)
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
    return noon if noon <= now else noon - timedelta(days=1)


def clinic_without_breaks() -> None:
    """Two practitioners, rooms and devices for everything."""
    catalogue = make_clinic(days=range(7))
    for who in (catalogue.ayse, catalogue.deniz):
        who.working_hours.all().delete()
        for weekday in range(7):
            who.working_hours.create(weekday=weekday, starts="09:00", ends="18:00")
    make_device("pen-2", catalogue.location, [catalogue.pen])
    call_command("load_questionnaire", verbosity=0)


def visits(dice: random.Random, starts: list[datetime]) -> dict[str, list[Appointment]]:
    """Holds, some about to end, reservations and visits at these times."""
    rows: dict[str, list[Appointment]] = {kind: [] for kind in ("held", "ending", "reserved", "confirmed")}
    for n, start in enumerate(dice.sample(starts, 14)):
        kind = ["held", "ending", "ending", "reserved", "reserved", "confirmed", "confirmed"][n % 7]
        try:
            row = holds.hold_slot(plan=plan(dice.choice(["peel", "consult"])), start=start)
        except DomainError:
            continue
        if kind in ("reserved", "confirmed"):
            row = lifecycle.reserve(row, patient=make_patient(f"Known {next(NUMBERS)}"))
            row = lifecycle.record_clearance(row, clearance=Clearance.CLEARED)
        if kind == "confirmed":
            row = lifecycle.confirm(row)
        rows[kind].append(row)
    for _ in range(4):
        waiting.join(
            plan=plan("consult"),
            location=Location.objects.get(),
            patient=make_patient(f"Waits {next(NUMBERS)}"),
            first=starts[0].date(),
            last=starts[-1].date(),
            parts=["morning"],
        )
    return rows


def times(seed: int) -> list[datetime]:
    """Quarters of an hour of two mornings, each seed's own; soon enough to be booked, and far enough for swaps."""
    first = timezone.now().astimezone(ZONE).date() + timedelta(days=1 + 2 * seed)
    nine = [datetime(day.year, day.month, day.day, 9, tzinfo=ZONE) for day in (first, first + timedelta(days=1))]
    return [start + timedelta(minutes=minute) for start in nine for minute in range(0, 150, 15)]


def ends_soon(rows: list[Appointment], dice: random.Random) -> None:
    """These holds run out in the middle of the storm, by PostgreSQL's clock."""
    with connection.cursor() as cursor:
        for row in rows:
            cursor.execute(
                "UPDATE bookings_appointment SET hold_expires_at = clock_timestamp() + %s WHERE id = %s",
                [timedelta(seconds=dice.uniform(0.1, 1.5)), row.pk],
            )


def answers_given() -> str:
    answers = {one.id: one.fine[0] for one in current().questions if one.stage == SHORT}
    return answers_cookie._seal(answers, time.time() + 7200)


@pytest.fixture
def storm(web, together):
    """`storm(seed)`: the world it raged in, and what everybody was told."""
    clinic_without_breaks()
    address = web(workers=2)

    def rage(seed: int) -> SimpleNamespace:
        dice = random.Random(seed)
        starts = times(seed)
        rows = visits(dice, starts)
        visitor = Visitor(address)
        answered = Visitor(address, {"answers": answers_given()})
        world = World(address, dice, rows, visitor, answered, at_the_desk(address), starts)
        acts = [prepare(world) for prepare in dice.choices(PATHS, k=TURNS)]
        ends_soon(rows["ending"], dice)
        return SimpleNamespace(world=world, told=together(acts))

    return rage


def test_a_storm_of_every_path_leaves_everything_true(storm, overlaps, orphans):
    done = Counter()
    for seed in SEEDS:
        raged = storm(seed)
        told = raged.told
        assert [one for one in told if one.status >= 500] == []
        assert {one.code for one in told if one.code} <= KNOWN
        assert {one.status for one in told if not is_gone(one)} <= {200, 201, 302} | REFUSED
        assert (overlaps(), orphans()) == (0, 0)
        assert disagreements() == []
        kept_their_word(told, raged.world)
        whole_courses_and_true_offers()
        for row in Appointment.objects.all():
            as_the_audit_says(row)
        done.update(one.path for one in told if one.status < 400)
    # A storm in which a path never comes through proves nothing about it.
    assert set(done) == {prepare.__name__.replace("_", " ") for prepare in PATHS}


def is_gone(told: Told) -> bool:
    """The link of a hold that was cancelled before it had a person leads nowhere any more."""
    if told.status != 404 or told.on is None:
        return False
    told.on.refresh_from_db()
    return told.on.state == State.CANCELLED and told.on.patient_id is None


def kept_their_word(told: list[Told], world: World) -> None:
    """Whoever was told that a new time is theirs has it. Nobody else knows these bookings, and no hold ends so soon."""
    made = [one for one in told if one.path in ("api hold", "page hold", "desk books") and one.row]
    assert len({one.row for one in made}) == len(made)
    for one in made:
        row = Appointment.objects.get(pk=one.row)
        assert row.state == (State.RESERVED if one.path == "desk books" else State.HELD)
        assert row.start == one.start
        assert row.allocations.filter(active=True, resource=row.room_id, during__startswith=row.start).exists()
    known = {str(row.pk) for rows in world.rows.values() for row in rows}
    here = Appointment.objects.filter(start__range=(world.starts[0], world.starts[-1]), course=None)
    here = here.exclude(source=Source.WAITING)
    assert {str(pk) for pk in here.values_list("pk", flat=True)} == known | {one.row for one in made}


def whole_courses_and_true_offers() -> None:
    """A course has every session or does not exist; an open offer is a live hold of its own person."""
    for one in Course.objects.all():
        assert one.appointments.count() == one.sessions
    for given in WaitingOffer.objects.filter(answer="open").select_related("appointment", "entry"):
        assert given.appointment.state in (State.HELD, State.LAPSED)
        assert given.appointment.patient_id == given.entry.patient_id
    taken = WaitingOffer.objects.filter(answer="taken").select_related("appointment")
    assert all(given.appointment.patient_id for given in taken)


def as_the_audit_says(row: Appointment) -> None:
    """Its entries, in order, are one story that ends where the row is: state by state and move by move."""
    state, start, moves = State.HELD, None, 0
    for entry in Entry.objects.filter(subject=row.ref).order_by("pk"):
        if entry.action == "appointment.move":
            assert start in (None, entry.detail["from"]), (row.pk, entry.detail)
            start, moves = entry.detail["to"], moves + 1
        elif "to" in entry.detail and entry.detail["to"] in State.values:
            assert entry.detail["from"] == state, (row.pk, entry.action, entry.detail)
            state = entry.detail["to"]
    assert row.state == state
    assert row.version == 1 + moves
    assert start is None or datetime.fromisoformat(start) == row.start


def disagreements() -> list:
    """Appointments whose active allocations are not exactly what their phases need, judged without the trigger."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH wanted AS (
              SELECT a.id, w.resource_id, w.during FROM bookings_appointment a CROSS JOIN LATERAL (VALUES
                (a.room_id, tstzrange(a.starts_at, a.ends_at)),
                (a.practitioner_id, tstzrange(a.treatment_starts_at, a.treatment_ends_at)),
                (CASE WHEN a.talk_ends_at IS NOT NULL THEN a.practitioner_id END, tstzrange(a.starts_at, a.talk_ends_at)),
                (a.device_id, tstzrange(a.treatment_starts_at, a.treatment_ends_at)),
                ((SELECT r.id FROM bookings_resource r WHERE r.patient_id = a.patient_id),
                 tstzrange(a.starts_at, a.treatment_ends_at))) w(resource_id, during)
               WHERE w.resource_id IS NOT NULL AND a.state NOT IN ('cancelled', 'lapsed')
            ), taken AS (
              SELECT appointment_id AS id, resource_id, during FROM bookings_allocation WHERE active
            )
            (SELECT 'lacks', * FROM wanted EXCEPT ALL SELECT 'lacks', * FROM taken)
            UNION ALL (SELECT 'has', * FROM taken EXCEPT ALL SELECT 'has', * FROM wanted)
            """
        )
        return cursor.fetchall()
