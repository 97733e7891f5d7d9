"""When a message may go: quiet hours in the recipient's own time zone, and WhatsApp's 24-hour window. Pure."""

import datetime as dt
from zoneinfo import ZoneInfo

QUIET_FROM, QUIET_UNTIL = dt.time(21, 0), dt.time(8, 0)
WHATSAPP_WINDOW = dt.timedelta(hours=24)


def is_quiet(moment: dt.datetime, timezone: str, *, start: dt.time = QUIET_FROM, end: dt.time = QUIET_UNTIL) -> bool:
    """Whether the recipient's wall clock stands in [start, end) across midnight."""
    clock = moment.astimezone(ZoneInfo(timezone)).time()
    return clock >= start or clock < end


def next_allowed(
    moment: dt.datetime, timezone: str, *, start: dt.time = QUIET_FROM, end: dt.time = QUIET_UNTIL
) -> dt.datetime:
    """The first instant at or after `moment` outside quiet hours, in UTC. DST changes are the zone's business."""
    if not is_quiet(moment, timezone, start=start, end=end):
        return moment
    zone = ZoneInfo(timezone)
    local = moment.astimezone(zone)
    day = local.date() + dt.timedelta(days=1) if local.time() >= start else local.date()
    return dt.datetime.combine(day, end, tzinfo=zone).astimezone(dt.UTC)


def quiet_since(
    moment: dt.datetime, timezone: str, *, start: dt.time = QUIET_FROM, end: dt.time = QUIET_UNTIL
) -> dt.datetime:
    """When the quiet hours began in which `moment` lies, in UTC."""
    zone = ZoneInfo(timezone)
    local = moment.astimezone(zone)
    day = local.date() if local.time() >= start else local.date() - dt.timedelta(days=1)
    return dt.datetime.combine(day, start, tzinfo=zone).astimezone(dt.UTC)


def same_day(one: dt.datetime, other: dt.datetime, timezone: str) -> bool:
    """Whether two instants fall on one calendar day there: a change of today's visit may cross quiet hours."""
    zone = ZoneInfo(timezone)
    return one.astimezone(zone).date() == other.astimezone(zone).date()


def whatsapp_open(last_inbound: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether plain text may be sent: the person wrote within the last 24 hours. A minute is kept as a margin."""
    return last_inbound is not None and now - last_inbound < WHATSAPP_WINDOW - dt.timedelta(minutes=1)
