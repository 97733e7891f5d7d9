"""What patients compare us with: explained on the pages, not offered."""

from functools import cache
from typing import Any

from django.utils.translation import get_language

from . import catalogue


@cache
def _all() -> dict[str, list[dict[str, Any]]]:
    content = catalogue.read()
    return {
        language: [{"slug": slug, **text["comparators"][slug]} for slug in content.comparators]
        for language, text in content.texts.items()
    }


def comparators() -> list[dict[str, Any]]:
    """Name, what it is and how it compares, in the active language (else English). Files are read once a process."""
    language = (get_language() or "en").split("-")[0]
    return _all().get(language) or _all()["en"]
