"""Messages about an enquiry: that it came, and that somebody answered. Never what it says."""

import datetime as dt

from django.conf import settings

from clinic.messaging.plan import Desired, cancel_pending, reconcile
from clinic.messaging.registry import register_reference
from consultations.enquiry_links import enquiry_path
from consultations.models import Act, Enquiry, EnquiryEntry, Standing

KINDS = {
    Act.SENT: "enquiry_received",
    Act.ANSWER: "enquiry_answered",
    Act.INVITE: "enquiry_answered",
    Act.CLOSE: "enquiry_answered",
    Act.MORE: "enquiry_more",
}


def tell(entry: EnquiryEntry, *, enquiry: Enquiry, now: dt.datetime) -> None:
    """At most one message for an entry, in the entry's transaction. What an earlier one has not said yet is not said."""
    kind = KINDS.get(Act(entry.act))
    if kind is None:
        return
    facts = {"link": enquiry_path(enquiry), "timezone": settings.CLINIC_TIMEZONE}
    if enquiry.due_at:
        facts["start"] = enquiry.due_at.isoformat()
    if entry.by:
        facts["practitioner"] = entry.by.name
    message = Desired(
        kind=kind,
        ref=enquiry.ref,
        version=entry.number,
        patient_id=enquiry.patient_id,
        due_at=now,
        language=enquiry.language,
        facts=facts,
        at_once=True,
    )
    reconcile(message.ref, [message], now=now)


def say_no_more(enquiry: Enquiry) -> None:
    cancel_pending(enquiry.ref)


def is_current(ref: str, version: int) -> bool:
    """Whether an entry is still worth telling: a question that was answered meanwhile is not."""
    row = Enquiry.objects.filter(pk=ref.partition(":")[2]).values_list("standing", flat=True).first()
    if row is None:
        return False
    act = EnquiryEntry.objects.filter(enquiry_id=ref.partition(":")[2], number=version).values_list("act", flat=True)
    return row == Standing.ASKED or act.first() != Act.MORE


def register() -> None:
    register_reference("enquiry", is_current=is_current)
