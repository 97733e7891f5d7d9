"""How fast a time is held, durably, against three bare inserts; and what a stampede waits, by way of taking.

python -m bench.booking [holds]
"""

import json
import os
import sys
import tempfile
import time
from collections import Counter
from datetime import date, datetime, timedelta

from bench import taking
from bench.database import scratch, url
from bench.measure import Client, at, head, in_turn, noise, processes, row, versions, web

WARM = 20
TARGETS = ((0.5, "p50", 2.5), (0.99, "p99", 4.0))


def main(count: int) -> None:
    with scratch():
        from django.db import connection

        from bench import data
        from bookings.models import Appointment

        location = data.make_clinic()
        data.Filler(location).fill(date.today() + timedelta(days=1), 5000, a_day=64)
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bench_insert (id bigserial PRIMARY KEY, resource_id bigint, during tstzrange)")
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("SELECT current_setting('server_version'), current_setting('fsync')")
            postgres, fsync = cursor.fetchone()
        print(f"\n## {Appointment.objects.count():,} appointments, fsync {fsync}")
        print(versions(postgres), noise(), flushing(), sep="\n")
        holds(count)
        taking.compare(url())
        for treatment in ("consult", "laser"):
            stampede(treatment)


def holds(count: int) -> None:
    """The API's hold and the bare view, in turn, behind the same server; and the bare view without middleware."""
    with web(url()) as port, web(url(), settings="bench.bare") as plain:
        client, bare = Client(port), Client(plain)
        bare.get("/bench/constant/")
        answers: Counter = Counter()

        def held(body: dict) -> None:
            answers[client.post("/api/v1/bookings/", body)[0]] += 1

        calls = [
            [lambda: bare.post("/bench/insert/", {})] * (count + WARM),
            [lambda: client.post("/bench/insert/", {})] * (count + WARM),
            [lambda body=body: held(body) for body in free(client, count + WARM)],
        ]
        before = written()
        nothing, same, ours = in_turn(calls, warm=WARM)
        commits, size = (after - first for after, first in zip(written(), before, strict=True))
        print("\n" + head("answers"))
        print(row("three bare inserts, Django without middleware", nothing, 201))
        print(row("three bare inserts, in the product's server", same, 201))
        print(row("a hold through the API, the same server", ours, dict(answers)))
        for share, name, target in TARGETS:
            found = at(ours, share) / at(same, share)
            print(f"  {name}: {found:.2f}× of the bare view in the same server (target {target}×)")
        each, kilobytes = commits / (3 * (count + WARM)), size / (count + WARM) / 1024
        print(f"  {each:.2f} commits on average, {kilobytes:.1f} kB of log for the three together")


def written() -> tuple[int, int]:
    """Transactions committed in this database and bytes of write-ahead log, as PostgreSQL counts them."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush(), pg_sleep(1.2)")
        cursor.execute(
            "SELECT xact_commit, wal_bytes FROM pg_stat_database, pg_stat_wal WHERE datname = current_database()"
        )
        commits, size = cursor.fetchone()
    return int(commits), int(size)


def flushing() -> str:
    """What a commit waits for at least: 8 kB written and flushed, in the temporary folder."""
    found = []
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(100):
            begun = time.perf_counter()
            os.pwrite(file.fileno(), b"x" * 8192, 0)
            os.fdatasync(file.fileno())
            found.append((time.perf_counter() - begun) * 1000)
    found.sort()
    return f"8 kB written and flushed to this disk: p50 {at(found, 0.5):.2f} ms, p99 {at(found, 0.99):.2f} ms"


def free(client: Client, count: int) -> list[dict]:
    """Starts far enough apart that each is still free when it is asked for, past the days that are nearly full."""
    first = date.today() + timedelta(days=95)
    asked = f"treatment=consult&areas=face&from={first}&to={first + timedelta(days=60)}"
    days = json.loads(client.get(f"/api/v1/availability/?{asked}")[1])["days"]
    starts = [start for day in days for start in day["starts"][::3]]
    if len(starts) < count:
        raise SystemExit(f"only {len(starts)} free starts for {count} holds")
    return [{"treatment": "consult", "areas": ["face"], "start": start} for start in starts[:count]]


def stampede(treatment: str, connections_: int = 50) -> None:
    """So many direct connections on one start through the product's own service: how long the slowest waits."""
    from django.db import connection, connections

    from bookings.selectors import current_book, free_starts, nearest_starts
    from bookings.services.holds import hold_slot, release_hold
    from clinic.errors import DomainError
    from treatments.selectors import visit_plan

    plan = visit_plan(modality=treatment, areas=["face"])
    day = date.today() + timedelta(days=160)
    found = free_starts(plan=plan, first=day, last=day + timedelta(days=13)).starts
    waits: list[float] = []
    codes: Counter = Counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        before = cursor.fetchone()[0]

    def ready() -> None:
        connections["default"].ensure_connection()
        current_book()  # as a process that has answered before

    def act(start: datetime) -> str:
        try:
            hold_slot(plan=plan, start=start)
            return "held"
        except DomainError as refusal:
            return refusal.code

    for turn in range(taking.ROUNDS):
        start, other = (found[turn * len(found) // taking.ROUNDS + more] for more in (0, 12))
        release_hold(hold_slot(plan=plan, start=other))  # what every process then knows as one that has held before
        nearest_starts(plan=plan, start=start)
        connections.close_all()
        answers = processes(connections_, ready, lambda _, start=start: act(start))
        codes.update(code for code, _ in answers)
        waits += [took for _, took in answers]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush(), pg_sleep(1.2)")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        deadlocks = cursor.fetchone()[0] - before
    waits.sort()
    waited = ", ".join(f"{name} {at(waits, share):.0f}" for name, share in (("p50", 0.5), ("p95", 0.95), ("worst", 1)))
    print(
        f"\nthe product, {treatment}: {connections_} connections on one start, {taking.ROUNDS} rounds: {dict(codes)}, "
        f"{deadlocks} deadlocks; wait {waited} ms (target < 500)"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
