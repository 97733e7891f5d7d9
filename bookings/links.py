"""The links of an appointment and of an entry on the waiting list. Their tokens are derived, so messages can carry them
though only their hashes are stored."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from bookings.models import Appointment, WaitingEntry
from clinic.people.links import derived_token, issue_link, resolve_link, revoke_links, token_hash
from clinic.people.models import Link

PURPOSE, WAITING = "manage", "waiting"
AFTER_VISIT = timedelta(hours=24)
AFTERCARE = timedelta(days=30)
AFTER_LIST = timedelta(days=3)


def manage_token(appointment: Appointment) -> str:
    """43 characters, 256 bits. Raising `link_generation` makes another."""
    return derived_token(PURPOSE, str(appointment.pk), str(appointment.link_generation))


def manage_path(appointment: Appointment) -> str:
    return f"/b/{manage_token(appointment)}/"


def photos_path(appointment: Appointment) -> str:
    """Where photos after a treatment are sent."""
    return f"{manage_path(appointment)}photos/"


def register_manage_link(appointment: Appointment, *, until: datetime | None = None) -> str:
    """Registers the token, or moves its expiry after a move. A day after the visit it no longer opens, except for
    aftercare, which needs it as long as messages of the visit go out: `until`, where that is later."""
    expires = appointment.end + (AFTERCARE if appointment.finished_at else AFTER_VISIT)
    expires = max(expires, until) if until else expires
    return issue_link(purpose=PURPOSE, subject=appointment.ref, expires_at=expires, token=manage_token(appointment))


def first_link(appointment: Appointment) -> Link:
    """The same for an appointment that is just being made: nothing to look for; not yet written."""
    expires = appointment.end + AFTER_VISIT
    hashed = token_hash(manage_token(appointment))
    return Link(token_hash=hashed, purpose=PURPOSE, subject=appointment.ref, expires_at=expires)


def revoke_manage_links(appointment: Appointment) -> None:
    revoke_links(subject=appointment.ref, purpose=PURPOSE)


def appointment_id_of(token: str, *, now: datetime | None = None) -> UUID | None:
    """Whose link this is; None for an unknown, expired or revoked token alike."""
    link = resolve_link(token, purpose=PURPOSE, now=now)
    kind, _, identifier = link.subject.partition(":") if link else ("", "", "")
    return UUID(identifier) if kind == "appointment" else None


def waiting_token(entry: WaitingEntry) -> str:
    """Opens one entry of the waiting list, with the time that is offered now."""
    return derived_token(WAITING, str(entry.pk))


def waiting_path(entry: WaitingEntry) -> str:
    return f"/w/{waiting_token(entry)}/"


def register_waiting_link(entry: WaitingEntry) -> None:
    """Registers the token, or moves its expiry when the days change: it opens until two days after the last one."""
    expires = datetime.combine(entry.last_day + AFTER_LIST, time(), UTC)
    issue_link(purpose=WAITING, subject=entry.ref, expires_at=expires, token=waiting_token(entry))


def revoke_waiting_links(entry: WaitingEntry) -> None:
    revoke_links(subject=entry.ref, purpose=WAITING)


def waiting_id_of(token: str, *, now: datetime | None = None) -> UUID | None:
    link = resolve_link(token, purpose=WAITING, now=now)
    return UUID(link.subject.partition(":")[2]) if link else None
