"""What waits for a person: replies nobody has read, messages nobody could deliver. And whose threads who may read.

The desk deals with what is operational: it sees that somebody wrote about their health, not what. A practitioner has
the patients they treat, every urgent reply until somebody has read it, and what speaks of health where nobody treats
the patient.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from bookings.models import Appointment
from bookings.selectors.desk import treated_by
from clinic.errors import NotFound
from clinic.messaging import selectors as messaging
from clinic.messaging.models import Message, Reply
from clinic.people.access import PRACTITIONER, Actor, may
from clinic.people.models import Patient

SHOWN = 200
TAKEN_UP = dt.timedelta(days=1)


@dataclass(frozen=True)
class Waiting:
    """Unread replies of one person: the most urgent, the one that waits longest, and the last words."""

    replies: tuple[Reply, ...]

    @property
    def patient(self) -> Patient | None:
        return self.replies[0].patient

    @property
    def urgency(self) -> str:
        return self.replies[0].urgency

    @property
    def since(self) -> dt.datetime:
        return min(one.received_at for one in self.replies)

    @property
    def last(self) -> Reply:
        return max(self.replies, key=lambda one: one.received_at)


@dataclass(frozen=True)
class Counts:
    unread: int
    urgent: int
    stuck: int

    @property
    def waiting(self) -> int:
        return self.unread + self.stuck


def unread(actor: Actor) -> QuerySet[Reply]:
    """Unread replies that concern this person, urgent ones first; each with `private`."""
    rows = messaging.unread_replies()
    if actor.kind != PRACTITIONER:
        return rows
    nobody = ~Exists(_visits(practitioner__practitioner__user__is_active=True))
    return rows.filter(Exists(_visits_with(actor)) | ~Q(urgency="") | Q(private=True) & nobody)


def readable(actor: Actor) -> QuerySet[Reply]:
    """Those whose words they may read, and so mark as read."""
    rows = unread(actor)
    return rows if may(actor, "message.health") else rows.filter(private=False)


def stuck(actor: Actor) -> QuerySet[Message]:
    """Messages on which a person has to decide, oldest first."""
    rows = messaging.for_a_person()
    return rows.filter(Exists(_visits_with(actor))) if actor.kind == PRACTITIONER else rows


def waiting(actor: Actor) -> list[Waiting]:
    """By person, the most urgent first, then the one waiting longest. One query."""
    return grouped(unread(actor)[:SHOWN])


def grouped(replies: Iterable[Reply]) -> list[Waiting]:
    """One entry for each person; an unknown number counts as one. Keeps the order in which they first come."""
    found: dict[object, list[Reply]] = {}
    for reply in replies:
        found.setdefault(reply.patient_id or reply.address_index, []).append(reply)
    return [Waiting(tuple(group)) for group in found.values()]


def count(actor: Actor) -> Counts:
    """What this person can do something about, and how many urgent replies nobody has read. Two queries."""
    mine = Q() if may(actor, "message.health") else Q(private=False)
    found = unread(actor).aggregate(unread=Count("pk", filter=mine), urgent=Count("pk", filter=~Q(urgency="")))
    return Counts(**found, stuck=stuck(actor).count())


def get_correspondent(patient_id: uuid.UUID, *, actor: Actor, now: dt.datetime | None = None) -> Patient:
    """The patient whose thread this person may open; anybody else's and an unknown one are refused alike.

    Who has read an urgent reply keeps the thread for a day, to answer it.
    """
    patient = Patient.objects.filter(pk=patient_id).first()
    if patient is None:
        raise NotFound
    if patient.pk in treated_by(actor, [patient.pk]) or unread(actor).filter(patient=patient).exists():
        return patient
    lately = (now or timezone.now()) - TAKEN_UP
    if Reply.objects.filter(patient=patient, read_by=actor.user, read_at__gt=lately).exclude(urgency="").exists():
        return patient
    raise NotFound


def get_stuck(message_id: uuid.UUID, *, actor: Actor) -> Message:
    """A message of which this person may dispose, settled meanwhile or not."""
    rows = Message.objects.select_related("patient")
    if actor.kind == PRACTITIONER:
        rows = rows.filter(Exists(_visits_with(actor)))
    found = rows.filter(pk=message_id).first()
    if found is None:
        raise NotFound
    return found


def _visits(**wanted: object) -> QuerySet[Appointment]:
    return Appointment.objects.filter(patient=OuterRef("patient"), **wanted)


def _visits_with(actor: Actor) -> QuerySet[Appointment]:
    return _visits(practitioner__practitioner__user=actor.user)
