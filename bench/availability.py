"""How fast free times are answered, against an equal answer written with as little as possible.

    python -m bench.availability [appointments …]

(a) a constant page, (b) the floor: one query and a sweep in Python for practitioners only, (c) the product's API with
practitioners, rooms, devices and phases. One run, one machine, one web server with one worker.
"""

import json
import sys
import time
from datetime import date, timedelta

from bench.database import scratch, url
from bench.measure import Client, head, milliseconds, noise, row, together, versions, web

TRIES = 320
WINDOW = 5000  # visits that lie in the 90 days ahead; the rest is history


def main(sizes: list[int]) -> None:
    with scratch():
        from django.db import connection

        from bench import data
        from bookings.models import Allocation, Appointment

        location = data.make_clinic()
        filler = data.Filler(location)
        tomorrow = date.today() + timedelta(days=1)
        made = 0
        medians = {}
        for size in sizes:
            if not made:
                made += filler.fill(tomorrow, min(size, WINDOW), a_day=64)
            if size > made:
                days = (size - made) * 7 // (64 * 6) + 14
                made += filler.fill(tomorrow - timedelta(days=days), size - made, a_day=64, before=tomorrow)
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")
                cursor.execute("SHOW server_version")
                postgres = cursor.fetchone()[0]
            print(f"\n## {Appointment.objects.count():,} appointments, {Allocation.objects.count():,} allocations")
            print(versions(postgres), noise(), sep="\n")
            agree(tomorrow)
            medians[size] = measure(tomorrow)
        if len(medians) > 1:
            few, many = medians[sizes[0]], medians[sizes[-1]]
            print(f"\n{sizes[0]:,} → {sizes[-1]:,} appointments:")
            for name in few:
                print(f"  {name} {few[name]:.2f} → {many[name]:.2f} ms, {many[name] / few[name]:.2f}×")


def ranges(tomorrow: date) -> dict[str, list[tuple[date, date]]]:
    """Days and months that move about, so that nobody answers from the last answer."""
    days = [tomorrow + timedelta(days=n % 60) for n in range(TRIES)]
    return {
        "day": [(day, day) for day in days],
        "month": [(day, day + timedelta(days=30)) for day in days],
        "same month": [(tomorrow, tomorrow + timedelta(days=30))] * TRIES,
    }


def paths(first: date, last: date) -> tuple[str, str]:
    from bookings.models import Resource

    people = ",".join(str(one) for one in Resource.objects.filter(kind="practitioner").values_list("pk", flat=True))
    asked = f"from={first}&to={last}&treatment=laser"
    return (
        f"/bench/floor/?{asked}&numbing=20&minutes=30&people={people}",
        f"/api/v1/availability/?{asked}&areas=face",
    )


def agree(tomorrow: date) -> None:
    """The floor gives the starts that the engine gives when rooms and devices are no matter."""
    from django.test import RequestFactory

    from bench import floor
    from bookings.availability import DEVICE, ROOM, PlaceFacts, ResourceFacts, board
    from bookings.selectors import free_times
    from treatments.selectors import visit_plan

    first, last = tomorrow, tomorrow + timedelta(days=30)
    answer = json.loads(floor.availability(RequestFactory().get(paths(first, last)[0])).content)
    plan = visit_plan(modality="laser", areas=["face"])
    now = free_times.timezone.now()
    seen = free_times.picture(plan=plan, first=first, last=last, wish=free_times.Wish(), now=now)
    place = seen.board.places[0].facts
    people = tuple(one for one in place.resources if one.kind == "practitioner")
    plenty = (ResourceFacts(-1, ROOM), ResourceFacts(-2, DEVICE))
    facts = PlaceFacts(place.id, place.zone, place.hours, place.closures, people + plenty, place.step)
    need = free_times.need_of(plan)
    need = type(need)(need.numbing, need.treatment, 0, True)  # no turnaround: the floor knows no rooms
    built = board(frame=seen.board.frame, need=need, places=[facts], bars=seen.board.bars)
    mine = set(built.frame.instants(built.starts))
    theirs = {
        int(free_times.datetime.fromisoformat(start).timestamp()) for day in answer["days"] for start in day["starts"]
    }
    end = free_times.day_bounds("Europe/Istanbul", last)[1]
    assert {one for one in mine if one < end} == theirs, "the floor does not give an equal answer"


def measure(tomorrow: date) -> dict[str, float]:
    found = {}
    with web(url()) as port:
        client = Client(port)
        constant = milliseconds([lambda: client.get("/bench/constant/")] * TRIES)
        begun = time.perf_counter()
        client.get(paths(tomorrow, tomorrow + timedelta(days=30))[1])
        print(f"first month a process answers: {(time.perf_counter() - begun) * 1000:.0f} ms\n")
        print(head("queries", "starts"))
        print(row("(a) constant page", constant, "0", "0"))
        for name, spans in ranges(tomorrow).items():
            pairs = [paths(first, last) for first, last in spans]
            labels = {"(b) floor, practitioners only": "1", "(c) API": "1"}
            # One after the other, so that what disturbs the machine disturbs both.
            mixed: list[list[float]] = [[], []]
            for pair in pairs:
                for times, path in zip(mixed, pair, strict=True):
                    begun = time.perf_counter()
                    client.get(path)
                    times.append((time.perf_counter() - begun) * 1000)
            for (label, queries), times, index in zip(labels.items(), mixed, (0, 1), strict=True):
                answers = [json.loads(client.get(pair[index])[1]) for pair in pairs[:60]]
                starts = sum(len(day["starts"]) for one in answers for day in one["days"]) // len(answers)
                times.sort()
                found[f"{name} {label[:3]}"] = times[len(times) // 2]
                print(row(f"{label}, {name}", times, queries, str(starts)))
            print(f"{'':>2}{name}: (c) / (b) = {found[f'{name} (c)'] / found[f'{name} (b)']:.2f}")
    with web(url(), workers=2, threads=4) as port:
        for name, spans in ranges(tomorrow).items():
            floor, ours = (together(port, path, clients=8, seconds=4) for path in paths(*spans[0]))
            print(f"{'':>2}8 clients, {name}: floor {floor:.0f}/s, API {ours:.0f}/s, {ours / floor:.2f}×")
    return found


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]] or [5000, 100_000])
