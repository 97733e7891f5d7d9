"""Adverse events: what a patient or the clinic reports after a treatment, who takes it on, what was done, how it ended.

Reports and acts are appended, never edited. Whatever is urgent pages a practitioner in the same transaction
(`services/paging.py`); while an event is open, the patient gets no next-session message.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings import messages as booking_messages
from bookings.models import Appointment
from bookings.states import State
from clinic.audit.services import acting, record
from clinic.errors import DomainError, Invalid, NotAllowed, NotFound
from clinic.messaging.models import Reply, Urgency
from clinic.messaging.replies import answering
from clinic.messaging.replies.red_flags import worst
from clinic.people.access import PRACTITIONER, Actor
from clinic.people.models import Patient, User
from consultations.adverse_signs import LABELS, urgency_of_report
from consultations.models import AdverseEvent, AdverseEventEntry, EventAct, EventOutcome, Severity, Source
from consultations.selectors.adverse import due_of
from consultations.services import paging

ACTED = {EventAct.CALL, EventAct.ADVISE, EventAct.SEE, EventAct.REFER, EventAct.NOTE}
"""What staff write down as done."""
REPORTS = 40
"""Reports and additions of a patient to one event; more are refused with a word to call, unless they have to be seen."""
LONG = dt.timedelta(days=400)


@transaction.atomic
def report(
    patient: Patient,
    *,
    appointment: Appointment | None,
    source: Source,
    signs: Iterable[str] = (),
    words: str = "",
    more: dict[str, Any] | None = None,
    act: EventAct = EventAct.REPORT,
    at_least: str = "",
    key: uuid.UUID | None = None,
    actor: Actor,
    now: dt.datetime | None = None,
) -> AdverseEvent:
    """Opens an event, or adds to the one that is open. ``at_least`` is an urgency below which it may not be taken.

    Urgency only rises. An emergency or a same-day report waits to be seen, again also when somebody had taken the event
    on, and pages; a worse one pages the next at once. ``key`` is of the form that was sent: it is one report, however
    often the button was pressed. Raises Invalid for a sign we do not know, DomainError ``event_full``.
    """
    now = now or timezone.now()
    signs = list(dict.fromkeys(signs))
    if unknown := [sign for sign in signs if sign not in LABELS]:
        raise Invalid({"signs": [_("Choose from the list.")]}, code=f"unknown_sign:{len(unknown)}")
    urgency = worst([urgency_of_report(signs, words), at_least])
    Patient.objects.select_for_update().get(pk=patient.pk)
    entry_id = uuid.uuid5(key, str(patient.pk)) if key else uuid.uuid4()
    if key and (known := AdverseEvent.objects.filter(entries=entry_id).first()):
        return known
    worse = False
    event = AdverseEvent.objects.select_for_update().filter(patient=patient, closed_at=None).first()
    with acting(actor):
        if event is None:
            event = AdverseEvent(
                patient=patient, appointment=appointment, source=source, urgency=urgency, opened_at=now,
                due_at=due_of(urgency, appointment=appointment, now=now),
            )  # fmt: skip
        elif (
            actor.user is None
            and _says_nothing_new(event, urgency)
            and event.entries.filter(by=None).count() >= REPORTS
        ):
            raise DomainError("event_full", _("We have everything you sent. Please call us, and we talk about it."))
        else:
            worse = worst([event.urgency, urgency]) != event.urgency
            event.urgency = worst([event.urgency, urgency])
            event.due_at = max(event.opened_at, min(event.due_at, due_of(urgency, appointment=appointment, now=now)))
            event.appointment = event.appointment or appointment
        if urgency != Urgency.SOON:
            event.unseen_since = event.unseen_since or now
        event.save()
        content = {"signs": signs, "words": words.strip()} | (more or {})
        told = {name: value for name, value in content.items() if value}
        _append(event, act, told, by=actor.user, now=now, entry_id=entry_id)
        record("event.report", subject=event.ref, actor=actor, detail={"urgency": urgency, "source": source})
        _bring_messages_in_line(patient, now=now)
        paging.page_about(event, worse=worse, now=now)
    return event


@transaction.atomic
def take_on(event_id: uuid.UUID, *, actor: Actor, now: dt.datetime | None = None) -> AdverseEvent:
    """A practitioner has looked and sees to it: paging ends, and urgent replies of the patient count as read."""
    now = now or timezone.now()
    if actor.kind == PRACTITIONER:
        # Replies are locked before events, here as where they are read in their thread; reading them may take this on.
        urgent = Reply.objects.filter(patient__adverse_events=event_id, unread=True).exclude(urgency="")
        answering.mark_read(urgent, actor=actor, now=now)
    event = _open(event_id, actor)
    if event.taken_by_id == actor.user.pk and event.unseen_since is None:
        return event
    with acting(actor):
        event.taken_by, event.taken_at, event.unseen_since = actor.user, now, None
        event.save()
        _append(event, EventAct.TAKE, {}, by=actor.user, now=now)
        paging.no_more(event)
        record("event.take", subject=event.ref, actor=actor)
    return event


@transaction.atomic
def write_down(
    event_id: uuid.UUID, *, act: str, text: str, actor: Actor, now: dt.datetime | None = None
) -> AdverseEvent:
    """What was done: a call, advice, a visit, a referral, a note. Whoever writes has seen it."""
    if act not in ACTED:
        raise Invalid({"act": [_("Choose what was done.")]})
    if not text.strip():
        raise Invalid({"text": [_("Write what was said or done.")]})
    if AdverseEvent.objects.filter(pk=event_id).filter(Q(unseen_since__isnull=False) | Q(taken_by=None)).exists():
        take_on(event_id, actor=actor, now=now)
    event = _open(event_id, actor)
    with acting(actor):
        _append(event, EventAct(act), {"words": text.strip()}, by=actor.user, now=now or timezone.now())
        record("event.act", subject=event.ref, actor=actor, detail={"act": act})
    return event


@transaction.atomic
def describe(
    event_id: uuid.UUID,
    *,
    severity: str,
    onset: dt.date | None,
    device: str,
    lot: str,
    regulator_told_on: dt.date | None,
    actor: Actor,
    now: dt.datetime | None = None,
) -> AdverseEvent:
    """What belongs on the record of an event: how bad, since when, which device and lot, whether the authority was told."""
    event = _open(event_id, actor)
    today = (now or timezone.now()).date() + dt.timedelta(days=1)  # somewhere it is tomorrow already
    if severity not in ["", *Severity.values]:
        raise Invalid({"severity": [_("Choose one of them.")]})
    if late := [
        name for name, day in (("onset", onset), ("regulator_told_on", regulator_told_on)) if day and day > today
    ]:
        raise Invalid({name: [_("This day is still to come.")] for name in late})
    with acting(actor):
        event.severity, event.onset, event.regulator_told_on = severity, onset, regulator_told_on
        event.device, event.lot = device.strip(), lot.strip()
        event.save()
    return event


@transaction.atomic
def close(
    event_id: uuid.UUID, *, outcome: str, text: str, actor: Actor, now: dt.datetime | None = None
) -> AdverseEvent:
    """It has ended. Next-session messages whose day has not passed may go out again."""
    if outcome not in EventOutcome.values:
        raise Invalid({"outcome": [_("Choose how it ended.")]})
    if not text.strip():
        raise Invalid({"text": [_("Write how it ended, in a sentence.")]})
    now = now or timezone.now()
    event = _open(event_id, actor)
    with acting(actor):
        event.outcome, event.closed_at, event.unseen_since = outcome, now, None
        event.taken_by, event.taken_at = event.taken_by or actor.user, event.taken_at or now
        event.save()
        content = {"words": text.strip(), "outcome": outcome}
        _append(event, EventAct.CLOSE, content, by=actor.user, now=now)
        paging.no_more(event)
        record("event.close", subject=event.ref, actor=actor, detail={"outcome": outcome})
        _bring_messages_in_line(event.patient, now=now)
    return event


def last_treated_visit(patient_id: uuid.UUID, *, now: dt.datetime) -> Appointment | None:
    """The latest visit at which this person was treated; None for somebody who never was."""
    rows = Appointment.objects.filter(patient_id=patient_id, state__in=[State.DONE, State.IN_TREATMENT])
    return rows.filter(start__lte=now).exclude(modality__slug="consult").order_by("-start").first()


def _open(event_id: uuid.UUID, actor: Actor) -> AdverseEvent:
    """Locked. Raises NotAllowed, NotFound, DomainError ``event_closed``."""
    if actor.kind != PRACTITIONER or not isinstance(actor.user, User):
        raise NotAllowed
    event = AdverseEvent.objects.select_for_update(of=("self",)).select_related("patient").filter(pk=event_id).first()
    if event is None:
        raise NotFound
    if event.closed_at:
        raise DomainError("event_closed", _("This one is closed. A new report opens a new one."))
    return event


def _says_nothing_new(event: AdverseEvent, urgency: str) -> bool:
    """Whether a further report would neither make the event worse nor have it looked at again."""
    waits_already = event.unseen_since is not None and worst([event.urgency, urgency]) == event.urgency
    return urgency == Urgency.SOON or waits_already


def _append(
    event: AdverseEvent,
    act: EventAct,
    content: dict[str, Any],
    *,
    by: User | None,
    now: dt.datetime,
    entry_id: uuid.UUID | None = None,
) -> None:
    number = event.entries.count() + 1
    pk = entry_id or uuid.uuid4()
    AdverseEventEntry.objects.create(pk=pk, event=event, number=number, act=act, content=content, by=by, at=now)


def _bring_messages_in_line(patient: Patient, *, now: dt.datetime) -> None:
    """What must not go out while an event is open is cancelled with its opening, and planned again with its end."""
    since = now - LONG
    for visit in Appointment.objects.filter(patient=patient, state=State.DONE, end__gt=since):
        booking_messages.reconcile(visit, now=now)
