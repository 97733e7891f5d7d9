"""CPU time of planning six sessions over months, in a clinic of ten practitioners, eight rooms and six devices.

    python -m bench.planner [visits a day …]

The next 90 days are filled, one run with half of the visits, one with as many as fit. "Board" turns diaries into
timelines, "plan" finds the three best courses and their reasons, "together" is what a page asks for, with its query.
"Mixed" is the same page for a course of two treatments in turn (pen, peel, …, two to three weeks apart), "three kinds" for
one of three.
"""

import sys
import time
from datetime import date, timedelta

from bench.database import scratch
from bench.measure import at, noise, versions

TRIES, SESSIONS = 60, 6


def main(loads: list[int]) -> None:
    for a_day in loads:
        with scratch():
            measure(a_day)


def measure(a_day: int) -> None:
    from django.db import connection

    from bench import data
    from bookings import planner
    from bookings.models import Appointment
    from bookings.selectors import courses, free_times
    from treatments.selectors import visit_plan

    filler = data.Filler(data.make_clinic())
    tomorrow = date.today() + timedelta(days=1)
    filler.fill(tomorrow, 100 * a_day, a_day=a_day, before=tomorrow + timedelta(days=90))
    plan = visit_plan(modality="pen", areas=["face"])
    spacing = courses.spacing_of(plan.modality)
    now = free_times.timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        [postgres] = cursor.fetchone()
    print(f"\n## {Appointment.objects.count():,} visits ahead, {a_day} a day wanted")
    print(versions(postgres), noise(), sep="\n")
    wishes = [{}, {"prefer": "p3"}, {"weekday": 2, "minute": 600}, {"prefer": "p0", "weekday": 4, "minute": 990}]
    found: dict[str, list[float]] = {"board": [], "plan": [], "together": [], "mixed": [], "three kinds": []}
    series = {"mixed": _series("pen", "peel"), "three kinds": _series("pen", "peel", "laser")}
    for n in range(TRIES):
        first, wish = tomorrow + timedelta(days=n % 30), wishes[n % len(wishes)]
        last = first + timedelta(days=243)
        begun = time.process_time()
        seen = free_times.picture(plan=plan, first=first, last=last, wish=free_times.Wish(staff=True), now=now)
        boarded = time.process_time()
        people = planner.people_of(seen.board)
        asked = planner.Rhythm(wish.get("weekday"), wish.get("minute"), people[3].id if "prefer" in wish else None)
        course = planner.Course(SESSIONS, spacing, first, last, asked)
        frame, why = seen.board.frame, planner.why_with(seen.board)
        planner.propose(frame=frame, zone=seen.zone, step=15, people=people, course=course, why=why)
        planned = time.process_time()
        courses.plan_course(plan=plan, sessions=SESSIONS, earliest=first, staff=True, now=now, **wish)
        found["together"].append((time.process_time() - planned) * 1000)
        for name, (visits, gaps) in series.items():
            asked_at = time.process_time()
            courses.plan_series(visits=visits, gaps=gaps, earliest=first, staff=True, course=True, now=now, **wish)
            found[name].append((time.process_time() - asked_at) * 1000)
        found["board"].append((boarded - begun) * 1000)
        found["plan"].append((planned - boarded) * 1000)
    for name, times in found.items():
        times = sorted(times[len(wishes) :])  # the first of each fills what the process keeps
        print(f"{name:>11}: p50 {at(times, 0.5):6.1f} ms CPU, p95 {at(times, 0.95):6.1f} ms")


def _series(*slugs: str) -> tuple[list, list[tuple[int, int]]]:
    """So many sessions of these in turn, with the gaps a plan begins with."""
    from treatments.courses import Step, usual_gaps
    from treatments.selectors import visit_plan

    chosen = [slugs[number % len(slugs)] for number in range(SESSIONS)]
    made = {slug: visit_plan(modality=slug, areas=["face"]) for slug in slugs}
    return [made[slug] for slug in chosen], usual_gaps([Step(slug, frozenset({"face"})) for slug in chosen])


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]] or [32, 64])
