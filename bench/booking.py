"""How fast a time is held, durably, against three bare inserts; and what a stampede waits.

python -m bench.booking [holds]
"""

import json
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

from bench.database import scratch, url
from bench.measure import Client, at, head, milliseconds, noise, row, versions, web

WARM = 20


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
        print(versions(postgres), noise(), sep="\n")
        print(head("answers"))
        with web(url()) as port:
            client = Client(port)
            bare = milliseconds([lambda: client.post("/bench/insert/", {})] * (count + WARM), warm=WARM)
            print(row("three bare inserts", bare, "201"))
            wishes = free(client, count + WARM)
            answers: Counter = Counter()
            calls = [lambda body=body: answers.update([client.post("/api/v1/bookings/", body)[0]]) for body in wishes]
            holds = milliseconds(calls, warm=WARM)
            print(row("a hold through the API", holds, str(dict(answers))))
            for share, name in ((0.5, "p50"), (0.99, "p99")):
                print(f"  {name}: {at(holds, share) / at(bare, share):.2f}×")
        stampede()


def free(client: Client, count: int) -> list[dict]:
    """Starts far enough apart that each is still free when it is asked for, past the days that are nearly full."""
    first = date.today() + timedelta(days=95)
    asked = f"treatment=consult&areas=face&from={first}&to={first + timedelta(days=60)}"
    days = json.loads(client.get(f"/api/v1/availability/?{asked}")[1])["days"]
    starts = [start for day in days for start in day["starts"][::3]]
    if len(starts) < count:
        raise SystemExit(f"only {len(starts)} free starts for {count} holds")
    return [{"treatment": "consult", "areas": ["face"], "start": start} for start in starts[:count]]


def stampede(connections_: int = 50) -> None:
    """So many direct connections on one start: how long the slowest waits."""
    from django.db import connections

    from bookings.selectors import free_starts
    from bookings.services.holds import hold_slot
    from clinic.errors import DomainError
    from treatments.selectors import visit_plan

    plan = visit_plan(modality="consult", areas=["face"])
    day = date.today() + timedelta(days=160)
    start: datetime = free_starts(plan=plan, first=day, last=day + timedelta(days=6)).starts[-1]
    gate = threading.Barrier(connections_)

    def one(_: int) -> tuple[str, float]:
        connections["default"].ensure_connection()
        gate.wait()
        begun = time.perf_counter()
        try:
            hold_slot(plan=plan, start=start)
            code = "held"
        except DomainError as refusal:
            code = refusal.code
        finally:
            took = (time.perf_counter() - begun) * 1000
            connections.close_all()
        return code, took

    with ThreadPoolExecutor(connections_) as pool:
        answers = list(pool.map(one, range(connections_)))
    codes = Counter(code for code, _ in answers)
    times = sorted(took for _, took in answers)
    waits = f"wait p50 {at(times, 0.5):.0f}, worst {times[-1]:.0f} ms"
    print(f"\n{connections_} connections on one start: {dict(codes)}; {waits}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
