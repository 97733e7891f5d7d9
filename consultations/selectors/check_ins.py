"""Photos after a treatment, sent as a check-in or told of in an adverse event: what a patient sees again, and what a
practitioner holds the newest against."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet

from bookings.models import Appointment
from clinic.dates import days_between
from clinic.errors import NotFound
from consultations.models import AdverseEvent, Enquiry, EnquiryDraft, Photo, Standing

UNANSWERED = (Standing.WAITING, Standing.ASKED)


@dataclass(frozen=True)
class Sent:
    """One check-in as its patient sees it."""

    enquiry: Enquiry
    photos: list[Photo] = field(default_factory=list)


@dataclass(frozen=True)
class PhotoDay:
    """A patient's photos of one day. ``after``: days since the treatment; None before it."""

    day: dt.date
    after: int | None
    photos: list[Photo]


def waits(appointment: Appointment) -> bool:
    """Whether a check-in of this visit has no answer yet."""
    return Enquiry.objects.filter(visit=appointment, standing__in=UNANSWERED).exists()


def check_ins_of(appointment: Appointment) -> list[Sent]:
    """All of this visit with their photos, the newest first. Two queries."""
    rows = {one.ref: Sent(one) for one in Enquiry.objects.filter(visit=appointment).order_by("-sent_at")}
    for photo in Photo.objects.filter(owner__in=list(rows)):
        rows[photo.owner].photos.append(photo)
    return list(rows.values())


def told_with_photos(appointment: Appointment) -> list[tuple[AdverseEvent, list[Photo]]]:
    """What was told to be wrong after this visit, as far as photos were sent with it; the newest first. Two queries."""
    rows = {one.ref: (one, []) for one in _told_of(appointment).order_by("-opened_at")}
    for photo in Photo.objects.filter(owner__in=list(rows)):
        rows[photo.owner][1].append(photo)
    return [(event, photos) for event, photos in rows.values() if photos]


def own_photo(appointment: Appointment, draft: EnquiryDraft | None, photo_id: uuid.UUID) -> Photo:
    """Of what is being sent, or was sent, after this visit. Raises NotFound."""
    sent = (Enquiry.objects.filter(visit=appointment), _told_of(appointment))
    owners = [one.ref for rows in sent for one in rows.only("pk")]
    row = Photo.objects.filter(pk=photo_id, owner__in=owners + ([draft.ref] if draft else [])).first()
    if row is None:
        raise NotFound
    return row


def other_photos(of: Enquiry | AdverseEvent) -> list[PhotoDay]:
    """The same patient's photos that came otherwise, by the day on which they were taken as far as anybody said, else
    sent; the first day first. One query."""
    return _by_day(Photo.objects.filter(patient=of.patient_id).exclude(owner=of.ref), visit_of(of))


def own_day(of: Enquiry | AdverseEvent, photos: list[Photo]) -> PhotoDay:
    """Its own photos, under the day of the first."""
    first = _by_day(photos[:1], visit_of(of))[0]
    return PhotoDay(first.day, first.after, photos)


def visit_of(of: Enquiry | AdverseEvent) -> Appointment | None:
    """The treatment it follows."""
    return of.appointment if isinstance(of, AdverseEvent) else of.visit


def patients_photo(of: Enquiry | AdverseEvent, photo_id: uuid.UUID) -> Photo:
    """One of this enquiry or event, or of the same patient. Raises NotFound."""
    row = Photo.objects.filter(pk=photo_id, patient=of.patient_id).first()
    if row is None:
        raise NotFound
    return row


def _moment(photo: Photo) -> dt.datetime:
    return photo.taken_at or photo.added_at


def _by_day(rows: Iterable[Photo], visit: Appointment | None) -> list[PhotoDay]:
    zone = visit.location.timezone if visit else settings.CLINIC_TIMEZONE
    days = groupby(sorted(rows, key=_moment), lambda one: _moment(one).astimezone(ZoneInfo(zone)).date())
    found = ((day, list(group)) for day, group in days)
    return [PhotoDay(day, _after(visit, _moment(photos[0]), zone), photos) for day, photos in found]


def _after(visit: Appointment | None, moment: dt.datetime, zone: str) -> int | None:
    if visit is None or moment < visit.start:
        return None
    return days_between(min(visit.finished_at or visit.end, moment), moment, zone)


def _told_of(appointment: Appointment) -> QuerySet[AdverseEvent]:
    """Events after this visit, and the one that is open, which takes in whatever is sent."""
    mine = AdverseEvent.objects.filter(patient=appointment.patient_id)
    return mine.filter(Q(appointment=appointment) | Q(closed_at=None))
