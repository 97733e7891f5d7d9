"""Photo check-ins: what was sent after a visit, and what a practitioner holds the newest photos against."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from itertools import groupby
from zoneinfo import ZoneInfo

from bookings.models import Appointment
from clinic.dates import days_between
from clinic.errors import NotFound
from consultations.models import Enquiry, EnquiryDraft, Photo, Standing

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


def own_photo(appointment: Appointment, draft: EnquiryDraft | None, photo_id: uuid.UUID) -> Photo:
    """Of what is being sent, or was sent, after this visit. Raises NotFound."""
    owners = [one.ref for one in Enquiry.objects.filter(visit=appointment).only("pk")]
    row = Photo.objects.filter(pk=photo_id, owner__in=owners + ([draft.ref] if draft else [])).first()
    if row is None:
        raise NotFound
    return row


def other_photos(enquiry: Enquiry) -> list[PhotoDay]:
    """The same patient's photos that came otherwise, by the day on which they were taken as far as anybody said, else
    sent; the first day first. One query. For a check-in."""
    zone = enquiry.visit.location.timezone
    rows = sorted(Photo.objects.filter(patient=enquiry.patient_id).exclude(owner=enquiry.ref), key=_moment)
    return [
        PhotoDay(day, _after(enquiry.visit, _moment(photos[0]), zone), photos)
        for day, photos in (
            (day, list(group))
            for day, group in groupby(rows, lambda one: _moment(one).astimezone(ZoneInfo(zone)).date())
        )
    ]


def patients_photo(enquiry: Enquiry, photo_id: uuid.UUID) -> Photo:
    """One of this enquiry, or of the same patient. Raises NotFound."""
    row = Photo.objects.filter(pk=photo_id, patient=enquiry.patient_id).first()
    if row is None:
        raise NotFound
    return row


def _moment(photo: Photo) -> dt.datetime:
    return photo.taken_at or photo.added_at


def _after(visit: Appointment, moment: dt.datetime, zone: str) -> int | None:
    return days_between(visit.finished_at, moment, zone) if moment >= visit.start else None
