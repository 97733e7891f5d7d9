"""What somebody has agreed to: for one visit, and about being written to."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from bookings.models import Appointment
from bookings.services.details import CONSENTS
from clinic.audit.services import record
from clinic.errors import NotFound
from clinic.messaging.consent import decisions
from clinic.people.access import Actor
from consultations.models import PHOTO_CHOICES, Choice, ConsentWithdrawal, TreatmentConsent

MESSAGES = {
    "whatsapp": _("Messages by WhatsApp"),
    "marketing": _("News and offers"),
}


@dataclass(frozen=True)
class Standing:
    """One choice of one consent. ``since`` is when it was given, or taken back where it does not stand any more."""

    choice: str
    label: Any
    stands: bool
    since: Any


def consents_of(appointment: Appointment) -> list[tuple[TreatmentConsent, list[Standing]]]:
    """The newest first, each with what of it stands. Two queries."""
    return [(row, standing_of(row)) for row in _rows().filter(appointment=appointment).order_by("-given_at")]


def signed_copy(consent_id: uuid.UUID, *, appointment: Appointment | None = None, actor: Actor) -> TreatmentConsent:
    """A consent with the words that were agreed to; of this visit where one is named. Staff's reading is written down
    first. Raises NotFound."""
    row = _rows().select_related("appointment__modality", "appointment__location").filter(pk=consent_id).first()
    if row is None or (appointment is not None and row.appointment_id != appointment.pk):
        raise NotFound
    if actor.user is not None:
        record("consent.read", subject=f"consent:{row.pk}", actor=actor, fields=["typed_name"], purpose="copy")
    return row


def standing_of(row: TreatmentConsent) -> list[Standing]:
    gone = {one.choice: one.withdrawn_at for one in row.withdrawals.all()}
    given = [Choice.TREATMENT, *(one for one in PHOTO_CHOICES if getattr(row, one))]
    return [Standing(one.value, one.label, one not in gone, gone.get(one, row.given_at)) for one in given]


def message_consents(patient_id: uuid.UUID) -> list[dict[str, Any]]:
    """Which of the ways and purposes that were agreed to still stand. One query."""
    said = decisions(patient_id)
    return [{"choice": name, "label": label} for name, label in MESSAGES.items() if said.get(CONSENTS[name])]


def _rows():
    withdrawals = Prefetch("withdrawals", ConsentWithdrawal.objects.order_by("withdrawn_at"))
    return TreatmentConsent.objects.select_related("text").prefetch_related(withdrawals)
