"""Where the time of one hold goes: statements with their times, the commit, and Python by function.

    python -m bench.hold_profile [holds]

In one process and without a socket: the WSGI application is called directly, so that nothing but the hold is seen.
"""

import cProfile
import importlib
import io
import json
import pstats
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta

from bench.database import scratch
from bench.measure import at, noise, versions

WARM = 30


class Statements:
    """Every statement with its place in the request and how long it took, the commit too."""

    def __init__(self) -> None:
        self.times: dict[tuple[int, str], list[float]] = defaultdict(list)
        self.turn = 0

    def __call__(self, execute, sql, params, many, context):
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.note(sql, time.perf_counter() - begun)

    def note(self, sql: str, seconds: float) -> None:
        self.times[self.turn, " ".join(str(sql).split())[:110]].append(seconds * 1e6)
        self.turn += 1

    def around(self, name: str, call: Callable) -> Callable:
        def timed(*args):
            begun = time.perf_counter()
            call(*args)
            self.note(name, time.perf_counter() - begun)

        return timed


def main(count: int) -> None:
    with scratch():
        from django.core.wsgi import get_wsgi_application
        from django.db import connection

        from bench import data
        from bookings.selectors import free_starts
        from treatments.selectors import visit_plan

        location = data.make_clinic()
        data.Filler(location).fill(date.today() + timedelta(days=1), 5000, a_day=64)
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bench_insert (id bigserial PRIMARY KEY, resource_id bigint, during tstzrange)")
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("SELECT current_setting('server_version'), current_setting('fsync')")
            postgres, fsync = cursor.fetchone()
        print(f"\n## fsync {fsync}", versions(postgres), noise(), sep="\n")
        application = get_wsgi_application()
        plan = visit_plan(modality="consult", areas=["face"])
        first = date.today() + timedelta(days=95)
        starts = free_starts(plan=plan, first=first, last=first + timedelta(days=60)).starts[::3]
        calls = [
            lambda start=start: post(
                application,
                "/api/v1/bookings/",
                {"treatment": "consult", "areas": ["face"], "start": start.isoformat()},
            )
            for start in starts[: count * 2 + WARM]
        ]
        bare = [lambda: post(application, "/bench/insert/", {})] * (count + WARM)
        run(calls[:WARM])
        run(bare[:WARM])
        for name, some in (("three bare inserts", bare[WARM:]), ("a hold", calls[WARM : count + WARM])):
            times, cpu = run(some)
            print(
                f"{name}: p50 {at(times, 0.5):.2f}, p95 {at(times, 0.95):.2f}, p99 {at(times, 0.99):.2f} ms;"
                f" CPU of this process {cpu:.2f} ms each"
            )
            statements(connection, some[:0] or (bare[:100] if name.startswith("three") else []))
        statements(connection, calls[count + WARM : count + WARM + 100])
        rest = calls[count + WARM + 100 :]
        parts(connection, rest[: len(rest) // 2])
        bare_statements(connection, starts[len(calls) :], plan)
        rest = rest[len(rest) // 2 :]
        profile = cProfile.Profile()
        profile.enable()
        for call in rest:
            call()
        profile.disable()
        profile.dump_stats("/tmp/hold.pstats")
        for order in ("cumulative", "tottime"):
            out = io.StringIO()
            pstats.Stats(profile, stream=out).strip_dirs().sort_stats(order).print_stats(60)
            print(f"\n### cProfile of {len(rest)} holds, by {order}\n", out.getvalue()[:9000])


def run(calls: list[Callable]) -> tuple[list[float], float]:
    found, used = [], time.process_time()
    for call in calls:
        begun = time.perf_counter()
        call()
        found.append((time.perf_counter() - begun) * 1000)
    return sorted(found), (time.process_time() - used) * 1000 / max(len(calls), 1)


def statements(connection, calls: list[Callable]) -> None:
    if not calls:
        return
    connection.ensure_connection()
    seen, really = Statements(), connection._commit
    connection._commit = seen.around("COMMIT", really)
    totals = []
    with connection.execute_wrapper(seen):
        for call in calls:
            seen.turn = 0
            begun = time.perf_counter()
            call()
            totals.append((time.perf_counter() - begun) * 1e6)
    connection._commit = really
    total = statistics.median(totals)
    print(f"\n### statements in order, median µs of {len(calls)}; whole request {total:.0f} µs")
    spent = 0.0
    for (turn, sql), times in sorted(seen.times.items()):
        middle = statistics.median(times)
        spent += middle * len(times) / len(calls)
        print(f"{turn:3} {middle:8.0f} {len(times):4}× {sql}")
    print(f"in the database and on the way to it: {spent:.0f} µs, {spent / total:.0%}")


PARTS = (
    ("bookings.api", "read"),
    ("bookings.selectors", "current_book"),
    ("bookings.services.holds", "hold_slot"),
    ("bookings.services.holds", "lock_candidates"),
    ("bookings.services.holds", "choose"),
    ("bookings.services.holds", "current_book"),
    ("bookings.services.holds", "picture"),
    ("bookings.services.holds", "allocate"),
    ("bookings.services.holds", "register_first_link"),
    ("bookings.services.holds", "record"),
    ("bookings.services.limits", "remember"),
    ("bookings.services.lifecycle", "clear_lapsed"),
    ("bookings.models.Appointment", "save"),
    ("bookings.selectors", "with_resources"),
    ("bookings.api", "booking_document"),
    ("rest_framework.views.APIView", "dispatch"),
)


def parts(connection, calls: list[Callable]) -> None:
    """Functions of the hold, each with its time in all and its time on the database."""
    from django.utils.module_loading import import_string

    whole, database, undo, spent = defaultdict(list), defaultdict(list), [], [0.0]

    def count(execute, *rest):
        begun = time.perf_counter()
        try:
            return execute(*rest)
        finally:
            spent[0] += time.perf_counter() - begun

    def timed(name, call):
        def inner(*args, **kwargs):
            begun, before = time.perf_counter(), spent[0]
            try:
                return call(*args, **kwargs)
            finally:
                whole[name].append((time.perf_counter() - begun) * 1e6)
                database[name].append((spent[0] - before) * 1e6)

        return inner

    for owner, name in PARTS:
        try:
            place = importlib.import_module(owner)
        except ImportError:
            place = import_string(owner)
        really = getattr(place, name)
        setattr(place, name, timed(f"{owner}.{name}", really))
        undo.append((place, name, really))
    with connection.execute_wrapper(count):
        for call in calls:
            timed("the whole request", call)()
    for place, name, really in undo:
        setattr(place, name, really)
    print(f"\n### parts (nested), median µs of {len(calls)}: in all, of it statements, of it Python")
    for name in sorted(whole, key=lambda one: -statistics.median(whole[one])):
        both = statistics.median(whole[name]), statistics.median(database[name])
        print(f"{both[0]:8.0f} {both[1]:8.0f} {both[0] - both[1]:8.0f} {len(whole[name]) / len(calls):4.1f}× {name}")


def bare_statements(connection, starts: list, plan, count: int = 60) -> None:
    """The statements of a hold without the hold: one after the other, and all in one go to the server."""
    from django.db import transaction

    from bookings.services.holds import hold_slot
    from bookings.services.limits import Caller

    captured: list[str] = []

    def note(execute, sql, params, many, context):
        if "SAVEPOINT" not in sql:
            captured.append(context["cursor"].cursor.mogrify(sql, params).decode())
        return execute(sql, params, many, context)

    def texts(start) -> list[str]:
        captured.clear()
        with transaction.atomic(), connection.execute_wrapper(note):
            hold_slot(plan=plan, start=start, caller=Caller(address="127.0.0.1"))
            transaction.set_rollback(True)
        return list(captured)

    found: dict[str, list[float]] = defaultdict(list)
    ways = {"one by one": None, "all in one go": ";\n", "writes alone, in one go": ";\n"}
    for n, (start, way) in enumerate(zip(starts[:count], list(ways) * count, strict=False)):
        sent = texts(start)
        if way.startswith("writes"):
            sent = [one for one in sent if one.startswith("INSERT")]
        begun = time.perf_counter()
        with transaction.atomic():
            with connection.cursor() as cursor:
                for one in [";\n".join(sent)] if ways[way] else sent:
                    cursor.cursor.execute(one)
            middle = time.perf_counter()
        found[way].append((time.perf_counter() - begun) * 1e6)
        found[f"{way}, of it COMMIT"].append((time.perf_counter() - middle) * 1e6)
        if n == 0:
            print(f"\n### a hold's {len(sent)} statements without Python, median µs")
    for way, times in found.items():
        print(f"{statistics.median(times):8.0f} {way}")


def post(application, path: str, body: dict) -> int:
    content = json.dumps(body).encode()
    found = []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(content)),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "HTTP_HOST": "127.0.0.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(content),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
    }
    answer = application(environ, lambda status, headers, info=None: found.append(int(status[:3])))
    b"".join(answer)
    answer.close()
    assert found == [201], found
    return found[0]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
