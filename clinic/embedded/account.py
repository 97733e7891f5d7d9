"""Whom the servers run as. PostgreSQL refuses root, so root hands it to an account that owns nothing."""

import contextlib
import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from clinic.embedded.places import Refusal


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int

    def popen(self) -> dict:
        """The arguments that make ``subprocess`` run something as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can(self, command: Sequence[str | os.PathLike]) -> bool:
        """Whether this account succeeds in running the command."""
        try:
            return subprocess.run(command, capture_output=True, cwd="/", check=False, **self.popen()).returncode == 0
        except PermissionError:
            return False


def server_account(data: Path) -> Account | None:
    """None: run as whoever we are. For root: the owner of data that exists already, otherwise ``nobody``."""
    owner = data.stat().st_uid if data.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise Refusal(
                f"{data} belongs to another user ({name_of(owner)}); start as the user who started it before, or set "
                "VAR_DIR to another folder."
            )
        return None
    try:
        entry = pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    except KeyError:
        raise Refusal(
            "PostgreSQL does not run as root and there is no user nobody here; start as an ordinary user."
        ) from None
    account = Account(entry.pw_uid, entry.pw_gid)
    if not account.can(["/bin/sh", "-c", "exit 0"]):
        raise Refusal("PostgreSQL does not run as root and this root may not change user; start as an ordinary user.")
    return account


def name_of(uid: int) -> str:
    with contextlib.suppress(KeyError):
        return pwd.getpwuid(uid).pw_name
    return str(uid)
