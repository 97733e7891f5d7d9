"""Real servers, started as a person would start them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg2
import pytest

from clinic.embedded.environment import environment
from clinic.embedded.processes import started

ROOT = Path(__file__).resolve().parents[3]
OURS = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEYS", "SEARCH_KEY", "VAR_DIR", "PRODUCTION", "STATIC_ROOT"}


def bare_environ(**more: str) -> dict[str, str]:
    """As on a machine where nothing is configured."""
    return {name: value for name, value in os.environ.items() if name not in OURS} | more


def until(true, *, within: float = 20.0) -> bool:
    deadline = time.monotonic() + within
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


class Copy:
    """``python -m clinic.embedded run`` on one VAR_DIR, holding the servers until it is stopped."""

    def __init__(self, var: Path) -> None:
        self.var, self.popen = var, None

    def launch(self, *command: str, **environ: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "clinic.embedded", "run", "--var-dir", self.var, "--", *command],
            cwd=ROOT,
            env=bare_environ(**environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def once(self, *command: str, **environ: str) -> subprocess.CompletedProcess:
        process = self.launch(*command, **environ)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def start(self) -> "Copy":
        self.popen = self.launch("sleep", "300")
        assert until(lambda: environment(self.var) or self.popen.poll() is not None)
        assert self.popen.poll() is None, self.popen.communicate()[1]
        return self

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.popen.send_signal(number)
        self.popen.communicate(timeout=30)
        return self.popen.returncode

    def pids(self) -> dict[str, int]:
        return {row["name"]: row["pid"] for row in json.loads((self.var / "run" / "children.json").read_text())}

    def sql(self, statement: str):
        link = psycopg2.connect(environment(self.var)["DATABASE_URL"])
        try:
            with link, link.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else None
        finally:
            link.close()


def all_gone(pids) -> bool:
    return until(lambda: not any(started(pid) for pid in pids), within=10)


@pytest.fixture
def copy(tmp_path):
    """In pytest's own folder, which only its owner may enter."""
    copy = Copy(tmp_path / "var")
    yield copy
    if copy.popen and copy.popen.poll() is None:
        copy.stop()


@pytest.fixture
def open_copy():
    """In a folder that everybody may enter."""
    folder = Path(tempfile.mkdtemp(prefix="needlepoint-test-"))
    folder.chmod(0o755)
    copy = Copy(folder / "var")
    yield copy
    if copy.popen and copy.popen.poll() is None:
        copy.stop()
    shutil.rmtree(folder)
