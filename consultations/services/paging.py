"""Practitioners are paged about what is urgent, one after another, until one of them has looked.

The first page goes out in the transaction of the report. Who treated the patient is first, then who works today, then
the others; half an hour of opening hours later (for an emergency: of any hours) comes the next, and after the last the
first again. A page names nobody and says nothing of health: it is a text message and an email with a link.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from bookings.models import Absence, WorkingHours
from clinic.audit.services import record
from clinic.messaging.models import Reply, Urgency
from clinic.messaging.plan import cancel_pending, send_now
from clinic.people.models import User
from consultations.models import AdverseEvent, Page
from consultations.opening import open_time
from consultations.selectors.adverse import clock_of
from consultations.selectors.paging_numbers import accounts, in_the_diary, ways_to

ESCALATE = dt.timedelta(minutes=30)
HURRY = [Urgency.EMERGENCY, Urgency.SAME_DAY]
KIND = "page_practitioner"


@dataclass(frozen=True)
class Alert:
    """Something urgent that nobody at the clinic has looked at since ``since``."""

    subject: str
    since: dt.datetime
    urgency: str
    link: str
    patient_id: uuid.UUID | None
    event: AdverseEvent | None = None


def page_due(*, now: dt.datetime | None = None) -> int:
    """Sends every page that is due; returns how many. Runs from Celery beat, may run anywhere and twice."""
    now = now or timezone.now()
    return sum(_page(alert, now) for alert in alerts())


def page_about(event: AdverseEvent, *, worse: bool = False, now: dt.datetime) -> int:
    """The first page, in the transaction of the report. The next one goes at once when it has got ``worse`` meanwhile."""
    return _page(_of_event(event), now, at_once=worse) if event.unseen_since else 0


def alerts() -> list[Alert]:
    """Events nobody has looked at, and urgent replies that belong to none, the longest waiting first."""
    events = AdverseEvent.objects.filter(unseen_since__isnull=False).select_related("appointment__location")
    covered = AdverseEvent.objects.filter(patient=OuterRef("patient"), closed_at=None)
    replies = Reply.objects.filter(unread=True, urgency__in=HURRY).exclude(Exists(covered))
    found = [_of_event(event) for event in events]
    found += [
        Alert(f"urgent:{one.pk}", one.received_at, one.urgency, reverse("desk:messages"), one.patient_id)
        for one in replies
    ]
    return sorted(found, key=lambda alert: alert.since)


def no_more(event: AdverseEvent) -> None:
    """Somebody has looked: what has not left yet is not sent."""
    cancel_pending(event.ref)


def order_of(alert: Alert, *, now: dt.datetime) -> list[User]:
    """Whom to page, in order: who treated, then who works on this weekday, then the others; each group by name. Who is
    away comes last; where nobody is in the diary, everybody whose account can open what the page leads to.
    """
    rows = in_the_diary()
    clock = clock_of(alert.event.appointment.location if alert.event and alert.event.appointment else None)
    today = now.astimezone(ZoneInfo(clock.zone)).weekday()
    working = set(WorkingHours.objects.filter(weekday=today).values_list("resource_id", flat=True))
    treated = alert.event.appointment.practitioner_id if alert.event and alert.event.appointment else None
    away = set(Absence.objects.filter(starts_at__lte=now, ends_at__gt=now).values_list("resource_id", flat=True))
    ranked = sorted(rows, key=lambda row: (row.pk in away, row.pk != treated, row.pk not in working, row.resource.name))
    return [row.user for row in ranked] or accounts()


def is_current(ref: str, version: int) -> bool:
    """Whether a page still has a reason: nobody has looked meanwhile."""
    kind, _colon, identifier = ref.partition(":")
    if kind == "event":
        return AdverseEvent.objects.filter(pk=identifier, unseen_since__isnull=False).exists()
    return Reply.objects.filter(pk=identifier, unread=True).exists()


def _of_event(event: AdverseEvent) -> Alert:
    link = reverse("events:one", args=[event.pk])
    return Alert(event.ref, event.unseen_since, event.urgency, link, event.patient_id, event)


@transaction.atomic
def _page(alert: Alert, now: dt.datetime, *, at_once: bool = False) -> int:
    """At most one page; the unique number makes it one however many look at the same time."""
    sent = list(Page.objects.filter(subject=alert.subject, since=alert.since).order_by("number"))
    if sent and not at_once and not _long_enough(alert, sent[-1].at, now):
        return 0
    people = order_of(alert, now=now)
    if not people:
        return 0
    number = len(sent) + 1
    user = people[(number - 1) % len(people)]
    page = Page(subject=alert.subject, since=alert.since, number=number, user=user, at=now)
    Page.objects.bulk_create([page], ignore_conflicts=True)
    if not Page.objects.filter(subject=alert.subject, since=alert.since, number=number, user=user, at=now).exists():
        return 0
    record("event.page", subject=alert.subject, detail={"number": number, "user": user.pk})
    _write(user, alert, number, now)
    return 1


def _long_enough(alert: Alert, last: dt.datetime, now: dt.datetime) -> bool:
    if alert.urgency == Urgency.EMERGENCY:
        return now - last >= ESCALATE
    clock = clock_of(alert.event.appointment.location if alert.event and alert.event.appointment else None)
    if not clock.hours:
        return now - last >= ESCALATE
    return open_time(last, now, hours=clock.hours, is_closed=clock.is_closed, zone=clock.zone) >= ESCALATE


def _write(user: User, alert: Alert, number: int, now: dt.datetime) -> None:
    for channel, address in ways_to(user):
        send_now(
            KIND, key=f"{alert.since:%s%f}:{number}:{channel}", ref=alert.subject, version=number,
            language=user.language, facts={"link": alert.link}, channel=channel, address=address, now=now,
        )  # fmt: skip
