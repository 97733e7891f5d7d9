"""Photos in and out: the only place that writes one."""

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.errors import DomainError, Invalid
from consultations.models import AdverseEvent, Enquiry, EnquiryDraft, Photo
from consultations.photos import store
from consultations.photos.apart import redraw_apart
from consultations.photos.redraw import NotAPhoto

IN_ALL = 40 * 1024 * 1024
"""Bytes on disk of one owner's photos."""
BATCH = 200


def add_photo(
    owner: EnquiryDraft | Enquiry | AdverseEvent, *, data: bytes, most: int, now: dt.datetime | None = None
) -> Photo:
    """Draws the photo anew, seals it and keeps it for ``owner``, who may have ``most`` of them.

    Raises Invalid for a file that is no photo we read or one too many, DomainError ``photo_no_room`` when the disk takes
    no more, ``photo_owner_gone`` when the owner is sent or gone meanwhile. After a refusal nothing of it is stored.
    """
    _refuse_more(owner, most=most, size=0)
    try:
        drawn = redraw_apart(data)
    except NotAPhoto as refusal:
        raise Invalid({"photos": [why_not(refusal.code)]}, code=f"photo_{refusal.code}") from None
    row = Photo(
        owner=owner.ref,
        patient_id=getattr(owner, "patient_id", None),
        kind=_kind(owner),
        key=store.new_key(),
        width=drawn.width,
        height=drawn.height,
        added_at=now or timezone.now(),
    )
    try:
        row.size = store.write(row.key, photo_id=row.pk, full=drawn.full, thumb=drawn.thumb)
    except store.NoRoom:
        raise DomainError(
            "photo_no_room",
            _("We could not keep this photo just now. Nothing else is lost. Please try again later."),
            status=503,
        ) from None
    try:
        with transaction.atomic():
            if not type(owner).objects.select_for_update().filter(pk=owner.pk).exists():
                raise DomainError("photo_owner_gone", _("This was sent already, or is no longer here."))
            _refuse_more(owner, most=most, size=row.size)
            row.save(force_insert=True)
    except BaseException:
        store.remove(row.key)
        raise
    return row


def why_not(code: str) -> str:
    """One sentence for a person, with what to do."""
    return {
        "kind": _("This file is not a photo we can read. Please choose a JPEG, PNG or HEIC photo."),
        "size": _("This photo is larger than 10 MB. Please choose a smaller one."),
        "pixels": _("This photo has more than 40 megapixels. Please choose a smaller one."),
        "small": _("This picture is too small to see anything. Please take a new photo."),
        "moving": _("This picture moves. Please choose a still photo."),
        "busy": _("Many photos are arriving just now. Please try this one again in a minute."),
    }.get(code, _("This photo is damaged or not complete. Please choose another one, or take it again."))


@transaction.atomic
def remove_photos(rows: QuerySet[Photo] | Iterable[Photo]) -> int:
    """Deletes rows, and their files once that is certain. Returns how many."""
    rows = list(rows)
    keys = [row.key for row in rows]
    Photo.objects.filter(pk__in=[row.pk for row in rows]).delete()
    transaction.on_commit(lambda: [store.remove(key) for key in keys])
    return len(keys)


def hand_over(owner: EnquiryDraft, *, to: Enquiry | AdverseEvent, kind: Photo.Kind = Photo.Kind.CONCERN) -> int:
    """The draft's photos become the enquiry's or the event's. The caller holds the transaction."""
    return Photo.objects.filter(owner=owner.ref).update(owner=to.ref, patient=to.patient, kind=kind)


def remove_strays() -> int:
    """Files no photo knows. Returns how many went."""
    return store.remove_strays(set(Photo.objects.values_list("key", flat=True)))


def seal_again() -> int:
    """Every photo under the current field key; may be stopped and run again. Returns how many files were sealed again."""
    done, last = 0, uuid.UUID(int=0)
    while page := list(Photo.objects.order_by("pk").filter(pk__gt=last).values_list("pk", "key")[:BATCH]):
        done += sum(store.seal_again(key, photo_id=pk) for pk, key in page)
        last = page[-1][0]
    return done


def _kind(owner: EnquiryDraft | Enquiry | AdverseEvent) -> Photo.Kind:
    after = isinstance(owner, AdverseEvent) or (isinstance(owner, Enquiry) and owner.is_check_in)
    return Photo.Kind.AFTER if after else Photo.Kind.CONCERN


def _refuse_more(owner: EnquiryDraft | Enquiry | AdverseEvent, *, most: int, size: int) -> None:
    kept = Photo.objects.filter(owner=owner.ref)
    if kept.count() >= most:
        raise Invalid(
            {"photos": [_("You can send up to %(n)s photos. Remove one first.") % {"n": most}]}, code="photo_too_many"
        )
    if (kept.aggregate(all=Sum("size"))["all"] or 0) + size > IN_ALL:
        raise Invalid({"photos": [_("These photos are too large together. Remove one first.")]}, code="photo_too_much")
