"""Sending through real worker processes that are killed again and again. Used by the test and by the bench."""

import json
import os
import random
import signal
import subprocess
import sys
import time
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
}


def database_url() -> str:
    """Of the database this process is connected to, which under test is the test database."""
    at = connection.settings_dict
    password = f":{quote(at['PASSWORD'])}" if at["PASSWORD"] else ""
    return f"postgresql://{at['USER']}{password}@{quote(at['HOST'] or '', safe='')}:{at['PORT'] or 5432}/{at['NAME']}"


def environment(fake: FakeProvider, *, public_url: str = "http://127.0.0.1:1", **options) -> dict[str, str]:
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


def worker(env: dict[str, str], *, threads: int) -> subprocess.Popen:
    command = [sys.executable, "manage.py", "send_messages", "--loop", "--pause", "0.1", "--threads", str(threads)]
    return subprocess.Popen(
        command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def kill(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def open_messages() -> int:
    return Message.objects.filter(state__in=[State.PENDING, *IN_DOUBT]).count()


def run(
    fake: FakeProvider,
    env: dict[str, str],
    *,
    workers: int,
    threads: int,
    kills: int,
    every: tuple[float, float],
    limit: float,
) -> dict:
    """Until nothing is open: kills a random worker at random moments while messages go out, and starts another."""
    began = time.monotonic()
    alive = [worker(env, threads=threads) for _number in range(workers)]
    killed = 0
    try:
        while time.monotonic() - began < limit and (left := open_messages()):
            if killed < kills:
                _until_posting(fake, seconds=3)
                time.sleep(random.uniform(*every))
                victim = random.randrange(workers)
                kill(alive[victim])
                alive[victim] = worker(env, threads=threads)
                killed += 1
            else:
                time.sleep(0.2)
        return {"seconds": time.monotonic() - began, "kills": killed, "open": left}
    finally:
        for process in alive:
            kill(process)


def _until_posting(fake: FakeProvider, *, seconds: float) -> None:
    """A kill during start-up proves nothing: waits until somebody is sending."""
    before, stop = len(fake.posts), time.monotonic() + seconds
    while len(fake.posts) == before and time.monotonic() < stop:
        time.sleep(0.01)


def judge(fake: FakeProvider) -> dict[str, int]:
    """By the provider's log: how many of our messages it made more than once, and how many it should have made and
    did not.
    """
    made = Counter(one.body.rsplit("#", 1)[1].strip(".") for one in fake.made)
    rows = Message.objects.values_list("code", "state")
    waiting = {State.NEEDS_PERSON, State.FAILED, State.SUPPRESSED, State.EXPIRED, State.CANCELLED}
    return {
        "messages": len(rows),
        "made": sum(made.values()),
        "duplicates": sum(count - 1 for count in made.values()),
        "lost": sum(1 for code, state in rows if not made[code] and state not in waiting),
        "believed unsent": sum(1 for code, state in rows if made[code] and state in waiting),
        "for a person": sum(1 for _code, state in rows if state == State.NEEDS_PERSON),
        "in doubt": sum(1 for _code, state in rows if state in IN_DOUBT),
    }
