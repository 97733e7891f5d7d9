"""Sending through real worker processes that are killed again and again. Used by the test and by the bench."""

import contextlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from clinic.messaging.models import Message
from clinic.messaging.states import IN_DOUBT, State
from tests.faults.fake_provider import ACCOUNT, TOKEN, FakeProvider

ROOT = Path(__file__).resolve().parent.parent.parent
SQUEEZED = {
    "lease_seconds": 3,
    "margin_seconds": 1,
    "doubt_seconds": 1,
    "absent_seconds": 1,
    "read_timeout": 0.7,
    "connect_timeout": 0.5,
    "backoff_seconds": [0.2, 0.5, 1, 2],
    "daily_messages": 10_000_000,
    "daily_cents": 10_000_000,
    "sms_per_second": 0,
    "whatsapp_per_second": 0,
    "sweep_seconds": 20,
    "apart_seconds": 0.1,
}


def database_url() -> str:
    """Of the database this process is connected to, which under test is the test database."""
    at = connection.settings_dict
    password = f":{quote(at['PASSWORD'])}" if at["PASSWORD"] else ""
    return f"postgresql://{at['USER']}{password}@{quote(at['HOST'] or '', safe='')}:{at['PORT'] or 5432}/{at['NAME']}"


def environment(
    fake: FakeProvider, *, public_url: str = "http://127.0.0.1:1", settings_too: dict | None = None, **options
) -> dict[str, str]:
    """For processes that send to this provider; `options` are of `settings.MESSAGING`."""
    drill = {
        "MESSAGE_PROVIDER": "twilio",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_BASE_URL": fake.url,
        "TWILIO_SMS_FROM": "+15005550006",
        "TWILIO_WHATSAPP_FROM": "+905325550140",
        "TWILIO_MESSAGING_SERVICE_SID": "",
        "PUBLIC_URL": public_url,
        "MESSAGING": SQUEEZED | options,
        "RATE_LIMITS": False,  # thousands go to numbers that begin alike
        **(settings_too or {}),
    }
    return os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "tests.faults.worker_settings",
        "DRILL_SETTINGS": json.dumps(drill),
        "PYTHONPATH": str(ROOT),
        "LOG_LEVEL": "ERROR",
        "SECRET_KEY": settings.SECRET_KEY,
        "FIELD_KEYS": settings.FIELD_KEYS,
        "SEARCH_KEY": settings.SEARCH_KEY,
    }


class Senders:
    """`manage.py send_messages --loop` in some processes: the outbox without Celery."""

    def __init__(self, env: dict[str, str], *, workers: int, threads: int) -> None:
        self.env, self.workers, self.threads = env, workers, threads
        self.killed: Counter = Counter()

    def __enter__(self) -> "Senders":
        self.alive = [self.start() for _number in range(self.workers)]
        return self

    def __exit__(self, *_problem) -> None:
        for process in self.alive:
            _kill(process)

    def start(self) -> subprocess.Popen:
        command = [sys.executable, "manage.py", "send_messages", "--loop", "--pause", "0.1"]
        return subprocess.Popen(
            [*command, "--threads", str(self.threads)],
            cwd=ROOT, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def tend(self) -> None:
        """A loop ends only when it is killed."""

    def kill_any(self) -> bool:
        victim = random.randrange(self.workers)
        _kill(self.alive[victim])
        self.alive[victim] = self.start()
        self.killed["sender"] += 1
        return True

    def cpu(self) -> float:
        """Seconds of processor time, as far as they have been waited for or still run."""
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime + sum(cpu_of(one.pid) for one in self.alive)


def _kill(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def cpu_of(pid: int) -> float:
    """Seconds a process has used, and the children it has waited for."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(fields[i]) for i in (11, 12, 13, 14)) / os.sysconf("SC_CLK_TCK")
    return 0.0


def open_messages() -> int:
    return Message.objects.filter(state__in=[State.PENDING, *IN_DOUBT]).count()


def run(fake: FakeProvider, crew, *, kills: int, every: tuple[float, float], limit: float) -> dict:
    """Until nothing is open: kills one of the crew at random moments while messages go out; it starts another."""
    began = time.monotonic()
    while (left := open_messages()) and time.monotonic() - began < limit:
        crew.tend()
        if sum(crew.killed.values()) >= kills:
            time.sleep(0.2)
            continue
        _until_posting(fake, seconds=3)
        time.sleep(random.uniform(*every))
        crew.kill_any()
    return {"seconds": time.monotonic() - began, "kills": dict(crew.killed), "open": left}


def _until_posting(fake: FakeProvider, *, seconds: float) -> None:
    """A kill during start-up proves nothing: waits until somebody is sending."""
    before, stop = len(fake.posts), time.monotonic() + seconds
    while len(fake.posts) == before and time.monotonic() < stop:
        time.sleep(0.01)


def judge(fake: FakeProvider) -> dict[str, int]:
    """By the provider's log: how many of our messages it made more than once, and how many it should have made and
    did not.
    """
    made = Counter(_whom(one) for one in fake.made)
    rows = [((one.address, one.code), one.state) for one in Message.objects.only("address", "code", "state").iterator()]
    waiting = {State.NEEDS_PERSON, State.FAILED, State.SUPPRESSED, State.EXPIRED, State.CANCELLED}
    return {
        "messages": len(rows),
        "made": sum(made.values()),
        "duplicates": sum(count - 1 for count in made.values()),
        "lost": sum(1 for whom, state in rows if not made[whom] and state not in waiting),
        "believed unsent": sum(1 for whom, state in rows if made[whom] and state in waiting),
        "bound to another's": _wrongly_bound(fake),
        "for a person": sum(1 for _whom, state in rows if state == State.NEEDS_PERSON),
        "in doubt": sum(1 for _whom, state in rows if state in IN_DOUBT),
    }


def _whom(made) -> tuple[str, str]:
    """Number and code, as a message is looked for: of ten thousand messages two may well share a code."""
    return made.to.removeprefix("whatsapp:"), _code(made)


def doubled(fake: FakeProvider) -> list[str]:
    """What is known of each message that was made more than once: its attempts, and when each was made there."""
    from clinic.messaging.models import Attempt

    made = Counter(_whom(one) for one in fake.made)
    lines = []
    for whom in [whom for whom, count in made.items() if count > 1]:
        times = {one.callback.rstrip("/").rsplit("/", 1)[1]: one.at for one in fake.made if _whom(one) == whom}
        for attempt in Attempt.objects.filter(pk__in=times).order_by("started_at"):
            at = times.get(str(attempt.pk))
            ended = f"{(attempt.ended_at - attempt.started_at).total_seconds():.2f} s" if attempt.ended_at else "never"
            after = f"{(at - attempt.started_at).total_seconds():.2f} s" if at else "never"
            lines.append(
                f"{whom[1]} begun {attempt.started_at:%T.%f} made after {after} ended after {ended} {attempt.outcome or '-'}"
            )
    return lines


def _wrongly_bound(fake: FakeProvider) -> int:
    """Messages that we take for one that the provider made of another."""
    made = {one.sid: _whom(one) for one in fake.made}
    bound = Message.objects.exclude(provider_id=None).only("address", "code", "provider_id")
    return sum(1 for one in bound.iterator() if made.get(one.provider_id) != (one.address, one.code))


def slowest(fake: FakeProvider) -> float:
    """Seconds from the claim to the provider's making it, at worst: past lease, doubt and second look it is too late."""
    from clinic.messaging.models import Attempt

    began = dict(Attempt.objects.values_list("pk", "started_at"))
    times = ((uuid.UUID(one.callback.rstrip("/").rsplit("/", 1)[1]), one.at) for one in fake.made)
    return max(((at - began[attempt]).total_seconds() for attempt, at in times), default=0.0)


def _code(made) -> str:
    return made.body.rsplit("#", 1)[1].strip(".")
