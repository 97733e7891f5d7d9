"""What `bookings.planner` must find, by trying everything: every sequence of days, every start, every rhythm."""

from datetime import datetime
from itertools import product
from zoneinfo import ZoneInfo

from bookings.planning.costs import LATER, TOO_LATE, Course, Person, Rhythm, Session, apart
from bookings.ticks import TICK, Frame


def sessions_of(frame: Frame, zone: str, people: list[Person], course: Course) -> list[dict[int, list[Session]]]:
    """For each session in turn every one there could be, by days after the earliest."""
    found: list[dict[int, list[Session]]] = []
    for number in range(course.sessions):
        found.append({})
        for person in people:
            if person.kind != course.kind_of(number):
                continue
            for tick in range(frame.length):
                if person.starts >> tick & 1:
                    local = datetime.fromtimestamp(frame.origin + tick * TICK, ZoneInfo(zone))
                    if course.earliest <= local.date() <= course.latest:
                        minute = local.hour * 60 + local.minute
                        one = Session(frame.origin + tick * TICK, person.id, local.date(), minute)
                        found[-1].setdefault((local.date() - course.earliest).days, []).append(one)
    return found


def day_sequences(days: list[set[int]], course: Course, *, bounded: bool) -> list[tuple[int, ...]]:
    """`days`: the days there are for each session."""
    found = [(day,) for day in days[0]]
    for possible, (shortest, longest) in zip(days[1:], course.gaps, strict=False):
        found = [
            (*before, day)
            for before in found
            for day in possible
            if day - before[-1] >= shortest and (not bounded or day - before[-1] <= longest)
        ]
    return found


def cheapest(frame: Frame, zone: str, step: int, people: list[Person], course: Course) -> int | None:
    """The price of the best plan of all; None when there is none even with sessions after the longest spacing."""
    by_session = sessions_of(frame, zone, people, course)
    sequences = day_sequences([set(one) for one in by_session], course, bounded=False)
    if not sequences:
        return None
    ids = sorted({one.id for one in people})
    best = None
    slots = [(number, day) for number, by_day in enumerate(by_session) for day in sorted(by_day)]
    rows = set()
    for rhythm in (Rhythm(*one) for one in product(range(7), range(0, 24 * 60, step), ids)):
        rows.add(
            tuple(
                min(apart(one, rhythm) + apart(one, course.wish) for one in by_session[number][day])
                for number, day in slots
            )
        )
    timing = {
        days: (days[-1] - sum(gap[0] for gap in course.gaps)) * LATER
        + sum(b - a > gap[1] for a, b, gap in zip(days, days[1:], course.gaps, strict=False)) * TOO_LATE
        for days in sequences
    }
    for row in rows:
        prices = dict(zip(slots, row, strict=True))
        for days, cost in timing.items():
            price = cost + sum(prices[number, day] for number, day in enumerate(days))
            best = price if best is None else min(best, price)
    return best
