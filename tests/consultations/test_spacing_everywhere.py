"""The days between two treatments of one person's skin, attacked through every way of taking a time.

A pair is tried in both directions, on the last day that is too near and on the first that is not: every pair of the
clinical table where a time is shown, held or put into a course, a few of each kind through every other path. A path is
a function that takes the time or raises; whatever it did is undone before the next try.
"""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.test import Client

from bookings.links import manage_token
from bookings.selectors import free_starts
from bookings.selectors.courses import Chosen
from bookings.services import moves, offers, waiting
from bookings.services.courses import book_series
from bookings.services.details import give_details
from bookings.services.holds import hold_slot
from bookings.services.lifecycle import reserve
from bookings.waiting import PARTS
from clinic.errors import DomainError, NotAllowed
from clinic.people.access import Actor
from clinic.people.models import User
from tests.bookings.cast import NOW, at, confirmed, make_patient, plan
from tests.consultations.plan_cast import practitioner

pytestmark = pytest.mark.django_db
DAY = date(2027, 6, 2)  # a Wednesday; none of the days tried is a Sunday
FAR = "2027-07-28 11:00"
PHONE = "+905325559901"
# earlier, later, least days between; written from the clinic's table, not from the code
TABLE = [
    ("pen", "pen", 28),
    ("pen", "roller", 28),
    ("roller", "rf", 28),
    ("rf", "pen", 28),
    ("rf", "rf", 28),
    ("pen", "prp", 28),
    ("prp", "roller", 28),
    ("pen", "peel", 14),
    ("peel", "pen", 14),
    ("peel", "rf", 14),
    ("rf", "peel", 28),
    ("peel", "peel", 14),
    ("pen", "laser", 28),
    ("laser", "pen", 28),
    ("peel", "laser", 28),
    ("laser", "peel", 28),
    ("rf", "laser", 28),
    ("laser", "laser", 28),
]
FEW = [("peel", "pen", 14), ("rf", "peel", 28), ("laser", "laser", 28)]


class Undo(Exception):
    """Whatever was taken is given back."""


def visit(modality):
    return plan(modality, "cheeks")


def start_on(day):
    return at(f"{day} 14:00")


def is_interval(refusal):
    codes = {one["code"] for one in refusal.extra.get("reasons", [])} | {refusal.code}
    return "interval" in codes


# the paths


def held_for_them(person, modality, start):
    hold_slot(plan=visit(modality), start=start, patient=person, now=NOW)


def held_by_the_desk(person, modality, start):
    hold_slot(plan=visit(modality), start=start, patient=person, staff=True, actor=Actor("desk"), now=NOW)


def reserved_online(person, modality, start):
    """Nobody knows who holds it until the details come."""
    row = hold_slot(plan=visit(modality), start=start, now=NOW)
    give_details(row, name=person.name, phone=person.phone, now=NOW)


def reserved_for_them(person, modality, start):
    reserve(hold_slot(plan=visit(modality), start=start, now=NOW), patient=person, now=NOW)


def by_the_api(person, modality, start):
    client = Client()
    body = {"treatment": modality, "areas": ["cheeks"], "start": start.isoformat()}
    held = client.post("/api/v1/bookings/", body, content_type="application/json").json()
    details = {"name": person.name, "phone": person.phone, "language": "en", "consents": {}}
    details |= {"email": "", "date_of_birth": "1990-05-01"}
    bearer = {"authorization": f"Bearer {held['token']}"}
    path = f"/api/v1/bookings/{held['id']}/patient/"
    answer = client.put(path, details, content_type="application/json", headers=bearer)
    if answer.status_code >= 400:
        raise DomainError(answer.json()["code"], "refused")


def at_the_desks_page(person, modality, start):
    client = Client()
    client.force_login(User.objects.get(email="derya@desk.example"))
    form = {
        "patient": str(person.pk), "name": person.name, "phone": person.phone, "language": "en", "treatment": modality,
        "areas": ["cheeks"], "practitioner": "", "date": f"{start:%Y-%m-%d}", "start": start.isoformat(), "intent": "book",
    }  # fmt: skip
    answer = client.post("/desk/new/", form)
    if answer.status_code != 302:
        told = answer.content.decode()
        raise DomainError("interval" if "too close" in told.casefold() else "other", told)


def moved_by_them(person, modality, start):
    row = confirmed(FAR, modality, patient=person, areas=("cheeks",), staff=True)
    moves.move(row, start=start, now=NOW)


def moved_by_the_desk(person, modality, start):
    row = confirmed(FAR, modality, patient=person, areas=("cheeks",), staff=True)
    moves.move(row, start=start, staff=True, actor=Actor("desk"), now=NOW)


def moved_by_the_api(person, modality, start):
    row = confirmed(FAR, modality, patient=person, areas=("cheeks",), staff=True)
    bearer = {"authorization": f"Bearer {manage_token(row)}"}
    path, body = f"/api/v1/bookings/{row.pk}/move/", {"start": start.isoformat()}
    answer = Client().post(path, body, content_type="application/json", headers=bearer)
    if answer.status_code >= 400:
        raise DomainError(answer.json()["code"], "refused", extra=answer.json())


def offered_from_the_waiting_list(person, modality, start):
    day = start.date()
    asked = {"first": day, "last": day, "parts": PARTS, "now": NOW}
    where = {"plan": visit(modality), "location": confirmed.location, "patient": person}
    offers.offer(waiting.join(**where, **asked), start=start, now=NOW)


def in_a_course(person, modality, start):
    book_series(visits=[visit(modality)], gaps=[], patient=person, starts=[Chosen(start)], now=NOW)


def as_the_second_of_a_course(person, modality, start):
    """The first session is of other skin, so only the one that was there already can be too near."""
    first = Chosen(start - timedelta(days=1))
    two = [plan("peel", "legs"), visit(modality)]
    book_series(visits=two, gaps=[(1, 5)], patient=person, starts=[first, Chosen(start)], staff=True, now=NOW)


def shown_as_free(person, modality, start):
    found = free_starts(plan=visit(modality), first=start.date(), last=start.date(), patient_id=person.pk, now=NOW)
    if start not in found.starts:
        raise DomainError("interval", "not shown")


PATHS = [
    held_for_them, held_by_the_desk, reserved_online, reserved_for_them, by_the_api, at_the_desks_page, moved_by_them,
    moved_by_the_desk, moved_by_the_api, offered_from_the_waiting_list, in_a_course, as_the_second_of_a_course, shown_as_free,
]  # fmt: skip
WITH_ALL = (shown_as_free, held_for_them, in_a_course)


@pytest.fixture
def world(clinic, time_machine, settings):
    settings.RATE_LIMITS = False
    time_machine.move_to(NOW, tick=False)
    User.objects.create_user("derya@desk.example", "a long enough word", name="Derya", role="desk")
    confirmed.location = clinic
    return clinic


def outcome(path, person, modality, day):
    """ "taken", "interval", or the code of another refusal."""
    try:
        with transaction.atomic():
            path(person, modality, start_on(day))
            raise Undo
    except Undo:
        return "taken"
    except DomainError as refusal:
        return "interval" if is_interval(refusal) else refusal.code


def attacks(path):
    """Every try of one path that did not end as the table says."""
    wrong = []
    for earlier, later, gap in TABLE if path in WITH_ALL else FEW:
        for mine, theirs, sign in ((later, earlier, 1), (earlier, later, -1)):
            for days, wanted in ((gap - 1, "interval"), (gap, "taken")):
                with suppress(Undo), transaction.atomic():
                    person = make_patient("Elif Aydın", phone=PHONE)
                    confirmed(f"{DAY} 10:00", theirs, patient=person, areas=("face",), staff=True)
                    got = outcome(path, person, mine, DAY + timedelta(days=sign * days))
                    if got != wanted:
                        wrong.append((earlier, later, "after" if sign > 0 else "before", days, got))
                    raise Undo
    return wrong


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__)
def test_pairs_keep_their_days_in_both_directions(world, path):
    assert attacks(path) == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__)
def test_other_skin_keeps_nobody_away(world, path):
    person = make_patient("Elif Aydın", phone=PHONE)
    confirmed(f"{DAY} 10:00", "rf", patient=person, areas=("neck",), staff=True)
    assert outcome(path, person, "pen", DAY + timedelta(days=1)) == "taken"


def override_by_hold(person):
    def act(start, **who):
        asked = {"staff": True, "interval_reason": "Test spot.", "now": NOW}
        hold_slot(plan=visit("laser"), start=start, patient=person, **asked, **who)

    return act


def override_by_move(person):
    row = confirmed(FAR, "laser", patient=person, areas=("cheeks",), staff=True)
    return lambda start, **who: moves.move(row, start=start, staff=True, interval_reason="Test spot.", now=NOW, **who)


@pytest.mark.parametrize("way", [override_by_hold, override_by_move])
def test_only_a_practitioner_may_come_nearer_and_only_with_a_reason(world, way):
    person = make_patient("Elif Aydın", phone=PHONE)
    confirmed(f"{DAY} 10:00", "pen", patient=person, areas=("face",), staff=True)
    near, act = start_on(DAY + timedelta(days=27)), way(person)
    for who in ({}, {"actor": Actor("desk")}, {"actor": Actor("owner")}, {"actor": Actor("patient")}):
        with pytest.raises(NotAllowed):
            act(near, **who)
    act(near, actor=practitioner("ayse"))
