"""Timing through HTTP on one machine, and the tables that say what was found."""

import json
import os
import platform
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def web(database_url: str, *, workers: int = 1, threads: int = 1, settings: str = "bench.settings") -> Iterator[int]:
    """The product behind its real web server on a free port; `bench.bare` is the same without middleware."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": settings}
    environment |= {"RATE_LIMITS": "off", "DEBUG": "off", "LOG_LEVEL": "ERROR"}
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
    """One kept-alive connection, read by hand: on a small machine a library's client costs more than the answer."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path: str) -> tuple[int, bytes]:
        return self.send("GET", path)

    def post(self, path: str, body: dict) -> tuple[int, bytes]:
        return self.send("POST", path, json.dumps(body).encode())

    def send(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        self.socket.sendall(head.encode() + b"\r\n" + body)
        found = b""
        while b"\r\n\r\n" not in found:
            found += self._more()
        head, _, content = found.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?i)content-length: *(\d+)", head)[1])
        while len(content) < length:
            content += self._more()
        return int(head.split(b" ", 2)[1]), content

    def _more(self) -> bytes:
        some = self.socket.recv(65536)
        if not some:
            raise ConnectionError("the web server hung up")
        return some


def milliseconds(calls: list[Callable[[], object]], *, warm: int = 20) -> list[float]:
    for call in calls[:warm]:
        call()
    found = []
    for call in calls[warm:]:
        begun = time.perf_counter()
        call()
        found.append((time.perf_counter() - begun) * 1000)
    return sorted(found)


def in_turn(calls: list[list[Callable[[], object]]], *, warm: int = 20) -> list[list[float]]:
    """Sorted milliseconds of several lists of calls, taken one from each in turn: what disturbs one disturbs all."""
    found: list[list[float]] = [[] for _ in calls]
    for number, turn in enumerate(zip(*calls, strict=True)):
        for times, call in zip(found, turn, strict=True):
            begun = time.perf_counter()
            call()
            if number >= warm:
                times.append((time.perf_counter() - begun) * 1000)
    return [sorted(times) for times in found]


def together(port: int, paths: list[str], *, clients: int, seconds: float) -> float:
    """Answers a second of so many clients at once, each walking through the paths from a place of its own."""

    def one(number: int) -> int:
        client, count, until = Client(port), 0, time.perf_counter() + seconds
        while time.perf_counter() < until:
            status, _ = client.get(paths[(number * 7 + count) % len(paths)])
            assert status == 200, status
            count += 1
        return count

    with ThreadPoolExecutor(clients) as pool:
        return sum(pool.map(one, range(clients))) / seconds


def at(sorted_times: list[float], share: float) -> float:
    return sorted_times[min(int(len(sorted_times) * share), len(sorted_times) - 1)]


WIDE = 52


def row(name: str, times: list[float], *more: object) -> str:
    shares = "".join(f" {at(times, share):8.2f} |" for share in (0.5, 0.95, 0.99))
    return f"| {name:<{WIDE}} |" + shares + "".join(f" {one!s:>8} |" for one in more)


def head(*more: str) -> str:
    names = f"| {'':<{WIDE}} |" + "".join(f" {one:>8} |" for one in ("p50 ms", "p95 ms", "p99 ms", *more))
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
