"""Booking for somebody on the phone, and the form link they get."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.links import manage_path
from bookings.messages import place_of
from bookings.models import Appointment
from bookings.services.holds import hold_slot
from bookings.services.lifecycle import reserve
from bookings.services.locks import one_transaction
from bookings.states import Source
from clinic.audit.services import record
from clinic.errors import DomainError
from clinic.messaging.plan import send_now
from clinic.people.access import Actor
from clinic.people.models import Patient
from clinic.people.services import upsert_patient
from treatments.selectors import VisitPlan


@one_transaction
def book_by_phone(
    *,
    plan: VisitPlan,
    start: datetime,
    patient: Patient | None = None,
    person: dict[str, Any] | None = None,
    practitioner: str | None = None,
    location: str | None = None,
    gender: str | None = None,
    interval_reason: str = "",
    actor: Actor | None = None,
    now: datetime | None = None,
) -> Appointment:
    """Reserves a time for a known patient, or for a new `person` (name, phone in E.164, email, language).

    All or nothing: a time that is no longer free leaves no patient behind. Refuses as `hold_slot` does.
    """
    someone = patient or upsert_patient(**(person or {}))
    held = hold_slot(
        plan=plan,
        start=start,
        practitioner=practitioner,
        location=location,
        gender=gender,
        interval_reason=interval_reason,
        patient=someone,
        source=Source.PHONE,
        language=someone.language,
        actor=actor,
        staff=True,
        now=now,
    )
    return reserve(held, patient=someone, actor=actor, now=now)


AT_THE_DOOR = timedelta(hours=1)  # somebody who has come already still gets it


@transaction.atomic
def send_form_link(appointment: Appointment, *, actor: Actor | None = None, now: datetime | None = None) -> None:
    """The link to the form once more, at most once a minute. Refuses `nobody_to_write_to` and `visit_over`."""
    instant = now or timezone.now()
    if appointment.patient is None:
        raise DomainError("nobody_to_write_to", _("Nobody's details are known for this time yet."))
    if not appointment.is_ahead:
        raise DomainError("visit_over", _("This visit no longer takes a form."))
    due = max(appointment.form_due_at or appointment.start, instant + AT_THE_DOOR)
    send_now(
        "intake_due",
        key=f"v{appointment.version}:form_again:{instant:%Y%m%d%H%M}",
        language=appointment.language,
        facts={
            "start": appointment.start.isoformat(),
            "deadline": due.isoformat(),
            "timezone": appointment.location.timezone,
            "place": place_of(appointment),
            "link": manage_path(appointment),
        },
        patient=appointment.patient,
        ref=appointment.ref,
        version=appointment.version,
        not_after=due,
        now=instant,
    )
    record("appointment.form_link", subject=appointment.ref, actor=actor)
