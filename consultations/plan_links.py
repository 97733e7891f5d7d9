"""A plan's own page for the patient: its link. The token is derived, so messages can carry it though only its hash is kept."""

import datetime as dt
from uuid import UUID

from clinic.people.links import derived_token, issue_link, resolve_link, revoke_links
from consultations.models import Plan

PURPOSE = "plan"
OPENS = dt.timedelta(days=365)  # it goes on showing the course that was booked from it


def plan_token(plan: Plan) -> str:
    """43 characters, 256 bits."""
    return derived_token(PURPOSE, str(plan.pk))


def plan_path(plan: Plan) -> str:
    return f"/p/{plan_token(plan)}/"


def register_plan_link(plan: Plan, *, now: dt.datetime) -> None:
    """Registers the token, or moves its expiry when another version is sent."""
    issue_link(purpose=PURPOSE, subject=plan.ref, expires_at=now + OPENS, token=plan_token(plan))


def revoke_plan_links(plan: Plan) -> None:
    revoke_links(subject=plan.ref, purpose=PURPOSE)


def plan_id_of(token: str, *, now: dt.datetime | None = None) -> UUID | None:
    """Whose link this is; None for an unknown, expired or revoked token alike."""
    link = resolve_link(token, purpose=PURPOSE, now=now)
    return UUID(link.subject.partition(":")[2]) if link else None
