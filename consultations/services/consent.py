"""Consent to one visit: the exact words, the typed name, the time, the separate photo choices; and taking it back."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.models import Appointment
from bookings.services import lifecycle
from bookings.services.reflecting import record_reflection
from clinic.audit.services import acting, record
from clinic.errors import DomainError, Invalid
from clinic.people.access import Actor
from consultations.consent_words import consent_words
from consultations.models import Choice, ConsentText, ConsentWithdrawal, TreatmentConsent
from consultations.standing import TAKES_FORM


@transaction.atomic
def give_consent(
    appointment: Appointment,
    *,
    version: str,
    typed_name: str,
    language: str,
    photos: bool = False,
    teaching: bool = False,
    publicity: bool = False,
    actor: Actor | None = None,
    now: dt.datetime | None = None,
) -> TreatmentConsent:
    """Raises DomainError ``stale_consent`` when the words have changed since they were read, ``wrong_state`` when the
    visit is over or gone, Invalid without a name.
    """
    words = consent_words(appointment.modality.slug, language)
    if version != words.version:
        raise DomainError(
            "stale_consent",
            _("The text has changed since you opened it. Please read it once more."),
            extra={"version": words.version},
        )
    if len(typed_name.split()) < 1 or len(typed_name.strip()) < 2:
        raise Invalid({"name": [_("Type your full name to agree.")]})
    if appointment.patient_id is None:
        raise DomainError("details_missing", _("Please give your name and phone number first."))
    if lifecycle.locked(appointment).state not in TAKES_FORM:
        raise DomainError("wrong_state", _("This visit is over or cancelled. There is nothing to agree to any more."))
    with acting(actor):
        text, _created = ConsentText.objects.get_or_create(
            text_hash=words.hash,
            defaults={
                "version": words.version,
                "modality": appointment.modality.slug,
                "language": words.language,
                "body": words.body,
            },
        )
        consent = TreatmentConsent.objects.create(
            appointment=appointment,
            patient_id=appointment.patient_id,
            text=text,
            typed_name=typed_name.strip(),
            photos=photos,
            teaching=teaching,
            publicity=publicity,
            given_at=now or timezone.now(),
        )
        record("consent.give", subject=appointment.ref, actor=actor, detail={"version": words.version})
        record_reflection(appointment, ends=_first_day(appointment), actor=actor)
    return consent


@transaction.atomic
def withdraw(
    appointment: Appointment, *, choice: str, actor: Actor | None = None, now: dt.datetime | None = None
) -> None:
    """Takes back what was agreed to for this visit; once more changes nothing.

    Without consent to the treatment the step is open again, and nobody is checked in. Raises Invalid for an unknown
    choice, DomainError ``wrong_state`` for the treatment once it has begun.
    """
    if choice not in Choice.values:
        raise Invalid({"choice": [_("Choose what you want to take back.")]})
    row = lifecycle.locked(appointment)
    if choice == Choice.TREATMENT and row.state not in TAKES_FORM:
        raise DomainError("wrong_state", _("This visit has begun or is over. Please talk to us about it."))
    with acting(actor):
        given = row.consents.exclude(withdrawals__choice=choice)
        if choice != Choice.TREATMENT:
            given = given.filter(**{choice: True})
        for consent in given:
            ConsentWithdrawal.objects.create(consent=consent, choice=choice, withdrawn_at=now or timezone.now())
            record("consent.withdraw", subject=row.ref, actor=actor, detail={"choice": choice})
        if choice == Choice.TREATMENT:
            record_reflection(row, ends=None, actor=actor)


def _first_day(appointment: Appointment) -> dt.date | None:
    """After the treatment's time to think, which runs from the first consent to the same words that still stands."""
    days = appointment.modality.reflection_days
    if not days:
        return None
    latest = appointment.consents.order_by("given_at").last()
    same = TreatmentConsent.objects.filter(patient_id=appointment.patient_id, text_id=latest.text_id)
    first = same.exclude(withdrawals__choice=Choice.TREATMENT).order_by("given_at").first()
    return first.given_at.astimezone(ZoneInfo(appointment.location.timezone)).date() + dt.timedelta(days=days)
