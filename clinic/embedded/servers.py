"""PostgreSQL and Valkey for as long as a ``with`` block lasts, and the environment that leads to them."""

import json
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack

from clinic.embedded import binaries
from clinic.embedded.account import server_account
from clinic.embedded.keyring import keys
from clinic.embedded.places import OnlyOne, Places, Refusal, write_private
from clinic.embedded.postgres import Postgres
from clinic.embedded.processes import Process, clear_leftovers, started, write_down
from clinic.embedded.valkey import Valkey

TRUE = {"1", "true", "yes", "on"}


def is_set(environ: Mapping[str, str], name: str) -> bool:
    return bool(environ.get(name, "").strip() or environ.get(f"{name}_FILE", "").strip())


class Servers:
    """Starts only what the environment does not name: DATABASE_URL and REDIS_URL are used as they are.

    Holds the lock of VAR_DIR meanwhile. ``variables`` is what children need on top of the environment.
    """

    def __init__(
        self,
        places: Places,
        *,
        environ: Mapping[str, str] = os.environ,
        say: Callable[[str], None] = print,
        fast: bool = False,
    ) -> None:
        self.places, self.environ, self.say, self.fast = places, environ, say, fast
        self.variables: dict[str, str] = {}
        self.servers: list[Postgres | Valkey] = []
        self.stack = ExitStack()

    def __enter__(self) -> "Servers":
        with ExitStack() as stack:
            stack.enter_context(OnlyOne(self.places))
            stack.callback(self.stop)
            self.start()
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *exc) -> None:
        self.stack.close()

    def start(self) -> None:
        own = {name for name in ("DATABASE_URL", "REDIS_URL") if not is_set(self.environ, name)}
        if own and self.environ.get("PRODUCTION", "").strip().casefold() in TRUE:
            raise Refusal(f"In production nothing is embedded; set {' and '.join(sorted(own))}.")
        for name in clear_leftovers(self.children_file):
            self.say(f"Stopped {name}, which an earlier start had left behind.")
        self.variables = {"VAR_DIR": str(self.places.var), **keys(self.places, self.environ)}
        account = server_account(self.places.data) if "DATABASE_URL" in own else None
        found = binaries.find(self.places, account, postgres="DATABASE_URL" in own, valkey="REDIS_URL" in own)
        if "REDIS_URL" in own:
            valkey = Valkey(self.places, found)
            self.servers.append(valkey)
            self.variables["REDIS_URL"] = valkey.start()
        if "DATABASE_URL" in own:
            postgres = Postgres(self.places, found, account, say=self.say, fast=self.fast)
            self.servers.append(postgres)
            self.variables["DATABASE_URL"] = postgres.start()
        self.note()
        keeper = {"pid": os.getpid(), "started": started(os.getpid())}
        write_private(self.places.environment, json.dumps({"keeper": keeper, "variables": self.variables}))

    @property
    def children_file(self):
        return self.places.run / "children.json"

    def note(self, *more: Process) -> None:
        """Write down what runs, for a start after this copy was killed."""
        write_down(self.children_file, [server.process for server in self.servers] + list(more))

    def stop(self) -> None:
        self.places.environment.unlink(missing_ok=True)
        for server in reversed(self.servers):
            server.stop()
        self.children_file.unlink(missing_ok=True)
