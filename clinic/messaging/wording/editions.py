"""What the clinic has changed, as every process remembers it for a few seconds: its own texts and its own moments.

Nothing here can stop a message: a stored row that no longer fits gives way to what is shipped, and the log says so.
"""

import datetime as dt
import logging
from collections.abc import Mapping
from functools import lru_cache

from clinic.messaging import limits
from clinic.messaging.kinds import KINDS
from clinic.messaging.models import TextEdition, TimingEdition
from clinic.messaging.wording import timings
from clinic.messaging.wording.shipped import LANGUAGES, Text, complaint, shipped

log = logging.getLogger(__name__)
KEPT = 5  # seconds for which a process may still use what somebody has just changed
TEXTS = "own_texts"
TIMINGS, TEMPLATES = "own_timings", "approved_templates"
MEMORIES = (TEXTS, TIMINGS, TEMPLATES)


def text_in_force(kind: str, language: str) -> Text:
    """The clinic's own text of this kind, else the shipped one. No query but every few seconds."""
    return own_texts().get((kind, language)) or shipped(language).texts[kind]


def own_texts() -> Mapping[tuple[str, str], Text]:
    """(kind, language) → what the clinic says instead of the shipped text."""
    return limits.remembered(TEXTS, _read_texts, fresh=None, seconds=KEPT)


def _read_texts() -> dict[tuple[str, str], Text]:
    latest = TextEdition.objects.order_by("kind", "language", "-id").distinct("kind", "language")
    rows = latest.values_list("kind", "language", "subject", "body", "restored")
    return {
        (kind, language): Text(subject, body)
        for kind, language, subject, body, restored in rows
        if not restored and usable(kind, language, subject, body)
    }


@lru_cache(maxsize=1024)
def usable(kind: str, language: str, subject: str, body: str) -> bool:
    """Whether a stored text may go out. Said once per process in the log when not, without its words."""
    if kind not in KINDS or language not in LANGUAGES:
        return False
    if not body.strip() or complaint(kind, body) or complaint(kind, subject):
        log.error("the clinic's own text %s (%s) cannot be used; the shipped one is sent", kind, language)
        return False
    return True


def own_timings() -> timings.Own:
    """(kind, step) → when the clinic sends it instead; None where it does not."""
    found = {}
    for (kind, step), (amount, unit) in _timing_rows().items():
        rule = timings.RULES.get((kind, step))
        wanted = None if amount is None else timings.Moment(amount, unit)
        if rule and timings.allowed(rule, wanted):
            found[kind, step] = wanted
    return found


def moment(kind: str, step: str = "") -> timings.Moment | None:
    """When it goes in this clinic; None where it is switched off."""
    return timings.moment(own_timings(), kind, step)


def quiet_hours() -> dict[str, dt.time]:
    """`start` and `end` of the night in which phones stay silent, as `windows` takes them."""
    hours = dict(timings.QUIET_DEFAULT)
    for (kind, edge), (amount, _unit) in _timing_rows().items():
        if kind == timings.QUIET and edge in hours and amount is not None:
            clock = dt.time(amount // 60 % 24, amount % 60)
            if timings.quiet_allowed(edge, clock):
                hours[edge] = clock
    return hours


def _timing_rows() -> Mapping[tuple[str, str], tuple[int | None, str]]:
    return limits.remembered(TIMINGS, _read_timings, fresh=None, seconds=KEPT)


def _read_timings() -> dict[tuple[str, str], tuple[int | None, str]]:
    latest = TimingEdition.objects.order_by("kind", "step", "-id").distinct("kind", "step")
    return {(row.kind, row.step): (row.amount, row.unit) for row in latest}
