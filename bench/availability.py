"""How fast free times are answered, against an equal answer written with as little as possible.

    python -m bench.availability [appointments …]

(a) a constant page, (b) the floor: one query and a sweep in Python for practitioners only, (c) the product's API with
practitioners, rooms, devices and phases. (a) and (b) run on Django with no middleware at all, each also behind the
product's. Requests are taken in turn from all of them, so that what disturbs the machine disturbs all alike.

Rooms and devices leave (c) fewer starts to write than (b) finds. So all is measured twice: with the clinic as it is,
and with rooms and devices to spare, where every answer of (c) must hold exactly the starts of (b).
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta

from bench.database import copied, scratch, url
from bench.measure import Client, at, head, in_turn, noise, row, together, versions, web

TRIES = 240
WINDOW = 5000  # visits that lie in the 90 days ahead; the rest is history
ROUNDS, SECONDS = 3, 2
ASKED = "treatment=laser&areas=face&numbing=20&minutes=30"
FLOOR, API, COLD = "/bench/floor/?", "/api/v1/availability/?", "/bench/cold/?"
TARGETS = {"day": 1.5, "month": 1.0, "month, cold": 2.0}


def main(sizes: list[int]) -> None:
    with scratch(), ExitStack() as kept:
        from bench import data

        filler = data.Filler(data.make_clinic())
        tomorrow = date.today() + timedelta(days=1)
        made, copies = 0, []
        for size in sizes:
            if not made:
                made += filler.fill(tomorrow, min(size, WINDOW), a_day=64)
            if size > made:
                days = (size - made) * 7 // (64 * 6) + 14
                made += filler.fill(tomorrow - timedelta(days=days), size - made, a_day=64, before=tomorrow)
            introduce()
            print("\n### The clinic as it is: 8 rooms and 6 devices decide what 10 practitioners can do\n")
            measure(tomorrow)
            copies.append(kept.enter_context(copied(str(size))))
            with to_spare():
                print("\n### 16 rooms and 12 devices, no turnaround: every answer of (c) equals (b)'s\n")
                measure(tomorrow, equal=True)
        if len(copies) > 1:
            growth(tomorrow, copies[0], copies[-1], sizes)


def introduce() -> None:
    from django.db import connection

    from bookings.models import Allocation, Appointment

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT current_setting('server_version'), current_setting('fsync')")
        postgres, fsync = cursor.fetchone()
    print(f"\n## {Appointment.objects.count():,} appointments, {Allocation.objects.count():,} allocations", end="")
    print(f" (up to {WINDOW:,} ahead in 90 days, the rest behind), fsync {fsync}")
    print(versions(postgres), noise(), sep="\n")


@contextmanager
def to_spare() -> Iterator[None]:
    """As many rooms and devices again, with nothing in them, and no turnaround: practitioners alone decide."""
    from bookings.models import Device, Resource, Room
    from treatments.models import Modality

    treatments = list(Modality.objects.filter(bookable=True))
    turnaround = {one.pk: one.turnaround_minutes for one in treatments}
    made = []
    for kind, count in (("room", 8), ("device", 6)):
        for n in range(count):
            resource = Resource.objects.create(kind=kind, name=f"Spare {n}", slug=f"spare-{kind}-{n}")
            made.append(resource.pk)
            if kind == "room":
                Room.objects.create(resource=resource).suits.set(treatments)
            else:
                Device.objects.create(resource=resource).serves.set(treatments)
    Modality.objects.update(turnaround_minutes=0)
    yield
    Resource.objects.filter(pk__in=made).delete()
    for key, minutes in turnaround.items():
        Modality.objects.filter(pk=key).update(turnaround_minutes=minutes)


def spans(tomorrow: date) -> dict[str, list[str]]:
    """Days and months that move about, so that nobody answers from the last answer."""
    days = [tomorrow + timedelta(days=n % 60) for n in range(TRIES)]
    return {
        "day": [f"{ASKED}&from={day}&to={day}" for day in days],
        "month": [f"{ASKED}&from={day}&to={day + timedelta(days=30)}" for day in days],
    }


def people() -> str:
    from bookings.models import Resource

    return ",".join(str(one) for one in Resource.objects.filter(kind="practitioner").values_list("pk", flat=True))


def starts(answer: bytes) -> set[str]:
    return {start for day in json.loads(answer)["days"] for start in day["starts"]}


def queries(path: str, before: Callable[[], object] = lambda: None) -> int:
    """Statements sent for one answer, counted as they leave."""
    from django.db import connection
    from django.test import Client as InProcess

    sent = []
    client = InProcess()
    client.get(path)
    before()
    with connection.execute_wrapper(lambda execute, *rest: sent.append(1) or execute(*rest)):
        assert client.get(path).status_code == 200
    return len(sent)


def sell() -> None:
    """What a sold time does to the copies: a change in two diaries. Committed, as somebody else's would be."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bookings_allocation SET expires_at = expires_at WHERE active AND appointment_id = "
            "(SELECT id FROM bookings_appointment WHERE starts_at > now() ORDER BY random() LIMIT 1)"
        )


def measure(tomorrow: date, *, equal: bool = False) -> None:
    who = f"&people={people()}"
    with web(url(), settings="bench.bare") as plain, web(url()) as full:
        bare, ours = Client(plain), Client(full)
        for client in (bare, ours):
            client.get("/bench/constant/")
        first = spans(tomorrow)["month"][0]
        for name, client, path in (("(b)", bare, FLOOR + first + who), ("(c)", ours, API + first)):
            begun = time.perf_counter()
            client.get(path)
            print(f"first month of a fresh process {name}: {(time.perf_counter() - begun) * 1000:.1f} ms")
        print("\n" + head("queries", "starts", "× (b)"))
        constant = [lambda client=client: client.get("/bench/constant/") for client in (bare, ours)]
        for name, times in zip(("", ", behind the product's middleware"), in_turn([[one] * TRIES for one in constant])):
            print(row(f"(a) constant page{name}", times, 0, 0, ""))
        for name, asked in spans(tomorrow).items():
            floors, wanted = [FLOOR + one + who for one in asked], [API + one for one in asked]
            ways = {
                f"(b) floor, {name}": (bare, floors, None),
                f"(b) behind the product's middleware, {name}": (ours, floors, None),
                f"(c) API, {name}": (ours, wanted, None),
                f"(c) API, {name}, just after somebody booked": (ours, wanted, sell),
                f"(c) API, {name}, cold": (ours, [COLD + one for one in asked], None),
            }
            every = table(ways)
            if equal:
                for (one, other), path in zip(zip(every[0], every[2], strict=True), asked, strict=False):
                    assert one == other, f"not an equal answer: {path}"
    throughput(tomorrow, who)


def table(ways: dict) -> list[list[set[str]]]:
    def call(client: Client, path: str) -> Callable[[], object]:
        return lambda: client.get(path)

    lists: list[list[Callable[[], object]]] = []
    for client, asked, before in ways.values():
        lists += [[before] * TRIES] if before else []
        lists.append([call(client, path) for path in asked])
    timed = iter(in_turn(lists))
    medians, every = {}, []
    for name, (client, asked, before) in ways.items():
        if before:
            next(timed)
        times = next(timed)
        found = [starts(client.get(path)[1]) for path in asked[:60]]
        every.append(found)
        medians[name] = at(times, 0.5)
        ratio = medians[name] / next(iter(medians.values()))
        mean = round(statistics.mean(map(len, found)))
        print(row(name, times, queries(asked[0], before or (lambda: None)), mean, f"{ratio:.2f}"))
    return every


def throughput(tomorrow: date, who: str) -> None:
    size = {"workers": 2, "threads": 4}
    with web(url(), settings="bench.bare", **size) as plain, web(url(), **size) as full:
        for name, asked in spans(tomorrow).items():
            ways = (plain, [FLOOR + one + who for one in asked]), (full, [API + one for one in asked])
            found: list[list[float]] = [[], []]
            for turn in range(ROUNDS + 1):
                for rates, (port, paths) in zip(found, ways, strict=True):
                    rate = together(port, paths, clients=8, seconds=SECONDS)
                    rates += [rate] if turn else []  # the first round wakes the workers
            floor, ours = map(statistics.median, found)
            print(f"8 clients, {name}: (b) {floor:.0f}/s, (c) {ours:.0f}/s, {ours / floor:.2f}×")


def growth(tomorrow: date, few: str, many: str, sizes: list[int]) -> None:
    """Two databases of different size, asked in turn."""
    who = f"&people={people()}"
    print(f"\n### {sizes[0]:,} → {sizes[-1]:,} appointments, two databases asked in turn\n\n{head('×')}")
    with web(few, settings="bench.bare") as b1, web(many, settings="bench.bare") as b2, web(few) as c1, web(many) as c2:
        clients = [Client(port) for port in (b1, b2, c1, c2)]
        for name, asked in spans(tomorrow).items():
            found = in_turn(
                [
                    [lambda client=client, path=path: client.get(path) for path in paths]
                    for client, paths in zip(
                        clients,
                        [[FLOOR + one + who for one in asked]] * 2 + [[API + one for one in asked]] * 2,
                        strict=True,
                    )
                ]
            )
            for label, small, large in (("(b) floor", *found[:2]), ("(c) API", *found[2:])):
                print(row(f"{label}, {name}, {sizes[0]:,}", small, ""))
                print(row(f"{label}, {name}, {sizes[-1]:,}", large, f"{at(large, 0.5) / at(small, 0.5):.2f}"))


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]] or [5000, 100_000])
