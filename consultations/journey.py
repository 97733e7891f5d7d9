"""THE PATIENT'S PATH after a time is held: ordered steps, whether each applies, whether it is done, which is next.

choose → suitability → time → hold lie before it and leave nothing in the database but the hold.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from bookings.models import Appointment
from bookings.services import lifecycle, moves
from bookings.states import CLEARED, Clearance, State
from clinic.errors import DomainError
from clinic.people.access import Actor
from consultations.models import Choice, Draft
from consultations.standing import ON_THE_PATH


@dataclass(frozen=True)
class Step:
    """``name`` is the page's URL name; ``done`` reads the appointment as the database has it."""

    name: str
    done: Callable[[Appointment], bool]
    applies: Callable[[Appointment], bool] = lambda appointment: True


def has_details(appointment: Appointment) -> bool:
    return appointment.patient_id is not None


def has_form(appointment: Appointment) -> bool:
    """A draft beside a finished form means that something changed and the form is open again."""
    return appointment.submissions.exists() and not Draft.objects.filter(appointment=appointment).exists()


def has_consent(appointment: Appointment) -> bool:
    """To the treatment, and not taken back."""
    return appointment.consents.exclude(withdrawals__choice=Choice.TREATMENT).exists()


def took_consent_back(appointment: Appointment) -> bool:
    return appointment.consents.exists() and not has_consent(appointment)


def wants_consent(appointment: Appointment) -> bool:
    """A consultation treats nothing, so there is nothing to consent to yet; a visit that cannot go on asks no more."""
    return appointment.modality.slug != "consult" and appointment.clearance not in (
        Clearance.DEFERRED,
        Clearance.DECLINED,
    )


CONSENT = Step("consent", has_consent, wants_consent)
STEPS = (Step("details", has_details), Step("form", has_form), CONSENT)


MISSING = {
    "details": _("Your name and phone number are still missing."),
    "form": _("The health form is still missing."),
    "consent": _("Your consent is still missing."),
}


def next_step(appointment: Appointment) -> Step | None:
    """The first step that applies and is not done; None when the path is walked to its end or the visit has moved on."""
    if appointment.state == State.CONFIRMED:
        return CONSENT if wants_consent(appointment) and took_consent_back(appointment) else None
    if appointment.state not in ON_THE_PATH:
        return None
    return next((step for step in STEPS if step.applies(appointment) and not step.done(appointment)), None)


def is_thinking(appointment: Appointment) -> bool:
    """Whether the visit lies in the time to think after the consent, so that it needs a later day."""
    ends = appointment.reflection_ends
    return ends is not None and lifecycle.local_day(appointment) < ends


def no_consent(appointment: Appointment) -> DomainError | None:
    """What keeps somebody from being checked in who took their consent back."""
    if not took_consent_back(appointment):
        return None
    return DomainError(
        "consent_missing",
        _(
            "Their consent was taken back. Ask a practitioner to talk with them; they can agree again behind their link."
        ),
    )


def register() -> None:
    lifecycle.stops.append(no_consent)
    moves.on_moved.append(lambda row, actor, now: settle(row, actor=actor, now=now))


def settle(appointment: Appointment, *, actor: Actor | None = None, now: dt.datetime | None = None) -> Appointment:
    """Confirms or sends to review when nothing is left to do; otherwise leaves the appointment as it is."""
    if appointment.state not in ON_THE_PATH or next_step(appointment):
        return appointment
    waits = appointment.state == State.PENDING_REVIEW and appointment.clearance not in CLEARED
    if waits or appointment.clearance in (Clearance.DEFERRED, Clearance.DECLINED) or is_thinking(appointment):
        return appointment
    return lifecycle.confirm(appointment, actor=actor, now=now)


def finish(appointment: Appointment, *, actor: Actor | None = None, now: dt.datetime | None = None) -> Appointment:
    """``settle`` for a caller that insists: raises DomainError naming the step that is missing."""
    step = next_step(appointment)
    if step:
        raise DomainError(f"{step.name}_missing", MISSING[step.name])
    return lifecycle.confirm(appointment, actor=actor, now=now)
