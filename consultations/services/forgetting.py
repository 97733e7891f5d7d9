"""Leaving no trace of somebody who could not be treated, and of forms that were never finished."""

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef

from bookings.models import Appointment, WaitingEntry
from bookings.services import lifecycle, waiting
from bookings.services.detaching import detach_patient
from bookings.states import CancelReason
from clinic.audit.services import acting, erasing
from clinic.messaging.models import Consent, Message
from clinic.messaging.plan import cancel_pending
from clinic.people.access import Actor
from clinic.people.models import Patient, SignInCode
from consultations.models import Draft, Enquiry, Permit, Plan, SharedAnswers, Submission, TreatmentConsent

UNBOOKED_KEPT = dt.timedelta(days=30)


@transaction.atomic
def turn_away(appointment: Appointment, *, actor: Actor | None, now: dt.datetime) -> Appointment:
    """Frees the time of somebody whose answers mean that this treatment can't be booked online.

    The appointment's row stays without a person. Draft, contact details and messages go, unless the person has another
    booking or a form on record. No message is sent: the page in front of them says why and what next.
    """
    with acting(actor):
        patient = appointment.patient
        appointment = lifecycle.cancel(appointment, reason=CancelReason.DECLINED, actor=actor, now=now)
        forget_answers(appointment)
        cancel_pending(appointment.ref)
        if patient and not has_history(patient, besides=appointment):
            appointment = detach_patient(appointment, actor=actor)
            forget_patient(patient)
    return appointment


def forget_answers(appointment: Appointment) -> None:
    """What was answered or shared for a visit that does not come about. The caller holds the transaction."""
    Draft.objects.filter(appointment=appointment).delete()
    SharedAnswers.objects.filter(appointment=appointment).delete()


def forget_patient(patient: Patient) -> None:
    """Deletes somebody nothing on record speaks of. The caller holds the transaction."""
    with erasing():
        Consent.objects.filter(patient=patient).delete()
        Message.objects.filter(patient=patient).delete()
        SignInCode.objects.filter(phone_index=patient.phone_index).delete()
        patient.delete()


def has_history(patient: Patient, *, besides: Appointment | None = None) -> bool:
    """A form or consent on record, any other booking, a plan, a question that was sent, or a place on the waiting list."""
    others = Appointment.objects.filter(patient=patient).exclude(pk=besides.pk if besides else None)
    return (
        Submission.objects.filter(patient=patient).exists()
        or TreatmentConsent.objects.filter(patient=patient).exists()
        or others.exists()
        or Enquiry.objects.filter(patient=patient).exists()
        or WaitingEntry.objects.filter(patient=patient).exists()
        or Permit.objects.filter(patient=patient).exists()
        or Plan.objects.filter(patient=patient).exists()
    )


def forget_stranger(patient: Patient) -> None:
    """Somebody left the waiting list and never came: nothing of them stays. The caller holds the transaction."""
    if not has_history(patient):
        forget_patient(patient)


def register() -> None:
    waiting.on_gone.append(forget_stranger)


@transaction.atomic
def forget_unbooked(*, now: dt.datetime) -> int:
    """Deletes drafts of visits that are gone, 30 days after the last touch, and what was shared for a consultation that
    did not come about, at once. Returns how many."""
    live = Appointment.objects.filter(pk=OuterRef("appointment_id")).exclude(state__in=["cancelled", "lapsed"])
    old = Draft.objects.filter(updated_at__lt=now - UNBOOKED_KEPT).exclude(Exists(live))
    for_nothing = SharedAnswers.objects.filter(appointment__state__in=["cancelled", "lapsed"])
    return old.delete()[0] + for_nothing.delete()[0]
