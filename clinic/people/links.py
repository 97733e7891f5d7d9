"""Signed links: issue, resolve, revoke. The token itself is never stored."""

import base64
import datetime as dt
import hashlib
import hmac
import secrets

from django.conf import settings
from django.utils import timezone

from clinic.people.models import Link


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def derived_token(*parts: str) -> str:
    """A 256-bit token that can be written into a later message without being stored: HMAC over its parts."""
    mac = hmac.new(b"link\0" + base64.b64decode(settings.SEARCH_KEY), "\0".join(parts).encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(mac.digest()).rstrip(b"=").decode()


def issue_link(*, purpose: str, subject: str, expires_at: dt.datetime, token: str | None = None) -> str:
    """Registers a link and returns its token. A derived token may be registered again, which moves its expiry."""
    token = token or secrets.token_urlsafe(32)
    Link.objects.update_or_create(
        token_hash=token_hash(token),
        defaults={"purpose": purpose, "subject": subject, "expires_at": expires_at},
    )
    return token


def resolve_link(token: str, *, purpose: str, now: dt.datetime | None = None) -> Link | None:
    """The live link of this token, or None: unknown, expired, revoked and wrong purpose look alike."""
    if not 32 <= len(token) <= 64:
        return None
    return Link.objects.filter(
        token_hash=token_hash(token), purpose=purpose, revoked_at=None, expires_at__gt=now or timezone.now()
    ).first()


def revoke_links(*, subject: str, purpose: str | None = None, now: dt.datetime | None = None) -> int:
    links = Link.objects.filter(subject=subject, revoked_at=None)
    return (links.filter(purpose=purpose) if purpose else links).update(revoked_at=now or timezone.now())
