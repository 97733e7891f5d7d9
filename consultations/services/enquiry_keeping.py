"""How long an enquiry is kept, and how it goes."""

import datetime as dt
import uuid

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.models import Appointment
from bookings.states import State
from clinic.audit.services import acting, erasing, record
from clinic.errors import DomainError, NotAllowed
from clinic.messaging.models import Message
from clinic.people.access import PRACTITIONER, SYSTEM, Actor
from clinic.people.models import Patient
from consultations.enquiry_links import revoke_enquiry_links
from consultations.models import Enquiry, Photo, Standing, Submission, TreatmentConsent
from consultations.services.enquiries import locked
from consultations.services.forgetting import forget_stranger
from consultations.services.photos import remove_photos

IDLE = dt.timedelta(days=30)
"""After so long without a word an answered enquiry counts as closed."""


def is_answered(enquiry: Enquiry) -> bool:
    return enquiry.entries.filter(by__isnull=False).exists()


def tells_of_trouble(enquiry: Enquiry) -> bool:
    """Whether it is a photo check-in whose words opened an adverse event."""
    return enquiry.is_check_in and bool(enquiry.urgency)


@transaction.atomic
def delete_own(enquiry_id: uuid.UUID, *, actor: Actor, now: dt.datetime | None = None) -> bool:
    """The patient wants it gone. Before any practitioner's word it goes at once, photos included, and with it the person
    if nothing else speaks of them; afterwards it is advice on record, and a practitioner is asked. So they are where it
    opened an adverse event, whose photos these are. True when it is gone.
    """
    enquiry = locked(enquiry_id)
    if not (is_answered(enquiry) or tells_of_trouble(enquiry)):
        _erase(enquiry, actor=actor)
        return True
    if enquiry.erasure_asked_at is None:
        with acting(actor):
            enquiry.erasure_asked_at = now or timezone.now()
            enquiry.save()
            record("enquiry.ask_erasure", subject=enquiry.ref, actor=actor)
    return False


@transaction.atomic
def erase_asked(enquiry_id: uuid.UUID, *, actor: Actor) -> None:
    """A practitioner follows the patient's wish. Raises DomainError ``not_asked``, or ``on_record`` for somebody who is
    treated here: what was advised then belongs to the clinical record."""
    if actor.kind != PRACTITIONER:
        raise NotAllowed
    enquiry = locked(enquiry_id)
    if enquiry.erasure_asked_at is None:
        raise DomainError("not_asked", _("The patient has not asked for this."))
    if has_record(enquiry.patient):
        raise DomainError(
            "on_record", _("This person is treated here: the advice belongs to their record and is kept.")
        )
    _erase(enquiry, actor=actor)


def tidy(*, now: dt.datetime) -> dict[str, int]:
    """Closes what nobody touched for 30 days, and deletes what was closed ENQUIRY_KEPT_DAYS ago, unless the person has
    become a patient with a record. Returns how many of each."""
    idle = Enquiry.objects.filter(standing__in=[Standing.ASKED, Standing.ANSWERED], touched_at__lt=now - IDLE)
    closed = idle.update(standing=Standing.CLOSED, closed_at=now)
    old = Enquiry.objects.filter(closed_at__lt=now - dt.timedelta(days=settings.ENQUIRY_KEPT_DAYS))
    deleted = 0
    for pk in list(old.values_list("pk", flat=True)):
        with transaction.atomic():
            enquiry = locked(pk)
            if not has_record(enquiry.patient):
                _erase(enquiry, actor=SYSTEM)
                deleted += 1
    return {"closed": closed, "deleted": deleted}


def has_record(patient: Patient) -> bool:
    """A form or consent on record, or a visit that took place."""
    return (
        Submission.objects.filter(patient=patient).exists()
        or TreatmentConsent.objects.filter(patient=patient).exists()
        or Appointment.objects.filter(patient=patient, state=State.DONE).exists()
    )


def _erase(enquiry: Enquiry, *, actor: Actor) -> None:
    """The caller holds the transaction and the row's lock."""
    with acting(actor):
        patient = enquiry.patient
        remove_photos(Photo.objects.filter(owner=enquiry.ref))
        revoke_enquiry_links(enquiry)
        Message.objects.filter(ref=enquiry.ref).delete()
        with erasing():
            enquiry.entries.all().delete()
        record("enquiry.erase", subject=enquiry.ref, actor=actor)
        enquiry.delete()
        forget_stranger(patient)
