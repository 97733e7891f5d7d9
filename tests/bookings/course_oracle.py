"""What `bookings.planner` must find, by trying everything: every sequence of days, every start, every rhythm."""

from datetime import datetime
from itertools import product
from zoneinfo import ZoneInfo

from bookings.planning.costs import LATER, TOO_LATE, Course, Person, Rhythm, Session, apart
from bookings.ticks import TICK, Frame


def sessions_of(frame: Frame, zone: str, people: list[Person], course: Course) -> dict[int, list[Session]]:
    """Every single session there could be, by days after the earliest."""
    found: dict[int, list[Session]] = {}
    for person in people:
        for tick in range(frame.length):
            if person.starts >> tick & 1:
                local = datetime.fromtimestamp(frame.origin + tick * TICK, ZoneInfo(zone))
                if course.earliest <= local.date() <= course.latest:
                    minute = local.hour * 60 + local.minute
                    one = Session(frame.origin + tick * TICK, person.id, local.date(), minute)
                    found.setdefault((local.date() - course.earliest).days, []).append(one)
    return found


def day_sequences(days: set[int], course: Course, *, bounded: bool) -> list[tuple[int, ...]]:
    shortest, longest = course.spacing
    found = [(day,) for day in days]
    for _ in range(course.sessions - 1):
        found = [
            (*before, day)
            for before in found
            for day in days
            if day - before[-1] >= shortest and (not bounded or day - before[-1] <= longest)
        ]
    return found


def cheapest(frame: Frame, zone: str, step: int, people: list[Person], course: Course) -> int | None:
    """The price of the best plan of all; None when there is none even with sessions after the longest spacing."""
    by_day = sessions_of(frame, zone, people, course)
    sequences = day_sequences(set(by_day), course, bounded=False)
    if not sequences:
        return None
    shortest, longest = course.spacing
    order = sorted(by_day)
    rhythms = [Rhythm(*one) for one in product(range(7), range(0, 24 * 60, step), [one.id for one in people])]
    rows = {
        tuple(min(apart(one, rhythm) + apart(one, course.wish) for one in by_day[day]) for day in order)
        for rhythm in rhythms
    }
    timing = {
        days: (days[-1] - shortest * (len(days) - 1)) * LATER
        + sum(b - a > longest for a, b in zip(days, days[1:], strict=False)) * TOO_LATE
        for days in sequences
    }
    prices = [dict(zip(order, row, strict=True)) for row in rows]
    return min(cost + sum(price[day] for day in days) for price in prices for days, cost in timing.items())
