"""A day in words, in the order in which the reader's language says it, and a time of day. The words themselves are Django's."""

import datetime as dt
from zoneinfo import ZoneInfo

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
    """``shape`` is Django's date format in English order, such as "l j F, H:i"; a time that comes twice says which."""
    shape = shape.replace(", ", comma())
    for english, own in ORDERS.get(_language(), {}).items():
        if shape.startswith(english):
            shape = own + shape[len(english) :]
            break
    which = _which(day) if isinstance(day, dt.datetime) and shape.endswith("H:i") else ""
    return date_format(day, shape) + which


def clock(moment: dt.datetime) -> str:
    """ "02:30"; in the hour that autumn repeats "02:30 (CEST)", so that two equal readings can be told apart."""
    return date_format(moment, "H:i") + _which(moment)


def comes_twice(moment: dt.datetime) -> bool:
    """Whether its zone's clocks show this reading a second time on the same night."""
    first, second = (moment.replace(fold=fold).utcoffset() for fold in (0, 1))
    return first is not None and first > second


def instants_of(day: dt.date, time: dt.time, zone: dt.tzinfo) -> list[dt.datetime]:
    """The moments at which a zone's clocks show this, in its own offsets: one; two where an hour comes twice; none where
    the clock jumps over it."""
    moments = [dt.datetime.combine(day, time.replace(fold=fold), tzinfo=zone) for fold in (0, 1)]
    if moments[0].utcoffset() == moments[1].utcoffset():
        return moments[:1]
    return moments if comes_twice(moments[0]) else []


def days_between(first: dt.datetime, then: dt.datetime, zone: str) -> int:
    """Days on the calendar of ``zone``; negative where ``then`` comes first."""
    there = ZoneInfo(zone)
    return (then.astimezone(there).date() - first.astimezone(there).date()).days


def _which(moment: dt.datetime) -> str:
    return f" ({moment.tzname()})" if comes_twice(moment) else ""


def _language() -> str:
    return (get_language() or "en")[:2]
