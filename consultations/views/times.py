"""The time page: the earliest start, a week as a strip, one day's starts. The same for a first time and for a move."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from bookings.models import Location
from bookings.selectors import free_starts, next_free_day
from clinic.dates import clock, say
from treatments.selectors import VisitPlan

AHEAD = 35
FAR = 150
SOON = 21
COURSE_REACH = 60
NOON, EVENING = 12, 17
CITIES = (gettext_noop("Istanbul"),)  # those that readers have a name of their own for


def asked_day(request: HttpRequest) -> dt.date | None:
    """``?day=2026-05-12``; anything else is no day."""
    try:
        return dt.date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return None


def asked_start(value: str) -> dt.datetime | None:
    """An instant with its offset, as the buttons send it; anything else is none."""
    try:
        start = dt.datetime.fromisoformat(value)
    except ValueError:
        return None
    return start if start.tzinfo else None


def time_page(
    *,
    plan: VisitPlan,
    location: Location,
    day: dt.date | None,
    url_for: Callable[[dt.date], str],
    practitioner: str | None = None,
    mine: dt.datetime | None = None,
    reach: dt.date | None = None,
    **wish: Any,
) -> dict[str, Any]:
    """What the page shows. One query, one more where nothing is free soon. ``wish`` as for ``free_starts``.

    ``reach`` is a day that the first look must go beyond, as when nothing is possible before it.
    """
    zone, now = ZoneInfo(location.timezone), timezone.now()
    today = now.astimezone(zone).date()
    horizon = today + dt.timedelta(days=location.horizon_days)
    if wish.get("course") and mine:  # a course reaches further than a first visit may
        horizon = max(horizon, mine.astimezone(zone).date() + dt.timedelta(days=COURSE_REACH))
    day = min(max(day, today), horizon) if day else None
    last = max(today + dt.timedelta(days=AHEAD), _monday(day) + dt.timedelta(days=6) if day else today)
    last = max(last, min(reach, horizon) + dt.timedelta(days=SOON)) if reach else last
    wish = wish | {"plan": plan, "location": location.slug}
    days = free_starts(first=today, last=last, practitioner=practitioner, now=now, **wish).days
    earliest = next((starts[0] for starts in days.values() if starts), None)
    next_day = None
    if earliest is None:
        after = last + dt.timedelta(days=1)
        next_day = next_free_day(after=after, days=FAR, practitioner=practitioner, now=now, **wish)
    shown = day or (earliest.date() if earliest else today)
    starts = days.get(shown, [])
    return {
        "zone": zone_words(location.timezone, dt.datetime.combine(shown, dt.time(NOON), zone)),
        "earliest": _time(earliest, mine) if earliest else None,
        "earliest_day": say(earliest, "l j F") if earliest else "",
        "week": _week(days, shown, today, horizon, url_for),
        "day": shown,
        "groups": _groups(starts, mine),
        "has_times": bool(starts),
        "next_day": {"day": next_day, "url": url_for(next_day)} if next_day else None,
        "nothing_soon": earliest is None or earliest.date() > max(today, reach or today) + dt.timedelta(days=SOON),
    }


def zone_words(zone: str, moment: dt.datetime) -> dict[str, str]:
    """ "Istanbul" and "GMT+3", as it is at that moment."""
    offset = moment.astimezone(ZoneInfo(zone)).strftime("%z")
    hours = f"{offset[0]}{int(offset[1:3])}" + (f":{offset[3:]}" if offset[3:] != "00" else "")
    return {"city": _(zone.split("/")[-1].replace("_", " ")), "offset": f"GMT{hours}"}


def nearest(values: list[str], location: Location) -> list[dict[str, Any]]:
    """The closest free times of a refusal, as buttons with their day."""
    found = [dt.datetime.fromisoformat(value).astimezone(ZoneInfo(location.timezone)) for value in values]
    return [_time(one) | {"text": say(one, "D j M · H:i")} for one in found]


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _week(
    days: dict[dt.date, list], shown: dt.date, today: dt.date, horizon: dt.date, url_for: Callable[[dt.date], str]
) -> dict[str, Any]:
    monday = _monday(shown)
    before, after = monday - dt.timedelta(days=7), monday + dt.timedelta(days=7)
    return {
        "title": _("Week of %(day)s") % {"day": say(monday, "j F Y")},
        "previous": url_for(max(before, today)) if monday > today else "",
        "next": url_for(after) if after <= horizon else "",
        "days": [_day(day, len(days.get(day, [])), day == shown, url_for) for day in _seven(monday)],
    }


def _seven(monday: dt.date) -> list[dt.date]:
    return [monday + dt.timedelta(days=number) for number in range(7)]


def _day(day: dt.date, count: int, current: bool, url_for: Callable[[dt.date], str]) -> dict[str, Any]:
    name = say(day, "l j F")
    free = ngettext("%(day)s, %(n)s time free", "%(day)s, %(n)s times free", count) % {"day": name, "n": count}
    return {
        "name": date_format(day, "D"),
        "number": day.day,
        "count": count,
        "label": free if count else _("%(day)s, no time free") % {"day": name},
        "url": url_for(day) + "#day",
        "current": current and bool(count),
    }


def _groups(starts: list[dt.datetime], mine: dt.datetime | None) -> list[dict[str, Any]]:
    parts = ((_("Morning"), 0, NOON), (_("Afternoon"), NOON, EVENING), (_("Evening"), EVENING, 24))
    return [
        {"label": label, "times": [_time(start, mine) for start in starts if first <= start.hour < end]}
        for label, first, end in parts
    ]


def _time(start: dt.datetime, mine: dt.datetime | None = None) -> dict[str, Any]:
    shown = clock(start)
    kept = mine is not None and start.timestamp() == mine.timestamp()
    said = _("%(time)s, %(day)s, kept for you") if kept else _("%(time)s, %(day)s")
    label = said % {"time": shown, "day": say(start, "l j F")}
    return {"value": start.isoformat(), "text": shown, "label": label, "mine": kept}
