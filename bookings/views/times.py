"""Free times as buttons: by part of the day, or a few with their day."""

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext as _

from bookings.reasons import Reason
from bookings.views.words import long_day, short_day
from clinic.dates import clock
from clinic.people.access import Actor, may


def as_times(starts: Iterable[dt.datetime], *, with_day: bool = False) -> list[dict[str, str]]:
    """For `parts/_times.html`. The starts carry the clinic's zone."""
    return [
        {
            "value": start.isoformat(),
            "text": f"{short_day(start.date())} {clock(start)}" if with_day else clock(start),
            "label": f"{long_day(start.date())}, {clock(start)}" if with_day else "",
        }
        for start in starts
    ]


def may_come_near(reasons: Iterable[Reason], actor: Actor) -> bool:
    """Whether the interval alone forbids a time, and this is somebody who may decide otherwise."""
    return {one.code for one in reasons} == {"interval"} and may(actor, "interval.override")


def by_part_of_day(starts: Iterable[dt.datetime]) -> list[dict]:
    parts: dict[str, list[dt.datetime]] = {}
    for start in starts:
        word = _("Morning") if start.hour < 12 else _("Afternoon") if start.hour < 17 else _("Evening")
        parts.setdefault(word, []).append(start)
    return [{"label": word, "times": as_times(times)} for word, times in parts.items()]
