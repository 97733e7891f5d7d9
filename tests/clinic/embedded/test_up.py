import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from clinic.embedded.ports import free_port
from tests.clinic.embedded.conftest import ROOT, all_gone, bare_environ, until


def launch(var, port, **environ) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env=bare_environ(VAR_DIR=str(var), PORT=str(port), WEB_WORKERS="1", WORKERS="1", DEMO="off", **environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def answers(port) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as response:
            return response.status == 200
    except OSError:
        return False


def pids(var) -> dict[str, int]:
    return {row["name"]: row["pid"] for row in json.loads((var / "run" / "children.json").read_text())}


def test_it_comes_up_heals_what_was_killed_and_leaves_nothing_behind(tmp_path):
    var, port = tmp_path / "var", free_port()
    process = launch(var, port)
    try:
        lines = []
        while f"Needlepoint is ready on http://127.0.0.1:{port}\n" not in lines[-1:]:
            lines.append(process.stdout.readline())
            assert lines[-1], "".join(lines)
        assert answers(port)
        before = pids(var)
        assert set(before) == {"postgres", "valkey", "web", "worker", "beat"}
        for name in ("postgres", "web"):
            os.kill(before[name], signal.SIGKILL)
        assert until(lambda: pids(var).get("web") not in (None, before["web"]))
        assert until(lambda: pids(var).get("postgres") not in (None, before["postgres"]))
        assert until(lambda: answers(port))
        after = pids(var)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        out = process.communicate(timeout=60)[0]
    assert process.returncode == 0, out
    assert "Stopped. Your data is kept." in out
    assert all_gone({*before.values(), *after.values()})


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"PORT": "eighty"}, "PORT is 'eighty'; use a number from 1 to 65535.\n"),
        ({"PORT": "70000"}, "PORT is '70000'; use a number from 1 to 65535.\n"),
    ],
)
def test_an_impossible_port_is_one_sentence(tmp_path, environ, sentence):
    process = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env=bare_environ(VAR_DIR=str(tmp_path), **environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (process.returncode, process.stderr, process.stdout) == (1, sentence, "")


def test_a_taken_port_is_one_sentence_and_starts_nothing(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = launch(tmp_path / "var", port)
        out = process.communicate(timeout=20)[0]
    assert out == f"Port {port} is taken by another program; stop it, or choose another with PORT={port + 1}.\n"
    assert process.returncode == 1
    assert not (tmp_path / "var").exists()
