"""Real threads, real connections, a real web server."""

import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from django.db import connection, connections

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def together():
    """`together(calls)`: every call in a thread of its own, all let go at one moment; their answers in order."""

    def run(calls):
        gate = threading.Barrier(len(calls))

        def one(call):
            try:
                gate.wait()
                return call()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(one, calls))

    return run


@pytest.fixture
def overlaps():
    """How many pairs of active allocations of one resource overlap, judged without the constraint."""

    def count() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT count(*) FROM bookings_allocation a JOIN bookings_allocation b
                    ON a.resource_id = b.resource_id AND a.id < b.id AND a.during && b.during
                 WHERE a.active AND b.active
                """
            )
            return cursor.fetchone()[0]

    return count


@pytest.fixture
def orphans():
    """Allocations that no appointment accounts for, and active appointments that lack one."""

    def count() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT (SELECT count(*) FROM bookings_allocation l
                          LEFT JOIN bookings_appointment a ON a.id = l.appointment_id
                         WHERE a.id IS NULL OR l.active <> bookings_is_active(a.state))
                     + (SELECT count(*) FROM bookings_appointment a WHERE bookings_is_active(a.state)
                           AND 1 + (a.room_id IS NOT NULL)::int + (a.device_id IS NOT NULL)::int + (a.patient_id IS NOT NULL)::int
                                 + (a.talk_ends_at IS NOT NULL)::int <>
                               (SELECT count(*) FROM bookings_allocation l WHERE l.appointment_id = a.id AND l.active))
                """
            )
            return cursor.fetchone()[0]

    return count


@pytest.fixture(scope="session")
def static_root(tmp_path_factory):
    """The product's static files as a real server needs them: pages name them by their hashes."""
    folder = tmp_path_factory.mktemp("static")
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"STATIC_ROOT": str(folder)}, check=True)
    return folder


@pytest.fixture
def web(static_root):
    """`web(workers=2)` starts the product on the test's database and gives its address. Limits are off."""
    started = []

    def start(*, workers: int = 2) -> str:
        database = connection.settings_dict
        login = quote(database["USER"]) + (f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else "")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        host, at = database["HOST"] or "127.0.0.1", database["PORT"] or 5432
        environment = os.environ | {
            "DATABASE_URL": f"postgresql://{login}@{quote(host, safe='')}:{at}/{database['NAME']}",
            "STATIC_ROOT": str(static_root),
            "RATE_LIMITS": "off",
            "LOG_LEVEL": "WARNING",
        }
        command = [sys.executable, "-m", "granian", "clinic.wsgi:application", "--interface", "wsgi"]
        command += ["--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)]
        command += ["--blocking-threads", "8", "--backlog", "1024", "--no-access-log"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        started.append(process)
        address = f"http://127.0.0.1:{port}"
        for _ in range(150):
            try:
                urlopen(f"{address}/livez", timeout=2).close()
                return address
            except OSError:
                assert process.poll() is None, "the web server did not start"
                time.sleep(0.1)
        raise AssertionError("the web server did not answer")

    yield start
    for process in started:
        process.terminate()
    for process in started:
        process.wait(timeout=20)
