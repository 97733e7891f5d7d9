"""What waits for an answer, one enquiry with its thread, and what a patient sees of their own."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Case, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from bookings.models import Appointment, Closure, OpeningHours
from bookings.notices import Counts
from bookings.states import State
from clinic.audit.services import record
from clinic.crypto.keyring import CannotOpen
from clinic.errors import NotFound
from clinic.messaging import limits
from clinic.people.access import Actor
from clinic.people.models import User
from consultations.enquiring import UNSENT, answer_due
from consultations.models import Enquiry, EnquiryDraft, EnquiryEntry, Photo, Standing
from consultations.photos import store

SHOWN = 200
KEPT = 15
"""Seconds for which a staff page's counts are remembered."""
VISIT = ("visit__modality", "visit__location")
"""What a check-in names of its visit."""
CAME = (State.CONFIRMED, State.ARRIVED, State.IN_TREATMENT, State.DONE, State.NO_SHOW)


@dataclass(frozen=True)
class Thread:
    """One enquiry as a practitioner reads it."""

    enquiry: Enquiry
    entries: list[EnquiryEntry]
    photos: list[Photo]
    visits: list[Appointment]
    others: list[Enquiry]

    @property
    def last(self) -> EnquiryEntry:
        return self.entries[-1]


def due_after(now: dt.datetime) -> dt.datetime:
    """By when a question that comes now is answered: ENQUIRY_ANSWER_DAYS working days. Two queries."""
    closing: dict[int, dt.time] = {}
    for weekday, closes in OpeningHours.objects.filter(location__active=True).values_list("weekday", "closes"):
        closing[weekday] = max(closes, closing.get(weekday, closes))
    closures = list(Closure.objects.filter(date_to__gte=now.date()).values_list("date_from", "date_to"))
    return answer_due(
        now,
        days=settings.ENQUIRY_ANSWER_DAYS,
        closing=closing,
        is_closed=lambda day: any(first <= day <= last for first, last in closures),
        zone=settings.CLINIC_TIMEZONE,
    )


def queue(*, show: str = "waiting", user: User | None = None) -> list[Enquiry]:
    """What waits: red flags first, then who waits longest. ``show``: waiting, mine, or done (the newest first).

    One query. ``photo_count`` is on each row; the sealed words are not read.
    """
    photos = (
        Photo.objects.filter(owner=OuterRef("own_ref")).order_by().values("owner").annotate(n=Count("pk")).values("n")
    )
    rows = (
        Enquiry.objects.select_related("patient", "taken_by", *VISIT)
        .defer("content")
        .annotate(own_ref=Concat(Value("enquiry:"), Cast("pk", CharField())))
        .annotate(photo_count=Coalesce(Subquery(photos), 0))
    )
    if show == "done":
        return list(rows.exclude(standing=Standing.WAITING).order_by("-touched_at")[:SHOWN])
    rows = rows.filter(standing=Standing.WAITING)
    if show == "mine":
        rows = rows.filter(taken_by=user)
    hurry = Case(When(urgency="emergency", then=0), When(urgency="same_day", then=1), default=2)
    return list(rows.order_by(hurry, F("waiting_since").asc())[:SHOWN])


def thread(enquiry_id: uuid.UUID, *, actor: Actor, purpose: str = "answer") -> Thread:
    """One enquiry for a practitioner. Reading it is written into the audit first. Raises NotFound."""
    row = Enquiry.objects.select_related("patient", "taken_by", *VISIT).filter(pk=enquiry_id).first()
    if row is None:
        raise NotFound
    record("enquiry.read", subject=row.ref, actor=actor, fields=["content", "entries"], purpose=purpose)
    visits = Appointment.objects.filter(patient=row.patient, state__in=CAME).select_related(
        "modality", "location", "practitioner"
    )
    return Thread(
        enquiry=row,
        entries=list(row.entries.select_related("by")),
        photos=photos_of(row.ref),
        visits=list(visits.order_by("-start")[:10]),
        others=list(row.patient.enquiries.exclude(pk=row.pk).defer("content").order_by("-sent_at")[:5]),
    )


def counts() -> Counts:
    """How many wait, and how many longer than promised. One query, no names."""
    rows = Enquiry.objects.filter(standing=Standing.WAITING)
    found = rows.aggregate(waiting=Count("pk"), late=Count("pk", filter=Q(due_at__lt=timezone.now())))
    return Counts(found["waiting"], found["late"])


def seen_counts() -> Counts:
    """The same for every staff page: asked of the database every 15 seconds and process."""
    return limits.remembered("enquiries", counts, fresh=None, seconds=KEPT)


def get_enquiry(enquiry_id: uuid.UUID) -> Enquiry:
    """Raises NotFound."""
    row = Enquiry.objects.select_related("patient", *VISIT).filter(pk=enquiry_id).first()
    if row is None:
        raise NotFound
    return row


def enquiries_of(people: Iterable[str]) -> QuerySet[Enquiry]:
    """A patient's own, newest first."""
    return Enquiry.objects.filter(patient_id__in=list(people)).defer("content").order_by("-sent_at")


def live_draft(identifier: str | None, *, now: dt.datetime | None = None) -> EnquiryDraft | None:
    """The browser's own draft, if it was touched within two hours."""
    try:
        pk = uuid.UUID(str(identifier))
    except ValueError:
        return None
    since = (now or timezone.now()) - UNSENT
    return EnquiryDraft.objects.filter(pk=pk, touched_at__gte=since).first()


def photos_of(owner: str) -> list[Photo]:
    return list(Photo.objects.filter(owner=owner))


def photo_of(owner: str, photo_id: uuid.UUID) -> Photo:
    """Raises NotFound for another owner's as for one that does not exist."""
    row = Photo.objects.filter(pk=photo_id, owner=owner).first()
    if row is None:
        raise NotFound
    return row


def picture(photo: Photo, *, size: str) -> bytes:
    """The JPEG. Raises NotFound for an unknown size and for a file that does not open."""
    if size not in store.SIZES:
        raise NotFound
    try:
        return store.read(photo.key, photo_id=photo.pk, size=size)
    except CannotOpen:
        raise NotFound from None
