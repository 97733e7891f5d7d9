"""What somebody on the waiting list asked for, in words."""

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from bookings.models import WaitingEntry
from bookings.states import Waiting
from bookings.views import words
from bookings.waiting import AFTERNOON, EVENING, MORNING, PARTS, is_paused
from clinic.dates import comma, say


def wish_words(entry: WaitingEntry) -> dict[str, str]:
    return {"what": what(entry), "when": when(entry), "with": with_whom(entry), "where": entry.location.name}


def what(entry: WaitingEntry) -> str:
    areas = comma().join(area.name for area in entry.areas.all())
    how = _("talk first") if entry.consult else words.by_video(entry)
    return " · ".join(filter(None, [entry.modality.name, areas, how]))


def when(entry: WaitingEntry) -> str:
    """ "Tue 2 March to Fri 12 March, morning, Monday"."""
    first, last = (say(day, "D j M") for day in (entry.first_day, entry.last_day))
    span = first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}
    names = {MORNING: _("in the morning"), AFTERNOON: _("in the afternoon"), EVENING: _("in the evening")}
    parts = [] if len(entry.parts) == len(PARTS) else [names[part] for part in entry.parts]
    return comma().join([span, *parts, *(str(WEEKDAYS[day]) for day in entry.weekdays)])


def with_whom(entry: WaitingEntry) -> str:
    if entry.practitioner:
        return words.practitioner(entry.practitioner)
    return {"woman": _("A woman"), "man": _("A man")}.get(entry.gender, _("Anyone"))


def standing(entry: WaitingEntry) -> tuple[str, str, str]:
    """Tone, icon and word of where they stand."""
    if entry.state == Waiting.OFFERED:
        return "accent", "clock", _("A time is offered")
    if is_paused(entry.unanswered):
        return "warn", "pause", _("No answer: please call")
    return "info", "hourglass", _("Waiting")
