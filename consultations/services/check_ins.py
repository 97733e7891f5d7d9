"""Photos of how the skin is doing after a treatment: a question to a practitioner that belongs to a visit.

What speaks of trouble is none: with red-flag words, and while an adverse event is open, words and photos go to the event,
where somebody is told.
"""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.models import Appointment
from clinic.audit.services import acting, record
from clinic.errors import DomainError, Invalid
from clinic.people.access import Actor
from clinic.people.models import Patient
from consultations.check_ins import speaks_of_trouble, takes_photos
from consultations.enquiry_links import register_enquiry_link
from consultations.models import Act, AdverseEvent, Enquiry, EnquiryDraft, EnquiryEntry, EventAct, Photo, Source
from consultations.selectors.adverse import open_event_of
from consultations.selectors.check_ins import waits
from consultations.selectors.enquiries import due_after
from consultations.services.adverse import report
from consultations.services.enquiries import new_reference
from consultations.services.photos import hand_over


@transaction.atomic
def send_check_in(
    draft: EnquiryDraft,
    *,
    appointment: Appointment,
    words: str = "",
    language: str,
    actor: Actor,
    now: dt.datetime | None = None,
) -> Enquiry | AdverseEvent:
    """Turns a draft's photos, and what was written with them, into a check-in after this visit: or into a report to the
    adverse event they speak of. Nobody is written to: the page in front of them says what comes next.

    Raises Invalid without a photo (words of trouble need none), DomainError ``no_photos_here`` for a visit that takes
    none, ``already_sent`` for a draft that is gone, ``check_in_waits`` while one has no answer, ``event_full``.
    """
    now, words = now or timezone.now(), words.strip()
    if not takes_photos(appointment):
        raise DomainError("no_photos_here", _("Photos can be sent here after a treatment."))
    row = EnquiryDraft.objects.select_for_update().filter(pk=draft.pk).first()
    if row is None:
        raise DomainError("already_sent", _("This was sent already, or is no longer here."))
    patient = Patient.objects.select_for_update().get(pk=appointment.patient_id)
    in_trouble, photos = speaks_of_trouble(words), Photo.objects.filter(owner=row.ref).count()
    if not photos and not in_trouble:
        raise Invalid({"photos": [_("Add at least one photo.")]}, code="photo_missing")
    event = open_event_of(patient.pk)
    with acting(actor):
        if in_trouble or event:
            sent = report(
                patient,
                appointment=appointment,
                source=Source.PAGE,
                words=words,
                more={"photos": photos},
                act=EventAct.MORE if event else EventAct.REPORT,
                actor=actor,
                now=now,
            )
        elif waits(appointment):
            raise DomainError("check_in_waits", _("Your last photos wait for an answer. Please add to them."))
        else:
            sent = _open(appointment, patient, words=words, language=language, now=now)
            record("check_in.send", subject=sent.ref, actor=actor)
        hand_over(row, to=sent, kind=Photo.Kind.AFTER)
        row.delete()
    return sent


def _open(appointment: Appointment, patient: Patient, *, words: str, language: str, now: dt.datetime) -> Enquiry:
    enquiry = Enquiry.objects.create(
        reference=new_reference(),
        patient=patient,
        visit=appointment,
        language=language,
        wish="answer",
        content={"areas": list(appointment.areas.values_list("slug", flat=True)), "words": words},
        sent_at=now,
        waiting_since=now,
        due_at=due_after(now),
        touched_at=now,
    )
    EnquiryEntry.objects.create(enquiry=enquiry, number=1, act=Act.SENT, at=now)
    register_enquiry_link(enquiry, now=now)
    return enquiry
