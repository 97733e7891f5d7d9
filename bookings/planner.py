"""A whole course placed at once: when its sessions are, with whom, and why they lie where they lie.

Pure: starting ticks per practitioner in, plans out. Days are whole local days, hours are those of the local clock, so a
change of the clock moves nothing.

**What a plan costs**, in points; one point is one day.

    each day that the last session is later than the earliest day and the shortest spacing allow     1
    a session on another weekday                                                                     5
    a session at another time: up to half an hour away 2, an hour 4, two hours 6, more               9
    a session with another practitioner                                                             12
    a session later than the longest spacing                                                      1000

"Another" counts against the plan's own *rhythm* (one weekday, one time, one practitioner, chosen with it) and once more
against what was asked for, where something was. So the hour gives way before the person does, a single session gives way
before the whole course waits a week, and nobody is made to wait a fortnight for one familiar face. A session is never
before the shortest spacing. One after the longest outweighs everything else together: a plan has one only when no plan
has fewer, and says so.

The cheapest plan of *every* rhythm is found exactly, all rhythms at once (`planning.search`). Slack is by how many days a
session is later than the shortest spacing allows. A plan that costs n has no slack above n, so the first weeks of slack are
looked at first, and then as many as what they gave costs.

Sessions may differ: each may have its own kind (a treatment on areas, with its length, device and the people who can give
it) and each gap its own bounds. A rhythm stays one weekday, one time and one practitioner for all of them; whoever can't
give a kind has no start for it, so that session is with somebody else, at the usual price. That two sessions which are not
neighbours keep their distance follows from the shortest gaps between them (`treatments.courses.too_near`).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from heapq import heappop, heappush

from bookings.availability import PRACTITIONER, Board, Place
from bookings.planning.costs import (
    MOST_SESSIONS,
    TOO_LATE,
    Course,
    Failure,
    Note,
    Person,
    Plan,
    Proposals,
    Rhythm,
    Session,
    time_cost,
)
from bookings.planning.days import LocalDays
from bookings.planning.notes import Why, noted
from bookings.planning.search import Reach, Rhythms
from bookings.ticks import Frame

__all__ = [
    "MOST_SESSIONS",
    "Course",
    "Failure",
    "Note",
    "Person",
    "Plan",
    "Proposals",
    "Rhythm",
    "Session",
    "differs",
    "people_of",
    "propose",
    "time_cost",
    "why_with",
]

ALIKE = 4  # points by which a further plan is put back for each shown plan with its weekday, or about its time
APART_MINUTES, APART_DAYS = 120, 7  # from here on a time, or an end, is another one
FIRST_SLACK, MORE_SLACK = 9, 28


def propose(
    *, frame: Frame, zone: str, step: int, people: list[Person], course: Course, why: Why | None = None, count: int = 3
) -> Proposals:
    """The best plans, truly different from one another, with notes. `step` is the grid of starts in minutes.

    The first is the cheapest there is. A further one differs from each before it in its weekday, its practitioner, by two
    hours in its time, or by a week in its end; where prices are near, weekdays and times not shown yet come first.
    """
    days = LocalDays(frame=frame, zone=zone, step=step, people=people, first=course.earliest, last=course.latest)
    reach = Reach.of(days, course)
    if not reach.possible:
        return Proposals((), reach.failure)
    rhythms = Rhythms(days, course, late=reach.late > 0)
    slack = reach.slack + FIRST_SLACK
    while True:
        slack = min(slack, rhythms.most_slack)
        plans, worst = _chosen(rhythms, rhythms.solve(slack), count)
        enough = worst - reach.late * TOO_LATE  # whatever has more slack than that costs more
        if slack == rhythms.most_slack or len(plans) == count and enough <= slack:
            break
        slack = enough if len(plans) == count else slack + MORE_SLACK
    return Proposals(tuple(noted(plans, course, days, why)), reach.failure)


def differs(one: Plan, other: Plan) -> bool:
    """Whether two plans are worth showing next to each other."""
    if abs((one.sessions[-1].day - other.sessions[-1].day).days) >= APART_DAYS:
        return True
    mine, theirs = usual(one), usual(other)
    same = mine.weekday == theirs.weekday and mine.practitioner == theirs.practitioner
    return not same or abs(mine.minute - theirs.minute) >= APART_MINUTES


def usual(plan: Plan) -> Rhythm:
    """What most of its sessions have; of equally many the first."""
    weekdays = Counter(one.day.weekday() for one in plan.sessions)
    minutes = Counter(one.minute for one in plan.sessions)
    people = Counter(one.practitioner for one in plan.sessions)
    return Rhythm(*(counter.most_common(1)[0][0] for counter in (weekdays, minutes, people)))


def people_of(board: Board, kind: int = 0) -> list[Person]:
    """Possible starts by practitioner. Who works at several places of the board has those of all of them."""
    found: dict[int, int] = {}
    for place in board.places:
        for diary in place.kinds[PRACTITIONER]:
            found[diary.facts.id] = found.get(diary.facts.id, 0) | place.starts & diary.starts & board.allowed
    return [Person(identifier, starts, kind) for identifier, starts in found.items()]


def why_with(*boards: Board) -> Why:
    """The boards' own reasons, asked about one practitioner. One board for each kind."""
    made: dict[tuple[int, int], Board] = {}

    def why(tick: int, practitioner: int, kind: int = 0):
        if (practitioner, kind) not in made:
            places = (_only(place, practitioner) for place in boards[kind].places)
            kept = tuple(one for one in places if one.kinds[PRACTITIONER])
            made[practitioner, kind] = replace(boards[kind], places=kept)
        return made[practitioner, kind].reasons(tick)

    return why


def _only(place: Place, practitioner: int) -> Place:
    mine = tuple(diary for diary in place.kinds[PRACTITIONER] if diary.facts.id == practitioner)
    return replace(place, kinds=place.kinds | {PRACTITIONER: mine})


def _chosen(rhythms: Rhythms, prices: list[int], count: int) -> tuple[list[Plan], int]:
    """The plans to show, and the highest price (with what puts it back) that decided about them."""
    order = sorted(range(len(prices) - 1, -1, -1), key=prices.__getitem__)
    plans: list[Plan] = []
    worst = 0
    while len(plans) < count:
        ranked = _by_rank(rhythms, order, prices, plans)
        plan = next(((rank, one) for rank, one in ranked if all(differs(one, shown) for shown in plans)), None)
        if plan is None:
            break
        worst = max(worst, plan[0])
        plans.append(plan[1])
    return plans, worst


def _by_rank(rhythms: Rhythms, order: list[int], prices: list[int], shown: list[Plan]) -> Iterator[tuple[int, Plan]]:
    """Plans by price and what puts them back, a rhythm looked at only when it could be next."""
    queue: list[tuple[int, int, int]] = []
    for place, index in enumerate(order):
        while queue and queue[0][0] < prices[index]:
            rank, _, next_one = heappop(queue)
            yield rank, rhythms.plan(next_one)
        mine = rhythms.rhythm(index)
        rank = prices[index] + ALIKE * sum(_alike(mine, plan.rhythm) for plan in shown)
        heappush(queue, (rank, place, index))
    while queue:
        rank, _, next_one = heappop(queue)
        yield rank, rhythms.plan(next_one)


def _alike(one: Rhythm, other: Rhythm) -> int:
    return (one.weekday == other.weekday) + (abs(one.minute - other.minute) < APART_MINUTES)
