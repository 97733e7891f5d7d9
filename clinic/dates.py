"""A day in words, in the order in which the reader's language says it. The words themselves are Django's."""

import datetime as dt

from django.utils.formats import date_format
from django.utils.translation import get_language

# English order → how the language puts it. The longest comes first: what follows a match stays as it is.
ORDERS = {
    "tr": {"l j F Y": "j F Y l", "l j F": "j F l", "D j M Y": "j M Y D", "D j M": "j M D"},
    "es": {
        "D j M": "D j b",
        "l j F Y": r"l j \d\e F \d\e Y",
        "l j F": r"l j \d\e F",
        "j F Y": r"j \d\e F \d\e Y",
        "j F": r"j \d\e F",
    },
}
COMMAS = {"ar": "،"}


def comma() -> str:
    """The reader's own, with its space."""
    return f"{COMMAS.get(_language(), ',')} "


def say(day: dt.date, shape: str = "l j F") -> str:
    """``shape`` is Django's date format in English order, such as "l j F, H:i"."""
    shape = shape.replace(", ", comma())
    for english, own in ORDERS.get(_language(), {}).items():
        if shape.startswith(english):
            return date_format(day, own + shape[len(english) :])
    return date_format(day, shape)


def _language() -> str:
    return (get_language() or "en")[:2]
