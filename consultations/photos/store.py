"""Sealed photos on disk: two files for each, under random names, in a folder that no web server serves.

A file is bound to its photo's id and size: renamed, or copied to another photo's name, it does not open. It is written
beside its place, synced and renamed, so that a full disk or a killed process leaves a whole file or none.
"""

import contextlib
import logging
import os
import re
import secrets
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from clinic.crypto.keyring import CannotOpen, Keyring, keyring

FULL, THUMB = "full", "thumb"
SIZES = (FULL, THUMB)
KEY = re.compile(r"[0-9a-f]{48}")
GRACE = 3600
"""Seconds for which a file may lie there before its row is written."""
MANY = 20
"""So many stray files are looked at with suspicion."""
log = logging.getLogger(__name__)


class NoRoom(Exception):
    """The file could not be written; nothing of it is left."""


def new_key() -> str:
    return secrets.token_hex(24)


def write(key: str, *, photo_id: uuid.UUID, full: bytes, thumb: bytes) -> int:
    """Both sizes, or neither. Returns the bytes on disk. Raises NoRoom."""
    try:
        return sum(
            _write(_path(key, size), keyring().seal(plain, _place(photo_id, size)))
            for size, plain in ((FULL, full), (THUMB, thumb))
        )
    except OSError as problem:
        remove(key)
        raise NoRoom from problem


def read(key: str, *, photo_id: uuid.UUID, size: str) -> bytes:
    """Raises CannotOpen for a file that is missing, damaged, or another photo's."""
    try:
        sealed = _path(key, size).read_bytes()
    except OSError as problem:
        raise CannotOpen("photo") from problem
    return keyring().open(sealed, _place(photo_id, size))


def remove(key: str) -> None:
    """Both files; one that is gone already is fine."""
    for size in SIZES:
        with contextlib.suppress(FileNotFoundError):
            _path(key, size).unlink()


def seal_again(key: str, *, photo_id: uuid.UUID) -> int:
    """Under the current key, where another one sealed it. Returns how many files changed; a missing one is left."""
    ring, changed = keyring(), 0
    for size in SIZES:
        path, place = _path(key, size), _place(photo_id, size)
        with contextlib.suppress(FileNotFoundError):
            sealed = path.read_bytes()
            if Keyring.key_of(sealed) != ring.current:
                _write(path, ring.seal(ring.open(sealed, place), place))
                changed += 1
    return changed


def remove_strays(known: set[str]) -> int:
    """Files older than an hour that no photo knows: left by a process that was killed between file and row.

    When most files would go, none goes: then it is the rows that are missing, as in the middle of a restore.
    """
    before, files, strays = time.time() - GRACE, 0, []
    for path in _files():
        files += 1
        with contextlib.suppress(FileNotFoundError):
            if path.name.partition(".")[0] not in known and path.stat().st_mtime < before:
                strays.append(path)
    if len(strays) > MANY and len(strays) * 2 > files:
        log.warning("photos: %s of %s files have no row; none was removed", len(strays), files)
        return 0
    for path in strays:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
    return len(strays)


def _files() -> Iterator[Path]:
    return (path for path in _folder().glob("??/*") if path.is_file())


def _folder() -> Path:
    return Path(settings.PRIVATE_FILES_DIR) / "photos"


def _path(key: str, size: str) -> Path:
    if not KEY.fullmatch(key) or size not in SIZES:
        raise ValueError("not a photo's name")
    return _folder() / key[:2] / f"{key}.{size}"


def _place(photo_id: uuid.UUID, size: str) -> str:
    return f"photo.{size}:{photo_id.hex}"


def _write(path: Path, sealed: bytes) -> int:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    return len(sealed)
