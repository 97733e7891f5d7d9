"""The folders and files of one running copy, all under its VAR_DIR."""

import fcntl
import os
import time
from dataclasses import dataclass
from pathlib import Path


class Refusal(Exception):
    """One plain sentence for the person at the terminal: why it does not start and what to do instead."""


@dataclass(frozen=True)
class Places:
    """Postgres data and keys are worth keeping; ``run`` and ``log`` are made anew when missing."""

    var: Path

    @classmethod
    def of(cls, var_dir: str | os.PathLike) -> "Places":
        places = cls(Path(var_dir).expanduser().resolve())
        try:
            for folder, mode in ((places.var, 0o755), (places.run, 0o700), (places.log, 0o700), (places.keys, 0o700)):
                folder.mkdir(mode=mode, parents=True, exist_ok=True)
        except OSError as problem:
            raise Refusal(
                f"The folder {places.var} cannot be used ({problem.strerror}); set VAR_DIR to one that can be written."
            ) from None
        return places

    @property
    def run(self) -> Path:
        return self.var / "run"

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def keys(self) -> Path:
        return self.var / "keys"

    @property
    def data(self) -> Path:
        return self.var / "postgres"

    @property
    def environment(self) -> Path:
        return self.run / "env.json"


class OnlyOne:
    """An exclusive lock on VAR_DIR. The kernel lets go of it when the process dies, however it dies."""

    def __init__(self, places: Places) -> None:
        self.places, self.file = places, None

    def __enter__(self) -> "OnlyOne":
        file = open(self.places.run / "lock", "a")  # noqa: SIM115 - held for the life of the process
        for attempt in range(5):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if attempt == 4:
                    file.close()
                    raise Refusal(
                        f"Another copy is already running on {self.places.var}; stop it first, or set VAR_DIR and "
                        "PORT to run a second one beside it."
                    ) from None
                time.sleep(0.1)
            else:
                self.file = file
                return self
        raise AssertionError

    def __exit__(self, *exc) -> None:
        self.file.close()


def write_private(path: Path, content: str) -> None:
    """Replace a file as a whole; from its first byte only its owner can read it."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
