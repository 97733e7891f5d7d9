"""Brings every ``locale/*/LC_MESSAGES/django.po`` up to date with the sources. Needs no gettext on the machine."""

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation.template import templatize

KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


# Without dates and names: they would change with every run and say nothing.
HEADER = """msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""


class Command(BaseCommand):
    help = (
        "Extracts texts from Python files and templates into the .po files; texts no longer used are kept as obsolete."
    )

    def handle(self, **options) -> None:
        for root, sources in self.roots():
            found = Catalog(fuzzy=False)
            for source in sorted(sources):
                for line, message, comments, context in texts(source):
                    where = [(str(source.relative_to(settings.BASE_DIR)), line)]
                    found.add(message, locations=where, auto_comments=comments, context=context)
            for language, _name in settings.LANGUAGES:
                if language != "en":
                    self.update(root / language / "LC_MESSAGES" / "django.po", found, language)

    def roots(self) -> list[tuple[Path, list[Path]]]:
        """An app with a ``locale`` folder keeps its own texts and those of its templates; the rest is the project's."""
        base = settings.BASE_DIR
        names = {
            app.name.partition(".")[0] for app in apps.get_app_configs() if (base / app.name.split(".")[0]).is_dir()
        }
        sources = [path for name in sorted(names) for kind in ("*.py", "*.html") for path in (base / name).rglob(kind)]
        sources += (base / "templates").rglob("*.html")
        rest, own = [], {name: [] for name in names if (base / name / "locale").is_dir()}
        for source in sources:
            parts = source.relative_to(base).parts
            own.get(parts[1] if parts[0] == "templates" else parts[0], rest).append(source)
        return [
            (Path(settings.LOCALE_PATHS[0]), rest),
            *((base / name / "locale", files) for name, files in own.items()),
        ]

    def update(self, path: Path, found: Catalog, language: str) -> None:
        known, opening = Catalog(locale=language), ""
        if path.exists():
            with path.open("rb") as file:
                known = read_po(file, locale=language)
            opening = path.read_text(encoding="utf-8").partition("msgid")[0]
        known.update(found, no_fuzzy_matching=True)
        body = io.BytesIO()
        write_po(body, known, width=120, sort_by_file=True, include_lineno=False, omit_header=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        header = HEADER.format(language=language, plural=known.plural_forms)
        path.write_text(opening + header + body.getvalue().decode(), encoding="utf-8")
        missing = sum(1 for message in known if message.id and not said(message))
        self.stdout.write(f"{path.relative_to(settings.BASE_DIR)}: {len(known)} texts, {missing} not translated")


def said(message) -> bool:
    """Whether every form has words."""
    return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


def texts(source: Path):
    """(line, text, comments, context) of one file. A template is first turned into the Python that Django makes of it."""
    content = source.read_text(encoding="utf-8")
    if source.suffix == ".html":
        # Every tag becomes a call somewhere on its line; the rest of a template is blanked to X, not to spaces.
        content = "\n".join(line.strip() for line in templatize(content, origin=str(source)).splitlines())
    yield from extract("python", io.BytesIO(content.encode()), keywords=KEYWORDS, comment_tags=("Translators:",))
