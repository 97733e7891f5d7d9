"""What somebody types before they send: kept sealed for two hours, for one browser."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from consultations.enquiring import UNSENT
from consultations.models import EnquiryDraft, Photo
from consultations.services.photos import remove_photos

BATCH = 100


@transaction.atomic
def keep_page(
    draft: EnquiryDraft | None, *, page: str, values: dict[str, Any], now: dt.datetime | None = None
) -> EnquiryDraft:
    """Stores one page's fields as typed, in a new draft where there is none (any more), and starts the two hours anew."""
    now = now or timezone.now()
    row = EnquiryDraft.objects.select_for_update().filter(pk=draft.pk).first() if draft else None
    row = row or EnquiryDraft(content={})
    row.content = row.content | {page: values}
    row.touched_at = now
    row.save()
    return row


def prove_phone(draft: EnquiryDraft, *, phone_index: str, now: dt.datetime | None = None) -> None:
    """A code that went to this number came back from this browser."""
    EnquiryDraft.objects.filter(pk=draft.pk).update(proven_phone=phone_index, touched_at=now or timezone.now())


@transaction.atomic
def drop_draft(draft: EnquiryDraft) -> None:
    """The draft and its photos, now."""
    remove_photos(Photo.objects.filter(owner=draft.ref))
    EnquiryDraft.objects.filter(pk=draft.pk).delete()


def clear_unsent(*, now: dt.datetime) -> int:
    """Drafts that nobody touched for two hours. Returns how many went."""
    gone = 0
    while rows := list(EnquiryDraft.objects.defer("content").filter(touched_at__lt=now - UNSENT)[:BATCH]):
        for row in rows:
            drop_draft(row)
        gone += len(rows)
    return gone
