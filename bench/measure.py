"""Timing through HTTP on one machine, and the tables that say what was found."""

import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def web(database_url: str, *, workers: int = 1, threads: int = 1) -> Iterator[int]:
    """The product behind its real web server on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "bench.settings"}
    environment |= {"RATE_LIMITS": "off", "LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "granian", "clinic.wsgi:application", "--interface", "wsgi", "--port", str(port)]
    command += ["--workers", str(workers), "--blocking-threads", str(threads), "--backlog", "1024", "--no-access-log"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, **quiet)
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


class Client:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)

    def get(self, path: str) -> tuple[int, bytes]:
        return self.send("GET", path)

    def post(self, path: str, body: dict) -> tuple[int, bytes]:
        return self.send("POST", path, json.dumps(body))

    def send(self, method: str, path: str, body: str | None = None) -> tuple[int, bytes]:
        self.connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        answer = self.connection.getresponse()
        return answer.status, answer.read()


def milliseconds(calls: list[Callable[[], object]], *, warm: int = 20) -> list[float]:
    for call in calls[:warm]:
        call()
    found = []
    for call in calls[warm:]:
        begun = time.perf_counter()
        call()
        found.append((time.perf_counter() - begun) * 1000)
    return sorted(found)


def together(port: int, path: str, *, clients: int, seconds: float) -> float:
    """Answers a second of so many clients at once."""

    def one(_: int) -> int:
        client, count, until = Client(port), 0, time.perf_counter() + seconds
        while time.perf_counter() < until:
            client.get(path)
            count += 1
        return count

    with ThreadPoolExecutor(clients) as pool:
        return sum(pool.map(one, range(clients))) / seconds


def at(sorted_times: list[float], share: float) -> float:
    return sorted_times[min(int(len(sorted_times) * share), len(sorted_times) - 1)]


def row(name: str, times: list[float], *more: str) -> str:
    return f"| {name:<44} | {at(times, 0.5):8.2f} | {at(times, 0.95):8.2f} | {at(times, 0.99):8.2f} |" + "".join(
        f" {one:>10} |" for one in more
    )


def head(*more: str) -> str:
    names = f"| {'':<44} | {'p50 ms':>8} | {'p95 ms':>8} | {'p99 ms':>8} |" + "".join(f" {one:>10} |" for one in more)
    return names + "\n|" + "|".join("-" * (len(part)) for part in names.strip("|").split("|")) + "|"


def versions(postgres: str) -> str:
    packages = ("django", "djangorestframework", "psycopg2-binary", "granian")
    ours = ", ".join(f"{name} {version(name)}" for name in packages)
    machine = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    return f"Python {platform.python_version()}, {ours}, PostgreSQL {postgres}, {machine}"


def noise() -> str:
    """How steady the machine is: the same fixed work again and again."""
    found = []
    for _ in range(60):
        begun = time.perf_counter()
        sum(n * n for n in range(20000))
        found.append((time.perf_counter() - begun) * 1000)
    return f"noise of fixed work: median {statistics.median(found):.2f} ms, p95 {at(sorted(found), 0.95):.2f} ms"
