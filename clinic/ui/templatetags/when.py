"""Moments shown in a place's own time zone."""

import datetime as dt
from zoneinfo import ZoneInfo

from django import template
from django.utils.safestring import SafeString

from clinic import dates
from clinic.ui.templatetags.ui import ltr

register = template.Library()


@register.simple_tag
def moment(instant: dt.datetime, zone: str) -> str:
    """ "Tue 12 May, 10:30" in the reader's language and the named time zone; the year where it is not this one."""
    local = instant.astimezone(ZoneInfo(zone))
    year = "" if local.year == dt.datetime.now(ZoneInfo(zone)).year else " Y"
    return dates.say(local, f"D j M{year}, H:i")


@register.simple_tag
def clock(instant: dt.datetime, zone: str) -> SafeString:
    """ "10:30" in the named time zone."""
    return ltr(dates.clock(instant.astimezone(ZoneInfo(zone))))
