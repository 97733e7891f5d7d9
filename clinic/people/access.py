"""Who may do what: one table, read by every route. A route that names no action fails the tests."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from rest_framework.permissions import BasePermission

from clinic.errors import NotAllowed
from clinic.people.models import User
from clinic.people.roles import ANYONE, PATIENT, PROVIDER, STAFF, Role

DESK, PRACTITIONER, OWNER = Role.DESK.value, Role.PRACTITIONER.value, Role.OWNER.value
EVERYBODY = frozenset({ANYONE, PATIENT, *STAFF})
OWN_LINK = EVERYBODY
"""Routes whose own signed link decides: the view resolves it and answers 404 to anybody else."""

POLICY: dict[str, frozenset[str]] = {
    # the ground
    "page.read": EVERYBODY,
    "health.probe": EVERYBODY,
    "status.read": EVERYBODY,
    "language.change": EVERYBODY,
    "theme.change": EVERYBODY,
    "staff.sign_in": EVERYBODY,
    "staff.sign_out": STAFF,
    "staff.home": STAFF,
    "patient.sign_in": EVERYBODY,
    "patient.home": frozenset({PATIENT}),
    "api.schema": EVERYBODY,
    # messages
    "message.webhook": frozenset({PROVIDER}),
    "message.demo_phone": EVERYBODY,
    "message.thread": frozenset({DESK, PRACTITIONER}),
    "message.answer": frozenset({DESK, PRACTITIONER}),
    "message.channels": frozenset({DESK, OWNER}),
    "message.health": frozenset({PRACTITIONER}),
    "message.write": frozenset({PRACTITIONER}),
    "message.texts": frozenset({OWNER}),
    # what the clinic offers
    "catalogue.read": EVERYBODY,
    # when, where, with whom
    "availability.read": EVERYBODY,
    "booking.hold": EVERYBODY,
    "booking.own": OWN_LINK,
    "waiting.join": EVERYBODY,
    "waiting.own": OWN_LINK,
    "waiting.manage": frozenset({DESK}),
    "diary.read": STAFF,
    "diary.write": frozenset({DESK, PRACTITIONER}),
    "interval.override": frozenset({PRACTITIONER}),
    "video.host": frozenset({PRACTITIONER}),
    "patient.search": frozenset({DESK, PRACTITIONER}),
    "patient.contact": frozenset({DESK, PRACTITIONER}),
    # is it safe
    "screening.ask": EVERYBODY,
    "reminder.ask": EVERYBODY,
    "reminder.own": OWN_LINK,
    "intake.own": OWN_LINK,
    "enquiry.ask": EVERYBODY,
    "enquiry.own": OWN_LINK,
    "enquiry.read": frozenset({PRACTITIONER}),
    "enquiry.answer": frozenset({PRACTITIONER}),
    "plan.own": OWN_LINK,
    "plan.write": frozenset({PRACTITIONER}),
    "event.own": OWN_LINK,
    "event.report": frozenset({DESK, PRACTITIONER}),
    "event.read": frozenset({PRACTITIONER}),
    "event.write": frozenset({PRACTITIONER}),
    "paging.read": frozenset({PRACTITIONER, OWNER}),
    "paging.own": frozenset({PRACTITIONER}),
    "paging.manage": frozenset({OWNER}),
    "review.read": frozenset({PRACTITIONER}),
    "consent.read": frozenset({PRACTITIONER}),
    "rules.read": frozenset({PRACTITIONER, OWNER}),
    "rules.sign": frozenset({PRACTITIONER}),
    "review.decide": frozenset({PRACTITIONER}),
    "review.override": frozenset({PRACTITIONER}),
}


@dataclass(frozen=True)
class Actor:
    """Who does something: ``kind`` is a role, ``patient`` or ``anyone``; ``label`` goes into the audit."""

    kind: str
    user: User | None = None
    patient_id: str | None = None

    @property
    def label(self) -> str:
        if self.user:
            return f"user:{self.user.pk}"
        return f"patient:{self.patient_id}" if self.patient_id else self.kind


SYSTEM = Actor("system")


def actor_of(request: HttpRequest) -> Actor:
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return Actor(user.role, user=user)
    patient_id = request.session.get("patient_id") if hasattr(request, "session") else None
    return Actor(PATIENT, patient_id=patient_id) if patient_id else Actor(ANYONE)


def may(actor: Actor, action: str) -> bool:
    """KeyError for an action the table does not have: an undeclared action is a fault, not a refusal."""
    allowed = POLICY[action]
    return actor.kind in allowed or (PROVIDER in allowed and actor.kind == ANYONE)


def requires(action: str) -> Callable:
    """Declares the action of a page's view and refuses everybody else: staff routes lead to sign-in."""
    if action not in POLICY:
        raise KeyError(f"{action} is not in the access table")

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = actor_of(request)
            if not may(actor, action):
                if actor.user is None and POLICY[action] & STAFF:
                    return redirect_to_login(request.get_full_path())
                raise NotAllowed
            request.actor = actor
            return view(request, *args, **kwargs)

        checked.policy = action
        return checked

    return decorate


class ByPolicy(BasePermission):
    """The same table for the API. A view names its action in ``policy`` (or per method in ``policies``)."""

    def has_permission(self, request: Any, view: Any) -> bool:
        action = getattr(view, "policies", {}).get(request.method) or getattr(view, "policy", None)
        if action is None and view.__class__.__module__.startswith("drf_spectacular"):
            action = "api.schema"
        request.actor = actor_of(request)
        return may(request.actor, action)
