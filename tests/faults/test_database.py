"""PostgreSQL goes away in the middle, without a word (`-m immediate`), again and again. A server of this test's own."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import psycopg2
import pytest

from clinic.embedded.places import Places
from clinic.embedded.servers import Servers
from tests.faults import drill
from tests.faults.fake_provider import FakeProvider
from tests.faults.fleet import Fleet, ticks, wait_until
from tests.faults.test_kill import failing

COUNT = 60
SETTLED = {"accepted", "sent", "delivered", "read"}


@pytest.fixture
def own_server(tmp_path_factory):
    """An empty, migrated database on a PostgreSQL that may be killed: it and what leads to it."""
    places = Places.of(tmp_path_factory.mktemp("own") / "var")
    bare = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    with Servers(places, environ=bare, say=lambda _sentence: None) as servers:
        given = {**os.environ, **servers.variables, "LOG_LEVEL": "ERROR"}
        manage(given, "migrate", "--verbosity", "0")
        yield servers.servers[-1], given


def manage(given: dict[str, str], *command: str) -> None:
    subprocess.run([sys.executable, "manage.py", *command], cwd=drill.ROOT, env=given, check=True)


def states(given: dict[str, str]) -> dict[str, str]:
    """State by code; nothing while the server is away."""
    try:
        link = psycopg2.connect(given["DATABASE_URL"], connect_timeout=5)
    except psycopg2.OperationalError:
        return {}
    try:
        with link, link.cursor() as cursor:
            cursor.execute("SELECT code, state FROM messaging_message")
            return dict(cursor.fetchall())
    except psycopg2.OperationalError:
        return {}
    finally:
        link.close()


def restart_at_once(server) -> None:
    """As `pg_ctl restart -m immediate`: no session ends its work, no checkpoint is written."""
    os.kill(server.process.popen.pid, signal.SIGQUIT)
    server.process.popen.wait()
    server.restart()


def test_restarted_in_the_middle_of_claiming_and_sending_nothing_is_lost_or_doubled(own_server, tmp_path):
    server, given = own_server
    manage(given, "shell", "-v0", "-c", f"from tests.faults.test_kill import queue; queue({COUNT})")
    with FakeProvider(behave=failing(5), latency=0.15, hang_seconds=1) as fake:
        env = drill.environment(fake, threads=2, settings_too=ticks(0.5)) | {
            name: given[name] for name in ("DATABASE_URL", "SECRET_KEY", "FIELD_KEYS", "SEARCH_KEY")
        }
        with Fleet(tmp_path, env, workers=2, beats=2, concurrency=1) as fleet:
            for _time in range(4):
                posts = len(fake.posts)
                wait_until(lambda posts=posts: len(fake.posts) > posts)
                time.sleep(random.uniform(0, 0.3))
                restart_at_once(server)

            def done() -> bool:
                fleet.tend()
                found = states(given)
                return len(found) == COUNT and set(found.values()) <= SETTLED

            wait_until(done, 180)
        made = Counter(one.body.rsplit("#", 1)[1].strip(".") for one in fake.made)
        assert made == Counter(states(given).keys()), (made, fleet.logs())
