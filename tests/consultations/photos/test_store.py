"""Whole or not at all, sealed, and opened only as what they are."""

import errno
import os
import time
import uuid

import pytest

from clinic.crypto.keyring import CannotOpen
from clinic.errors import DomainError
from consultations.models import Photo
from consultations.photos import store
from consultations.services.photos import add_photo, remove_strays
from tests.consultations.asking import make_draft
from tests.consultations.photos.pictures import jpeg

ID = uuid.UUID(int=5)


@pytest.fixture
def folder(settings):
    return settings.PRIVATE_FILES_DIR


def files(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_what_is_written_is_read_and_lies_sealed_in_a_shut_folder(folder):
    key = store.new_key()
    size = store.write(key, photo_id=ID, full=b"large picture", thumb=b"small")
    assert store.read(key, photo_id=ID, size="full") == b"large picture"
    assert store.read(key, photo_id=ID, size="thumb") == b"small"
    found = [path for path in folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in found) == size
    for path in found:
        assert b"picture" not in path.read_bytes()
        assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_it_opens_as_nothing_else(folder):
    key, other = store.new_key(), store.new_key()
    for one in (key, other):
        store.write(one, photo_id=ID, full=b"large", thumb=b"small")
    with pytest.raises(CannotOpen):
        store.read(key, photo_id=uuid.UUID(int=6), size="full")
    full, thumb = (next(folder.rglob(f"{key}.{size}")) for size in ("full", "thumb"))
    full.write_bytes(thumb.read_bytes())
    with pytest.raises(CannotOpen):
        store.read(key, photo_id=ID, size="full")
    full.write_bytes(b"")
    with pytest.raises(CannotOpen):
        store.read(key, photo_id=ID, size="full")
    full.unlink()
    with pytest.raises(CannotOpen):
        store.read(key, photo_id=ID, size="full")


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "A" * 48, "a" * 47 + "/"])
def test_a_name_is_ours_or_none(key):
    with pytest.raises(ValueError, match="name"):
        store.read(key, photo_id=ID, size="full")


def failing(name, *, at, error=errno.ENOSPC):
    real, calls = getattr(os, name), []

    def fault(*args, **more):
        calls.append(1)
        if len(calls) == at:
            raise OSError(error, os.strerror(error))
        return real(*args, **more)

    return fault


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_a_full_disk_leaves_nothing_wherever_it_strikes(folder, monkeypatch, at):
    monkeypatch.setattr(os, "fsync", failing("fsync", at=at))
    with pytest.raises(store.NoRoom):
        store.write(store.new_key(), photo_id=ID, full=b"x" * 9000, thumb=b"y" * 900)
    assert files(folder) == []


def test_a_folder_nobody_may_write_to_is_said_in_a_sentence_and_keeps_no_row(db, clinic, folder, monkeypatch):
    draft = make_draft()
    monkeypatch.setattr(os, "open", failing("open", at=1, error=errno.EACCES))
    with pytest.raises(DomainError) as refused:
        add_photo(draft, data=jpeg((200, 200)), most=6)
    assert refused.value.code == "photo_no_room" and "Nothing else is lost" in str(refused.value)
    assert not Photo.objects.exists() and files(folder) == []


def test_a_row_that_cannot_be_written_takes_its_files_along(db, clinic, folder, monkeypatch):
    draft = make_draft()
    monkeypatch.setattr(Photo, "save", lambda self, **options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        add_photo(draft, data=jpeg((200, 200)), most=6)
    assert files(folder) == []


def test_a_draft_that_was_sent_meanwhile_takes_no_photo(db, clinic, folder):
    draft = make_draft()
    type(draft).objects.all().delete()
    with pytest.raises(DomainError) as refused:
        add_photo(draft, data=jpeg((200, 200)), most=6)
    assert refused.value.code == "photo_owner_gone"
    assert files(folder) == []


def test_strays_are_swept_after_an_hour_and_nothing_else(db, clinic, folder):
    make_draft(photos=1)
    old, young = store.new_key(), store.new_key()
    for key in (old, young):
        store.write(key, photo_id=ID, full=b"x", thumb=b"y")
    half = next(folder.rglob(f"{old}.full")).with_name(f"{old}.full.0a1b.new")
    half.write_bytes(b"half")
    for path in folder.rglob(f"{old}*"):
        os.utime(path, (time.time() - 4000,) * 2)
    for photo in Photo.objects.all():
        for path in folder.rglob(f"{photo.key}*"):
            os.utime(path, (1, 1))
    assert remove_strays() == 3
    assert len(files(folder)) == 4
    assert store.read(Photo.objects.get().key, photo_id=Photo.objects.get().pk, size="full")


def test_when_most_files_have_no_row_it_is_the_rows_that_are_missing(folder):
    """The database is being restored: a sweep just then must not take the photos."""
    for _each in range(store.MANY):
        store.write(store.new_key(), photo_id=ID, full=b"x", thumb=b"y")
    for path in folder.rglob("*.*"):
        os.utime(path, (1, 1))
    assert store.remove_strays(set()) == 0
    assert len(files(folder)) == 2 * store.MANY
