"""By when a question is answered, and how long one that is not sent is kept. Pure."""

import datetime as dt
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

EVENING = dt.time(18)
UNSENT = dt.timedelta(hours=2)
"""From the last touch of a draft."""
LOOK_AHEAD = 60
"""Days. A clinic that closes for longer promises the last of them."""


def answer_due(
    sent: dt.datetime,
    *,
    days: int,
    closing: Mapping[int, dt.time],
    is_closed: Callable[[dt.date], bool],
    zone: str,
) -> dt.datetime:
    """When the clinic closes on the ``days``-th working day after the local day of ``sent``.

    ``closing``: weekday (Monday is 0) → the latest hour at which a location closes; a weekday that is not in it is none
    to work on. Without any, Monday to Friday until 18:00. ``is_closed`` knows holidays.
    """
    hours = dict(closing) or dict.fromkeys(range(5), EVENING)
    day, left = sent.astimezone(ZoneInfo(zone)).date(), days
    for _step in range(LOOK_AHEAD):
        day += dt.timedelta(days=1)
        if day.weekday() in hours and not is_closed(day):
            left -= 1
            if left == 0:
                break
    return dt.datetime.combine(day, hours.get(day.weekday(), EVENING), ZoneInfo(zone)).astimezone(dt.UTC)
