"""The link of an enquiry. Its token is derived, so messages can carry it though only its hash is stored."""

import datetime as dt
from uuid import UUID

from django.conf import settings

from clinic.people.links import derived_token, issue_link, resolve_link, revoke_links
from consultations.models import Enquiry

PURPOSE = "enquiry"


def enquiry_token(enquiry: Enquiry) -> str:
    """43 characters, 256 bits."""
    return derived_token(PURPOSE, str(enquiry.pk))


def enquiry_path(enquiry: Enquiry) -> str:
    return f"/e/{enquiry_token(enquiry)}/"


def register_enquiry_link(enquiry: Enquiry, *, now: dt.datetime) -> None:
    """Registers the token, or moves its expiry: it opens as long as the enquiry is kept."""
    expires = now + dt.timedelta(days=settings.ENQUIRY_KEPT_DAYS + 30)
    issue_link(purpose=PURPOSE, subject=enquiry.ref, expires_at=expires, token=enquiry_token(enquiry))


def revoke_enquiry_links(enquiry: Enquiry) -> None:
    revoke_links(subject=enquiry.ref, purpose=PURPOSE)


def enquiry_id_of(token: str) -> UUID | None:
    """Whose link this is; None for an unknown, expired or revoked token alike."""
    link = resolve_link(token, purpose=PURPOSE)
    return UUID(link.subject.partition(":")[2]) if link else None
