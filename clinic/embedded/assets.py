"""What is built from the sources: compiled translations and collected static files. Both only when needed."""

import hashlib
import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.apps import apps as apps_registry
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

# Parts of other packages that no page of ours loads; compressing them would take most of the first start.
UNUSED = ("redoc", "rest_framework")


def translation_folders() -> list[Path]:
    """Ours: the project's own and those of its apps, not those that came with packages."""
    here = settings.BASE_DIR
    apps = [Path(app.path) for app in apps_registry.get_app_configs()]
    ours = [app / "locale" for app in apps if app.is_relative_to(here) and here / ".venv" not in app.parents]
    return [*map(Path, settings.LOCALE_PATHS), *ours]


def compile_translations(folders: list[Path]) -> list[Path]:
    """Write the ``.mo`` beside every ``.po`` that changed; returns those. Needs no gettext on the machine.

    A compiled file carries the time of its source: equal times mean it is current, also after a switch to an older one.
    """
    written = []
    for source in sorted(po for folder in folders for po in Path(folder).glob("*/LC_MESSAGES/*.po")):
        target, changed = source.with_suffix(".mo"), source.stat().st_mtime_ns
        if target.exists() and target.stat().st_mtime_ns == changed:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parent.parent.name)
        temporary = target.with_name(f".{target.name}.{os.getpid()}")
        with temporary.open("wb") as file:
            write_mo(file, catalogue)
        os.utime(temporary, ns=(changed, changed))
        temporary.replace(target)
        written.append(target)
    return written


def collect_static(stamp: Path) -> bool:
    """Collect into STATIC_ROOT unless the sources are those of the stamp; True where it did."""
    seen = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in finder.list(UNUSED):
            found = os.stat(storage.path(name))
            seen.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    root = Path(settings.STATIC_ROOT)
    if root.is_dir() and stamp.exists() and stamp.read_text() == seen.hexdigest():
        return False
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=list(UNUSED))
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(seen.hexdigest())
    return True
