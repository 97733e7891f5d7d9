"""One PostgreSQL cluster under VAR_DIR, on 127.0.0.1 only, behind a generated password."""

import contextlib
import os
import secrets
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from clinic.embedded.account import Account
from clinic.embedded.binaries import Binaries
from clinic.embedded.places import Places, Refusal, write_private
from clinic.embedded.ports import free_port
from clinic.embedded.processes import Process, started

ROLE = DATABASE = "needlepoint"
READY_WITHIN, RETRY_FOR = 60, 10  # seconds; a crashed cluster first replays its log, its children take up to 10 s to go
HBA = "# Written by Needlepoint.\nhost all all 127.0.0.1/32 scram-sha-256\n"
# Errors are logged without the statement and without values: those are patients' data.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """``fast`` gives up durability and is for throw-away test clusters only."""

    def __init__(
        self,
        places: Places,
        binaries: Binaries,
        account: Account | None,
        *,
        say: Callable[[str], None],
        fast: bool = False,
    ) -> None:
        self.places, self.binaries, self.account, self.say = places, binaries, account, say
        self.settings = SETTINGS | (FAST if fast else {})
        self.environ = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        self.process: Process | None = None
        self.folder: int | None = None

    # -- where the data is --------------------------------------------------------------------------------------------

    def reach(self, data: Path) -> str:
        """A name of the data folder that the server's account can open.

        Where VAR_DIR lies in a private folder no path leads there for that account. An open folder handle does: it is
        passed on to the server, which finds it under /proc/self/fd.
        """
        if self.account is None or self.account.can(["/bin/sh", "-c", 'cd "$0"', data]):
            return os.fspath(data)
        self.folder = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
        name = f"/proc/self/fd/{self.folder}"
        if not os.path.isdir(name):
            os.close(self.folder)
            raise Refusal(
                f"PostgreSQL does not run as root, and the user it runs as cannot enter {data}; set VAR_DIR to a "
                "folder that others may enter, or start as an ordinary user."
            )
        return name

    @contextlib.contextmanager
    def reached(self, data: Path) -> Iterator[str]:
        try:
            yield self.reach(data)
        finally:
            if self.folder is not None:
                os.close(self.folder)
                self.folder = None

    # -- first start --------------------------------------------------------------------------------------------------

    def create(self) -> None:
        """Make the cluster beside its final place and move it there when it is whole."""
        data = self.places.data
        if (data / "PG_VERSION").exists():
            self.check_version()
            return
        unfinished = data.with_name("postgres.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        if self.account:
            try:
                os.chown(unfinished, self.account.uid, self.account.gid)
            except OSError:
                raise Refusal(
                    f"Files under {self.places.var} cannot be given to another user, and PostgreSQL does not run as "
                    "root; start as an ordinary user, or set VAR_DIR to a local folder."
                ) from None
        self.say("Creating the database …")
        with self.reached(unfinished) as name:
            self.once([self.binaries.initdb, "-D", name, "-U", "postgres", "-A", "trust", "-E", "UTF8", *self.locale()])
            (unfinished / "pg_hba.conf").write_text(HBA)
            self.once(
                [self.binaries.postgres, "--single", "-D", name, "postgres"],
                feed=f"CREATE ROLE {ROLE} LOGIN CREATEDB;\nCREATE DATABASE {DATABASE} OWNER {ROLE};\n",
            )
            (self.places.run / "postgres-password").unlink(missing_ok=True)
        unfinished.rename(data)

    def locale(self) -> list[str]:
        """The built-in locale needs none of the system's; PostgreSQL 16 and older do not have it."""
        if self.major() >= 17:
            return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        return ["--locale=C.UTF-8"]

    def major(self) -> int:
        answer = subprocess.run([self.binaries.postgres, "--version"], capture_output=True, text=True, check=True)
        return int(answer.stdout.split()[2].split(".")[0])

    def check_version(self) -> None:
        found = (self.places.data / "PG_VERSION").read_text().strip()
        if found != str(self.major()):
            raise Refusal(
                f"The data in {self.places.data} was written by PostgreSQL {found} and this is {self.major()}; move it "
                "with pg_upgrade or a dump, or set VAR_DIR to another folder."
            )

    def once(self, command: list, *, feed: str = "") -> None:
        outcome = subprocess.run(
            command,
            input=feed,
            capture_output=True,
            text=True,
            cwd="/",
            env=self.environ,
            check=False,
            pass_fds=(self.folder,) if self.folder is not None else (),
            **(self.account.popen() if self.account else {}),
        )
        # The single-user server goes on after a failed statement and still ends with 0.
        if outcome.returncode or "ERROR:" in outcome.stderr:
            raise Refusal(
                f"PostgreSQL could not set up its data: {(outcome.stderr.strip() or 'no reason given')[-500:]}"
            )

    def password(self) -> str:
        """Kept in ``run``; where it is missing a new one is set, by the single-user server (so nobody sees it pass)."""
        path = self.places.run / "postgres-password"
        with contextlib.suppress(OSError):
            return path.read_text().strip()
        password = secrets.token_urlsafe(32)
        with self.reached(self.places.data) as name:
            self.once(
                [self.binaries.postgres, "--single", "-D", name, "postgres"],
                feed=f"ALTER ROLE {ROLE} PASSWORD '{password}';\n",
            )
        write_private(path, password)
        return password

    # -- every start --------------------------------------------------------------------------------------------------

    def start(self) -> str:
        """Start, wait until it answers, return its DATABASE_URL."""
        self.create()
        self.clear_stale()
        password = self.password()
        deadline = time.monotonic() + RETRY_FOR
        while not self.attempt(free_port()):
            if time.monotonic() > deadline:
                raise Refusal(f"PostgreSQL did not start; {self.process.log} says why:\n{self.process.last_words()}")
            time.sleep(0.25)
        return f"postgresql://{ROLE}:{quote(password)}@127.0.0.1:{self.port}/{DATABASE}"

    def attempt(self, port: int) -> bool:
        self.port = port
        settings = [f"--{name}={value}" for name, value in (self.settings | {"port": str(port)}).items()]
        with self.reached(self.places.data) as name:
            self.process = Process(
                "postgres",
                [self.binaries.postgres, "-D", name, *settings],
                log=self.places.log / "postgres.log",
                env=self.environ,
                account=self.account,
                pass_fds=(self.folder,) if self.folder is not None else (),
                farewell=signal.SIGINT,  # "fast": ends sessions and writes a checkpoint
                patience=30,
            )
            self.process.start()
        deadline = time.monotonic() + READY_WITHIN
        while self.process.alive and time.monotonic() < deadline:
            if self.ready():
                return True
            time.sleep(0.02)
        return False

    def restart(self) -> None:
        """After the server died: the same port and password, so that everybody finds it again."""
        self.process.stop(hurry=True)
        self.clear_stale()
        deadline = time.monotonic() + RETRY_FOR
        while not self.attempt(self.port) and time.monotonic() < deadline:
            time.sleep(0.25)

    def ready(self) -> bool:
        lines = self.pid_file()
        return len(lines) > 7 and lines[0] == str(self.process.popen.pid) and lines[7].strip() == "ready"

    def pid_file(self) -> list[str]:
        try:
            return (self.places.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def clear_stale(self) -> None:
        """Deal with the server of a copy that was killed, and with a number that now belongs to somebody else."""
        lines = self.pid_file()
        if not lines or not lines[0].lstrip("-").isdigit():
            return
        pid = int(lines[0])
        if started(pid) is None:
            return
        if not self.serves_our_data(pid):
            # PostgreSQL only asks whether the number is alive, and would refuse for ever. The block of shared memory,
            # whose key comes from the folder itself, still guards against a second server on the same data.
            (self.places.data / "postmaster.pid").unlink()
            return
        self.say("Stopping the database server that an earlier start left behind …")
        for farewell, patience in ((signal.SIGINT, 10), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, farewell)
            deadline = time.monotonic() + patience
            while time.monotonic() < deadline:
                if started(pid) is None:
                    return
                time.sleep(0.05)

    def serves_our_data(self, pid: int) -> bool:
        try:
            here, there = self.places.data.stat(), os.stat(f"/proc/{pid}/cwd")
            return stat.S_ISDIR(there.st_mode) and (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)
        except PermissionError:
            return False
        except OSError:
            name = subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True, check=False)
            return "postgres" in name.stdout

    def stop(self) -> None:
        if self.process:
            self.process.stop()
