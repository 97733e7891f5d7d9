"""Whoever looks through the process's copy of the diaries sees what a fresh read sees: attempts to read a stale one."""

import contextlib
import random
import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from bookings.models import Absence, Appointment, OpeningHours
from bookings.selectors import books, free_starts
from bookings.selectors.diaries import load_book
from bookings.services import holds, lifecycle, moves
from bookings.spans import Spans
from clinic.errors import DomainError
from tests.bookings.cast import NOW, at, confirmed, held, make_clinic, make_patient, plan
from treatments.models import Offer

pytestmark = pytest.mark.django_db(transaction=True)
DAY = at("2027-03-02 00:00").date()


@pytest.fixture(autouse=True)
def _clock(time_machine):
    time_machine.move_to(NOW, tick=False)


def seen(wanted) -> list:
    return free_starts(plan=wanted, first=DAY, last=DAY + timedelta(days=3), now=NOW).starts


def straight(wanted) -> list:
    """The same question to diaries read from the database for it."""
    known = books.current_book()
    book = load_book(known.start, known.end)
    return free_starts(plan=wanted, first=DAY, last=DAY + timedelta(days=3), now=NOW, book=book).starts


def elsewhere(act):
    """Runs in another thread on a connection of its own, to the end."""
    failed = []

    def run():
        try:
            act()
        except Exception as problem:
            failed.append(problem)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert not failed


def test_every_kind_of_change_is_seen_at_once():
    clinic = make_clinic()
    wanted = plan()
    first = confirmed("2027-03-02 10:00")
    second = held("2027-03-03 10:00")
    changes = [
        lambda: held("2027-03-02 14:00"),
        lambda: moves.move(first, start=at("2027-03-04 10:00"), now=NOW),
        lambda: lifecycle.cancel(first, reason="patient", now=NOW),
        lambda: holds.release_hold(second, now=NOW),
        lambda: Absence.objects.create(
            resource=clinic.device, starts_at=at("2027-03-02 09:00"), ends_at=at("2027-03-02 12:00")
        ),
        lambda: OpeningHours.objects.filter(weekday=2).update(closes="15:00"),
        lambda: clinic.deniz.practitioner.skills.clear(),
        lambda: clinic.ayse.working_hours.filter(weekday=3).delete(),
        lambda: type(clinic.ayse).objects.filter(pk=clinic.ayse.pk).update(active=False),
        lambda: Appointment.objects.all().delete(),
    ]
    before = seen(wanted)
    different = []
    for change in changes:
        elsewhere(change)
        after = seen(wanted)
        assert after == straight(wanted)
        different.append(after != before)
        before = after
    # One pen device serves both practitioners, so that one of them loses the skill frees or takes nothing.
    assert different == [True] * 5 + [True, False, True, True, False]


def test_a_change_still_under_way_when_the_copy_was_made_is_seen_once_it_is_there():
    make_clinic()
    wanted = plan()
    other = held("2027-03-03 10:00")
    written, look = threading.Event(), threading.Event()

    def slowly():
        with transaction.atomic():
            held("2027-03-02 10:00")
            written.set()
            look.wait(10)

    thread = threading.Thread(target=lambda: (slowly(), connections.close_all()))
    books._kept.clear()
    thread.start()
    written.wait(10)
    before = seen(wanted)  # the copy is made now, with the other transaction open
    holds.release_hold(other, now=NOW)  # later transactions come and go meanwhile
    assert seen(wanted) == straight(wanted) != before
    look.set()
    thread.join()
    assert at("2027-03-02 10:00") in before
    assert at("2027-03-02 10:00") not in seen(wanted)
    assert seen(wanted) == straight(wanted)


def test_what_is_rolled_back_is_never_remembered():
    make_clinic()
    wanted = plan()
    before = seen(wanted)
    with transaction.atomic():
        held("2027-03-02 10:00")
        assert seen(wanted) != before
        transaction.set_rollback(True)
    assert seen(wanted) == before == straight(wanted)


def test_a_hold_stops_counting_the_moment_it_is_over():
    make_clinic()
    wanted = plan()
    before = seen(wanted)
    row = held("2027-03-02 10:00")
    just, over = row.hold_expires_at - timedelta(seconds=1), row.hold_expires_at
    for now, there in ((NOW, False), (just, False), (over, True)):
        found = free_starts(plan=wanted, first=DAY, last=DAY, now=now).starts
        assert (row.start in found) == there
    assert row.start in before


def test_forgotten_changes_make_a_copy_be_read_anew():
    make_clinic()
    wanted = plan()
    seen(wanted)
    elsewhere(lambda: held("2027-03-02 10:00"))
    elsewhere(lambda: books.forget_changes(keep="0 seconds"))
    assert seen(wanted) == straight(wanted)
    assert at("2027-03-02 10:00") not in seen(wanted)


def test_a_new_length_in_the_catalogue_is_seen():
    make_clinic()
    book = books.current_book()
    before = books.plan_for(book, modality="pen", areas=["face"]).treatment
    elsewhere(lambda: Offer.objects.filter(modality__slug="pen").update(treatment_minutes=60))
    after = books.plan_for(books.current_book(), modality="pen", areas=["face"]).treatment
    assert (before, after) == (45, 60)


def test_readers_and_writers_at_once(together):
    """Four writers hold and release; four readers compare their copy with the database all the while."""
    make_clinic()
    wanted = plan("consult")
    stop = threading.Event()
    misses = []

    def read():
        while not stop.is_set():
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                mine, theirs = seen(wanted), straight(wanted)
                if mine != theirs:
                    misses.append((mine, theirs))

    def write(n):
        try:
            for turn in range(12):
                hour = 9 + (n + turn) % 3
                row = held(f"2027-03-0{2 + n % 3} {hour:02}:00", "consult")
                holds.release_hold(row, now=NOW)
        finally:
            stop.set()

    together([read] * 4 + [lambda n=n: write(n) for n in range(3)])
    assert not misses
    assert seen(wanted) == straight(wanted)


@pytest.mark.parametrize("change", [lambda: Offer.objects.update(price=1), lambda: held("2027-03-04 10:00", "consult")])
def test_what_a_transaction_writes_after_it_looked_is_seen_too(change):
    """PostgreSQL leaves the asking transaction out of its own snapshot: once a younger one has ended, it looks as if
    it had been seen already."""
    clinic = make_clinic()
    wanted = plan("peel")
    before = seen(wanted)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")  # it has a number now
        elsewhere(change)  # a younger one ends: read anew, or brought up to date
        seen(wanted)
        Absence.objects.create(resource=clinic.ayse, starts_at=at("2027-03-02 00:00"), ends_at=at("2027-03-03 00:00"))
        Absence.objects.create(resource=clinic.deniz, starts_at=at("2027-03-02 00:00"), ends_at=at("2027-03-03 00:00"))
    after = seen(wanted)
    assert after == straight(wanted)
    assert len(after) < len(before)


def test_a_copy_brought_up_to_date_is_the_one_read_anew():
    """Many changes here and there, each found as a range: spliced in, they give what a whole read gives."""
    make_clinic()
    dice = random.Random(5)
    books.current_book()
    rows = []
    for turn in range(40):
        act = dice.choice(["hold", "hold", "move", "cancel", "confirm"])
        day, hour, quarter = dice.randrange(2, 5), dice.choice([9, 10, 11, 14, 15, 16]), dice.choice([0, 15, 30, 45])
        start = at(f"2027-03-0{day} {hour:02}:{quarter:02}")
        row = dice.choice(rows) if rows else None
        with contextlib.suppress(DomainError):
            if act == "hold" or row is None:
                rows.append(holds.hold_slot(plan=plan("consult"), start=start, now=NOW))
            elif act == "move":
                moves.move(row, start=start, now=NOW)
            elif act == "cancel":
                lifecycle.cancel(row, reason="patient", now=NOW)
            else:
                lifecycle.reserve(row, patient=make_patient(), now=NOW)
        mine = books.current_book()
        fresh = load_book(mine.start, mine.end)
        assert mine.spans.keys() >= fresh.spans.keys()
        for resource, spans in mine.spans.items():
            assert spans == fresh.spans.get(resource, Spans()), (turn, act)


def test_a_practitioners_gender_is_seen_at_once():
    clinic = make_clinic()
    books.current_book()
    elsewhere(lambda: type(clinic.ayse.practitioner).objects.filter(pk=clinic.ayse.pk).update(gender="woman"))
    [row] = [one for one in books.current_book().resources if one.facts.id == clinic.ayse.pk]
    assert row.gender == "woman"


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 6)), max_size=8), st.integers(0, 40), st.integers(1, 20))
def test_splicing_replaces_what_touches_and_keeps_the_rest(spans, low, length):
    high, edge, kept = low + length, 0, []
    for gap, size in spans:
        kept.append((edge + gap, edge + gap + size))
        edge = kept[-1][1]
    news = [(low, low + 1)]
    found = packed(kept).spliced(low, high, packed(news))
    others = [one for one in kept if one[1] <= low or one[0] >= high]
    assert found == packed(sorted(others + news))


def packed(spans) -> Spans:
    return Spans.unpacked(" ".join(f"{start} {end}" for start, end in spans), None)
