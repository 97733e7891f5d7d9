"""The owner's hand on the moments: check, write, put on record, and have every future appointment planned anew."""

import datetime as dt
import logging

from celery import current_app
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.audit.services import record
from clinic.errors import Invalid, NotFound
from clinic.messaging import limits
from clinic.messaging.models import TimingEdition
from clinic.messaging.wording import editions, timings
from clinic.messaging.wording.timings import QUIET, QUIET_BOUNDS, RULES, Moment, Rule
from clinic.people.access import Actor

log = logging.getLogger(__name__)
PLANNER = "bookings.plan_messages"


def history(kind: str) -> QuerySet[TimingEdition]:
    return TimingEdition.objects.filter(kind=kind).select_related("edited_by").order_by("-id")


def say_hours(hours: int) -> str:
    """Whole days in days, anything else in hours."""
    if hours and hours % 24 == 0:
        return ngettext("%(n)d day", "%(n)d days", hours // 24) % {"n": hours // 24}
    return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}


def bounds(rule: Rule) -> str:
    return _("Between %(least)s and %(most)s.") % {"least": say_hours(rule.least), "most": say_hours(rule.most)}


def change_timing(
    kind: str, step: str, *, moment: Moment | None, actor: Actor, now: dt.datetime | None = None
) -> TimingEdition | None:
    """When this message goes from now on; None switches it off. Returns None when that is so already.

    Raises Invalid on `amount` outside the bounds, or `off` for what must not be switched off; NotFound for a kind without
    a moment of its own.
    """
    rule = RULES.get((kind, step))
    if rule is None:
        raise NotFound(_("We have no such message."))
    if not timings.allowed(rule, moment):
        if moment is None:
            raise Invalid({"off": [_("This message cannot be switched off: people rely on it.")]})
        raise Invalid({"amount": [bounds(rule)]})
    if moment == editions.moment(kind, step):
        return None
    amount, unit = (moment.amount, moment.unit) if moment else (None, rule.default.unit)
    return _write([(kind, step, amount, unit)], subject=f"timing:{kind}:{step}", actor=actor, now=now)[0]


def change_quiet_hours(
    *, start: dt.time, end: dt.time, actor: Actor, now: dt.datetime | None = None
) -> list[TimingEdition]:
    """From when to when phones stay silent. Raises Invalid on `start` and `end` outside their bounds."""
    wanted, wrong = {"start": start, "end": end}, {}
    for edge, clock in wanted.items():
        if not timings.quiet_allowed(edge, clock):
            least, most = QUIET_BOUNDS[edge]
            wrong[edge] = [
                _("Choose a time from %(least)s to %(most)s.") % {"least": f"{least:%H:%M}", "most": f"{most:%H:%M}"}
            ]
    if wrong:
        raise Invalid(wrong)
    before = editions.quiet_hours()
    rows = [
        (QUIET, edge, clock.hour * 60 + clock.minute, "minutes")
        for edge, clock in wanted.items()
        if clock != before[edge]
    ]
    return _write(rows, subject=f"timing:{QUIET}", actor=actor, now=now) if rows else []


def _write(
    rows: list[tuple[str, str, int | None, str]], *, subject: str, actor: Actor, now: dt.datetime | None
) -> list[TimingEdition]:
    try:
        with transaction.atomic():
            made = [
                TimingEdition.objects.create(
                    kind=kind, step=step, amount=amount, unit=unit, edited_by=actor.user, at=now or timezone.now()
                )
                for kind, step, amount, unit in rows
            ]
            detail = {one.step or one.kind: [one.amount, one.unit] for one in made}
            record("message.retimed", subject=subject, actor=actor, fields=["amount", "unit"], detail=detail)
            transaction.on_commit(plan_again)
            return made
    finally:
        limits.forget_remembered()


def plan_again() -> bool:
    """Has the nightly planner run now, once every process has forgotten the old moments. A broker that is away changes
    nothing but the hour: the next night plans the same. False then.
    """
    try:
        current_app.send_task(PLANNER, kwargs={"why": "retimed"}, countdown=editions.KEPT + 1, expires=3600)
    except Exception as problem:  # whatever the broker's client raises: the change itself is made
        log.warning("planning anew waits for the night: %s", type(problem).__name__)
        return False
    return True
