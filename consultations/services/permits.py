"""A rule's no is looked at by a practitioner who may decide against it. The yes is still a decision of its own."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.models import Appointment
from clinic.audit.services import acting, record
from clinic.errors import Invalid, NotAllowed
from clinic.people.access import PRACTITIONER, Actor
from clinic.people.models import Patient
from consultations.models import Permit

LASTS = dt.timedelta(days=30)


@transaction.atomic
def give_permit(
    patient: Patient, *, modality: str, reason: str, confirmed: bool, actor: Actor, now: dt.datetime | None = None
) -> Permit:
    """For 30 days. Raises NotAllowed without the right to override, Invalid without reason or tick."""
    now = now or timezone.now()
    if actor.kind != PRACTITIONER or actor.user is None or not actor.user.may_override:
        raise NotAllowed(_("Only a practitioner with the right to override may do this."))
    fields = {}
    if not reason.strip():
        fields["reason"] = [_("Say why. It stays on the record.")]
    if not confirmed:
        fields["confirmed"] = [_("Tick that you take it upon yourself to decide.")]
    if fields:
        raise Invalid(fields)
    with acting(actor):
        permit = Permit.objects.create(
            patient=patient,
            modality=modality,
            reason=reason.strip(),
            until=timezone.localdate(now) + LASTS,
            given_by=actor.user,
            given_at=now,
        )
        record(
            "review.permit", subject=f"patient:{patient.pk}", actor=actor, detail={"until": permit.until.isoformat()}
        )
    return permit


def standing_permit(appointment: Appointment, *, today: dt.date) -> Permit | None:
    """The newest one for this person and treatment that still counts. One query."""
    if appointment.patient_id is None:
        return None
    found = Permit.objects.filter(
        patient_id=appointment.patient_id, modality=appointment.modality.slug, until__gte=today
    )
    return found.order_by("-given_at").first()
