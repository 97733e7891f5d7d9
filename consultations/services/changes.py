"""Something changed since the form, or nothing did: what the patient says before the visit."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.models import Appointment
from bookings.services import lifecycle
from bookings.states import Clearance
from clinic.audit.services import acting, record
from clinic.errors import DomainError
from clinic.people.access import Actor
from consultations.models import Draft, Submission
from consultations.standing import TAKES_DECISION


def latest_submission(appointment: Appointment) -> Submission | None:
    return appointment.submissions.order_by("-number").first()


@transaction.atomic
def report_unchanged(appointment: Appointment, *, actor: Actor | None = None, now: dt.datetime | None = None) -> None:
    """“No, all the same”: written down, nothing else."""
    row = lifecycle.locked(appointment)
    _refuse_unless_asked(row)
    record("intake.unchanged", subject=row.ref, actor=actor)


@transaction.atomic
def report_change(
    appointment: Appointment, *, actor: Actor | None = None, now: dt.datetime | None = None
) -> Appointment:
    """“Yes”: the form is open again with the answers it had, and the visit waits for a practitioner.

    Said twice it is one change. Refuses with ``form_closed`` when there is no form yet, or the visit is over or gone.
    """
    now = now or timezone.now()
    row = lifecycle.locked(appointment)
    submission = _refuse_unless_asked(row)
    with acting(actor):
        Draft.objects.get_or_create(appointment=row, defaults={"answers": submission.answers})
        row = lifecycle.record_clearance(row, clearance=Clearance.REVIEW, actor=actor, now=now)
        record("intake.changed", subject=row.ref, actor=actor)
    return row


def _refuse_unless_asked(row: Appointment) -> Submission:
    submission = latest_submission(row)
    if submission is None or row.state not in TAKES_DECISION:
        raise DomainError("form_closed", _("This booking no longer takes a health form. Please contact us."))
    return submission
