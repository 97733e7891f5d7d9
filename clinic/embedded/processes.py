"""Child processes that never outlive the copy they belong to.

Three nets: a child is a session of its own and is stopped as a whole group; on Linux the kernel signals it when its
parent dies; and what is left all the same (another system, a worker whose master was killed) is found by the written
list at the next start.
"""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from clinic.embedded.account import Account
from clinic.embedded.places import write_private

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def started(pid: int) -> str | None:
    """When this living process began, as an opaque word that tells it from a later one of the same number."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if fields[0] in "ZX" else fields[19]
    except OSError:
        if Path("/proc/self/stat").exists():
            return None
    answer = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return answer.stdout.strip() or None


def follow_parent(farewell: signal.Signals):
    """A function for the child, between fork and exec: die by this signal when the parent dies."""
    if LIBC is None:
        return None
    parent = os.getpid()

    def arrange() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, int(farewell))
        if os.getppid() != parent:
            os._exit(0)

    return arrange


class Process:
    """One long-running child; its output goes to its own log file."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | os.PathLike],
        *,
        log: Path,
        env: Mapping[str, str],
        cwd: Path | str = "/",
        account: Account | None = None,
        pass_fds: Sequence[int] = (),
        feed: str | None = None,
        farewell: signal.Signals = signal.SIGTERM,
        patience: float = 10,
    ) -> None:
        self.name, self.command, self.log, self.env, self.cwd = name, [os.fspath(c) for c in command], log, env, cwd
        self.account, self.pass_fds, self.feed = account, tuple(pass_fds), feed
        self.farewell, self.patience, self.popen = farewell, patience, None

    def start(self) -> None:
        """Must be called from the main thread: the kernel counts the death of the *thread* that started a child."""
        if self.log.exists() and self.log.stat().st_size > 5_000_000:
            self.log.replace(self.log.with_suffix(".log.1"))
        with open(self.log, "ab", opener=lambda path, flags: os.open(path, flags, 0o600)) as output:
            self.popen = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE if self.feed is not None else subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(self.env),
                cwd=self.cwd,
                pass_fds=self.pass_fds,
                start_new_session=True,
                preexec_fn=follow_parent(self.farewell),  # noqa: PLW1509 - one thread, and only a system call
                **(self.account.popen() if self.account else {}),
            )
        if self.feed is not None:
            with contextlib.suppress(BrokenPipeError), self.popen.stdin:
                self.popen.stdin.write(self.feed.encode())

    @property
    def alive(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    def last_words(self, lines: int = 12) -> str:
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""

    def ask_to_stop(self) -> None:
        if self.alive:
            self.popen.send_signal(self.farewell)

    def stop(self, *, hurry: bool = False) -> None:
        """End the process and everything it started. Waits ``patience`` seconds before it kills."""
        if self.popen is None:
            return
        if not hurry:
            self.ask_to_stop()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(self.patience)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()
        self.popen = None


def write_down(path: Path, processes: Sequence[Process]) -> None:
    """Note the running children for ``clear_leftovers`` of a later start."""
    rows = [{"name": p.name, "pid": p.popen.pid, "started": started(p.popen.pid)} for p in processes if p.alive]
    write_private(path, json.dumps(rows))


def members(group: int) -> list[int]:
    """Living processes of a group (which is also a session: that is how we start them). Empty without /proc."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            state, _parent, pgrp, session = entry.joinpath("stat").read_text().rpartition(")")[2].split()[:4]
            if int(pgrp) == group == int(session) and state != "Z":
                found.append(int(entry.name))
    return found


def clear_leftovers(path: Path, *, patience: float = 10) -> list[str]:
    """Stop what a killed copy left running; returns the names. Call while holding the lock of VAR_DIR.

    A process number that now belongs to something else is left alone: its beginning differs. A group without its
    leader is still ours, since the kernel gives no new process a number that a group is using.
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    cleared = []
    for row in rows:
        begun = started(row["pid"])
        if begun not in (None, row["started"]):
            continue
        if begun is None and not members(row["pid"]):
            continue
        cleared.append(row["name"])
        deadline = time.monotonic() + patience
        for sign in (signal.SIGINT if row["name"] == "postgres" else signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if sign == signal.SIGKILL or begun is None:
                    os.killpg(row["pid"], sign)
                else:
                    os.kill(row["pid"], sign)
            while time.monotonic() < deadline and (started(row["pid"]) == row["started"] or members(row["pid"])):
                time.sleep(0.05)
    path.unlink(missing_ok=True)
    return cleared
