"""One person books two treatments of the same skin at once, each from another phone: one is booked, the other refused."""

from collections import Counter

import pytest

from bookings.models import Appointment
from bookings.selectors.courses import Chosen
from bookings.services import moves
from bookings.services.courses import book_series
from bookings.services.details import give_details
from bookings.services.holds import hold_slot
from bookings.services.lifecycle import reserve
from clinic.people.models import Patient
from tests.bookings.cast import NOW, at, confirmed, held, make_clinic, make_patient, plan
from tests.concurrency.test_holds import outcome

pytestmark = pytest.mark.django_db(transaction=True)
PEN_DAY, LASER_DAY = "2027-04-06 10:00", "2027-04-13 10:00"  # a week apart; four are needed


def ways(person):
    """Two treatments, each with its own device, room and day, so that nothing but the interval stands between them."""

    def reserved(modality, start):
        row = held(start, modality)
        return lambda: reserve(row, patient=person, now=NOW)

    def by_details(modality, start):
        row = held(start, modality)
        return lambda: give_details(row, name=person.name, phone=person.phone, now=NOW)

    def by_hold(modality, start):
        wanted = plan(modality)
        return lambda: reserve(
            hold_slot(plan=wanted, start=at(start), patient=person, now=NOW), patient=person, now=NOW
        )

    def in_a_course(modality, start):
        wanted = [plan(modality)]
        return lambda: book_series(visits=wanted, gaps=[], patient=person, starts=[Chosen(at(start))], now=NOW)

    def moved(modality, start):
        row = confirmed({"pen": "2027-06-01 10:00", "laser": "2027-07-06 10:00"}[modality], modality, patient=person)
        return lambda: moves.move(row, start=at(start), now=NOW)

    return {"reserve": reserved, "details": by_details, "hold": by_hold, "course": in_a_course, "move": moved}


PAIRS = [
    ("reserve", "reserve"), ("details", "details"), ("hold", "hold"), ("hold", "course"), ("course", "course"),
    ("reserve", "course"), ("details", "hold"), ("move", "reserve"), ("move", "course"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_exactly_one_wins(together, one, other):
    make_clinic()
    person = make_patient()
    way = ways(person)
    calls = [way[one]("pen", PEN_DAY), way[other]("laser", LASER_DAY)]
    answers = Counter(code for code, _took in together([lambda call=call: outcome(call) for call in calls]))
    assert answers["done"] == 1, answers
    assert set(answers) <= {"done", "interval", "start_not_possible", "slot_taken"}
    both = Appointment.objects.filter(patient=person, start__in=[at(PEN_DAY), at(LASER_DAY)])
    assert both.exclude(state="held").exclude(state="lapsed").count() <= 1


def test_somebody_new_who_books_twice_at_once_is_one_person(together):
    """Nobody knows them yet, so there is no row to lock: two tabs must not make two people of one."""
    make_clinic()
    for number in range(4):
        rows = [held(f"2027-04-{6 + number:02} 10:00", "pen"), held(f"2027-04-{13 + number:02} 14:00", "laser")]
        mine = {"name": "Yeni Hasta", "phone": f"+9053255588{number:02}", "now": NOW}
        calls = [lambda row=row, mine=mine: outcome(lambda: give_details(row, **mine)) for row in rows]
        answers = Counter(code for code, _took in together(calls))
        assert answers == {"done": 1, "interval": 1}
        assert Patient.objects.filter(name="Yeni Hasta").count() == number + 1
