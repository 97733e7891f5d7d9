"""Celery as it really runs: workers and beats, processes of their own, on a Valkey of their own, to be killed at will."""

import contextlib
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

from clinic.embedded import binaries, up
from clinic.embedded.places import Places
from clinic.embedded.processes import Process, members
from clinic.embedded.valkey import Valkey
from tests.faults.drill import cpu_of


def ticks(seconds: float, **more: float) -> dict:
    """The schedule of messages with squeezed intervals."""
    schedule = {
        "messaging.sweep": seconds,
        "messaging.reconcile": seconds * 2,
        "messaging.heartbeat": seconds * 2,
    } | more
    return {
        "CELERY_BEAT_SCHEDULE": {
            name: {"task": name, "schedule": every, "options": {"expires": 600}} for name, every in schedule.items()
        }
    }


class Fleet:
    """As `manage.py up` starts them. `env` leads to the database and the provider; `concurrency` is of each worker."""

    def __init__(
        self, folder: Path, env: dict[str, str], *, workers: int = 1, beats: int = 1, concurrency: int = 2
    ) -> None:
        self.folder, self.count = folder, {"worker": workers, "beat": beats}
        self.env = env | {"WORKERS": str(concurrency)}
        self.alive: dict[str, list[Process]] = {"worker": [], "beat": []}
        self.groups: set[int] = set()
        self.killed: Counter = Counter()
        self.kinds: Counter = Counter()
        self.spent = 0.0
        self.given_up = 0

    def __enter__(self) -> "Fleet":
        places = Places.of(self.folder / "valkey")
        self.valkey = Valkey(places, binaries.find(places, None, postgres=False))
        self.env["REDIS_URL"] = self.valkey.start()
        with contextlib.ExitStack() as stack:
            stack.callback(self.stop)
            for kind, count in self.count.items():
                for _number in range(count):
                    self.add(kind)
            stack.pop_all()
        return self

    def __exit__(self, *_problem) -> None:
        self.stop()

    def add(self, kind: str) -> Process:
        number = len(self.groups)
        places = Places.of(self.folder / f"{kind}{number}")
        process = getattr(up, kind)(places, self.env | {"VAR_DIR": str(places.var)})
        process.start()
        self.groups.add(process.popen.pid)
        self.alive[kind].append(process)
        return process

    def tend(self) -> None:
        """Whoever watches them starts again what ended by itself: a worker whose children are killed may give up."""
        for kind, processes in self.alive.items():
            for process in [one for one in processes if not one.alive]:
                self.given_up += 1
                processes.remove(process)
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.popen.pid, signal.SIGKILL)
                self.add(kind)

    def kill_any(self) -> bool:
        """One that is up, a worker four times as often as a beat; False when none of that kind is up yet."""
        kind = random.choice(["worker"] * 4 + ["beat"])
        return bool(self.up(kind)) and bool(self.kill(kind))

    def up(self, kind: str) -> list[Process]:
        """Those that have started: a kill before that proves nothing."""
        if kind == "worker":
            return [one for one in self.alive[kind] if one.alive and len(members(one.popen.pid)) > 1]
        return [one for one in self.alive[kind] if Path(one.env["BEAT_HEARTBEAT"]).exists()]

    def kill(self, kind: str, *, again: bool = True, what: str = "") -> str:
        """SIGKILL for one of them: a whole worker, only its master, or only one of its children. Says which."""
        process = random.choice(self.up(kind) or self.alive[kind])
        group = process.popen.pid
        children = [one for one in members(group) if one != group]
        what = what or (random.choice(["all", "all", "master", "child"]) if children else "all")
        spent = cpu_seconds(group) if what == "all" else 0.0
        with contextlib.suppress(ProcessLookupError):
            if what == "child":  # its master starts another
                os.kill(random.choice(children), signal.SIGKILL)
            elif what == "master":  # its children find out by themselves
                os.kill(group, signal.SIGKILL)
            else:
                os.killpg(group, signal.SIGKILL)
        self.killed[kind] += 1
        self.spent += spent
        self.kinds[what] += 1
        if what != "child":
            process.popen.wait()
            self.alive[kind].remove(process)
            if again:
                self.add(kind)
        return what

    def stop(self) -> None:
        for group in self.groups:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        for process in [one for some in self.alive.values() for one in some]:
            process.popen.wait()
        self.alive = {"worker": [], "beat": []}
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.valkey.process.popen.pid, signal.SIGCONT)
        self.valkey.stop()

    def cpu(self) -> float:
        """Seconds of processor time that workers and beats have used, those included that were killed whole."""
        return self.spent + sum(cpu_seconds(group) for group in self.groups)

    # -- the broker ---------------------------------------------------------------------------------------------------

    def silence(self) -> None:
        """From now on the broker takes connections and never answers."""
        os.kill(self.valkey.process.popen.pid, signal.SIGSTOP)

    def speak(self) -> None:
        os.kill(self.valkey.process.popen.pid, signal.SIGCONT)

    def redis(self):
        import redis

        return redis.Redis.from_url(self.env["REDIS_URL"])

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-2000:] for path in sorted(self.folder.glob("*/log/*.log")))


def cpu_seconds(group: int) -> float:
    return sum(cpu_of(pid) for pid in members(group))


def wait_until(true, seconds: float = 120) -> None:
    stop = time.monotonic() + seconds
    while not true() and time.monotonic() < stop:
        time.sleep(0.1)
    assert true()
