"""What was shared for a consultation, as a practitioner reads it."""

import uuid
from dataclasses import dataclass

from bookings.models import Appointment
from clinic.audit.services import record
from clinic.errors import NotFound
from clinic.people.access import Actor
from consultations.models import SharedAnswers
from consultations.questionnaire.definition import SEVERITY
from consultations.selectors.review import Flag, _answer, _flag, _retold
from treatments.models import Modality


@dataclass(frozen=True)
class SharedSheet:
    """Flags by severity, then the other answers; `wish` is the treatment they had wanted."""

    shared: SharedAnswers
    appointment: Appointment
    wish: str
    flags: list[Flag]
    rest: list[dict]


def shared_sheet(appointment_id: uuid.UUID, *, actor: Actor, language: str) -> SharedSheet:
    """Reading it is written into the audit first. Raises NotFound."""
    row = (
        SharedAnswers.objects.filter(appointment_id=appointment_id, appointment__patient__isnull=False)
        .select_related(
            "appointment__patient",
            "appointment__modality",
            "appointment__practitioner",
            "appointment__location",
            "questionnaire",
        )
        .first()
    )
    if row is None:
        raise NotFound
    fields = ["as_asked", "findings"]
    record("intake.read", subject=f"shared:{row.pk}", actor=actor, fields=fields, purpose="consultation")
    asked = {line["id"]: line for line in row.as_asked}
    told = {line["id"]: line for line in _retold(row, language)}
    flags = [_flag(finding, told, asked, {}, language) for finding in row.findings]
    flagged = {finding["question"] for finding in row.findings}
    wish = Modality.objects.filter(slug=row.modality).first()
    return SharedSheet(
        shared=row,
        appointment=row.appointment,
        wish=wish.name if wish else row.modality,
        flags=sorted(flags, key=lambda flag: -SEVERITY[flag.outcome]),
        rest=[line | {"shown": _answer(line)} for line in told.values() if line["id"] not in flagged],
    )
