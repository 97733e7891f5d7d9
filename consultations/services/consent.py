"""Consent to one visit: the exact words, the typed name, the time, and the separate photo choices."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.models import Appointment
from bookings.services import lifecycle
from clinic.audit.services import acting, record
from clinic.errors import DomainError, Invalid
from clinic.people.access import Actor
from consultations.consent_words import consent_words
from consultations.models import ConsentText, TreatmentConsent
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
            given_at=now or timezone.now(),
        )
        record("consent.give", subject=appointment.ref, actor=actor, detail={"version": words.version})
    return consent
