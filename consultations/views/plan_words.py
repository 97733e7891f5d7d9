"""A plan in plain words: what each session is, how far it lies from the one before, what it costs."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from bookings.models import Appointment
from bookings.states import State
from clinic.dates import clock, comma, say
from consultations.plan_draft import Session, shares
from consultations.selectors import plans
from consultations.views.visitor import url_of
from treatments.courses import TooNear
from treatments.money import money
from treatments.selectors import VisitPlan

WEEK = 7
STATES = {
    plans.DRAFT: (gettext_noop("Not sent yet"), "grey"),
    plans.PROPOSED: (gettext_noop("Sent, no answer yet"), "info"),
    plans.OVER: (gettext_noop("Its last day has passed"), "warn"),
    plans.NOT_NOW: (gettext_noop("Not now"), "clay"),
    plans.ACCEPTED: (gettext_noop("Accepted, not booked yet"), "info"),
    plans.BOOKED: (gettext_noop("Booked"), "ok"),
    plans.WITHDRAWN: (gettext_noop("Taken back"), "grey"),
}

OWN_STATES = {  # the same to the patient
    plans.PROPOSED: (gettext_noop("Waits for your answer"), "info"),
    plans.OVER: (gettext_noop("No longer open"), "grey"),
    plans.NOT_NOW: (gettext_noop("You said: not now"), "grey"),
    plans.ACCEPTED: (gettext_noop("Choose the times"), "info"),
    plans.BOOKED: (gettext_noop("Booked"), "ok"),
}


def gap_words(least: int, most: int) -> str:
    """ "2 to 3 weeks after the session before", in days where they are no whole weeks."""
    if least % WEEK == 0 and most % WEEK == 0:
        first, last = least // WEEK, most // WEEK
        if first == last:
            said = ngettext("%(n)s week after the session before", "%(n)s weeks after the session before", first)
            return said % {"n": first}
        return _("%(first)s to %(last)s weeks after the session before") % {"first": first, "last": last}
    if least == most:
        return ngettext("%(n)s day after the session before", "%(n)s days after the session before", least) % {
            "n": least
        }
    return _("%(first)s to %(last)s days after the session before") % {"first": least, "last": most}


def lines(
    sessions: Sequence[Session], visits: Sequence[VisitPlan], *, total: Decimal | None = None
) -> list[dict[str, Any]]:
    """One for each session. With a total, prices are their shares of it."""
    listed = [visit.price for visit in visits]
    prices = listed if total is None else shares(total, listed)
    return [
        {
            "number": number,
            "name": visit.modality.name,
            "areas": comma().join(area.name for area in visit.areas),
            "line": visit.modality.line if visit.modality.summary else "",
            "minutes": visit.patient_minutes,
            "price": money(price, visit.currency),
            "gap": gap_words(one.least, one.most) if number > 1 else "",
        }
        for number, (one, visit, price) in enumerate(zip(sessions, visits, prices, strict=True), 1)
    ]


def shown(version: Any, rows: Sequence[dict[str, Any]], total: str) -> str:
    """The words of the patient's page that an acceptance agrees to, in the language they read them in."""
    until = say(version.expires_on, "j F Y") if version.expires_on else ""
    said = [version.goal, version.note]
    for row in rows:
        said.append(
            " · ".join(str(row[name]) for name in ("number", "name", "areas", "minutes", "gap", "price") if row[name])
        )
    return "\n".join([*said, total, until])


def near_words(near: Sequence[TooNear], rows: Sequence[dict[str, Any]]) -> list[str]:
    """What comes too near, as a practitioner reads it."""
    sentence = _(
        "Session %(first)s (%(one)s) and session %(second)s (%(other)s) need %(need)s days; this leaves %(have)s."
    )
    return [
        sentence
        % {
            "first": one.first,
            "second": one.second,
            "one": rows[one.first - 1]["name"],
            "other": rows[one.second - 1]["name"],
            "need": one.need,
            "have": one.have,
        }
        for one in near
    ]


def progress(visits: Sequence[Appointment], *, own: bool = False) -> list[dict[str, Any]]:
    """The booked sessions with day, time and state; `own` leads to the patient's own pages."""
    found = []
    for visit in visits:
        start = plans.local_start(visit)
        found.append(
            {
                "visit": visit,
                "number": visit.session,
                "day": say(start, "l j F Y"),
                "time": clock(start),
                "what": visit.modality.name,
                "with": visit.practitioner.practitioner,
                "gone": visit.state in (State.CANCELLED, State.LAPSED),
                "url": url_of("manage", visit) if own else "",
            }
        )
    return found
