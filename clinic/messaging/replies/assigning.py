"""Who sees to a thread. Taken, handed on or let go; two at once: one wins, the other is told whose it is."""

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.audit.services import record
from clinic.errors import DomainError, Invalid
from clinic.messaging.models import Assignment
from clinic.people.access import DESK, PRACTITIONER, Actor
from clinic.people.models import Patient, User


def staff_for_threads() -> list[User]:
    """Who may answer, by name."""
    return list(User.objects.filter(is_active=True, role__in=[DESK, PRACTITIONER]).order_by("name"))


def assign(
    patient: Patient, *, to: int | None, instead_of: int | None, actor: Actor, now: dt.datetime | None = None
) -> Assignment | None:
    """`to`: whose it is from now on, None for nobody's. `instead_of`: whose the page said it was.

    Raises Invalid for somebody who cannot answer, DomainError `assigned` when it has gone to another meanwhile.
    """
    if to is not None and to not in {user.pk for user in staff_for_threads()}:
        raise Invalid({"to": [_("Choose one of the names.")]})
    with transaction.atomic():
        Patient.objects.select_for_update().get(pk=patient.pk)
        row = Assignment.objects.select_related("user").filter(patient=patient).first()
        if row and row.user_id not in (instead_of, to):
            raise DomainError("assigned", _("%(who)s has just taken this one.") % {"who": row.user.name})
        Assignment.objects.filter(patient=patient).delete()
        record("thread.assign", subject=f"patient:{patient.pk}", actor=actor, detail={"to": to})
        if to is None:
            return None
        return Assignment.objects.create(patient=patient, user_id=to, at=now or timezone.now())


def assigned(patient_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, User]:
    """Patient → who sees to their thread. One query."""
    rows = Assignment.objects.filter(patient_id__in=set(patient_ids)).select_related("user")
    return {row.patient_id: row.user for row in rows}
