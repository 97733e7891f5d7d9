"""Forms and submissions on top of the small clinic of the bookings tests."""

import datetime as dt

from consultations import journey
from consultations.consent_words import consent_words
from consultations.demo.loader import quiet_answers
from consultations.frame import areas_of
from consultations.selectors.questionnaire import published_version
from consultations.services import intake
from consultations.services.consent import give_consent
from tests.bookings.cast import NOW, make_patient, reserved

BORN = dt.date(1991, 4, 2)


def answers_for(row, **other):
    return quiet_answers(row.modality.slug, areas_of(row), born=BORN, **other)


def submit(row, *, now=NOW, **other):
    """The form of a reserved appointment, quiet but for ``other``."""
    return intake.submit(
        row, answers=answers_for(row, **other), version=published_version().version, language="en", now=now
    )


def agree(row, *, now=NOW):
    """Signs the consent, where there is one, and lets the visit go on: the visit as it is then."""
    if journey.wants_consent(row):
        words = consent_words(row.modality.slug, "en")
        give_consent(row, version=words.version, typed_name="Elif Aydın", language="en", now=now)
    row.refresh_from_db()
    journey.settle(row, now=now)
    row.refresh_from_db()
    return row


def booked(patient, start, modality="pen", *, now=NOW, **other):
    """A visit whose path is walked to its end; a form that ends it needs no consent."""
    row = reserved(start, modality, patient=patient, now=now)
    submit(row, now=now, **other)
    row.refresh_from_db()
    return row if row.state == "cancelled" else agree(row, now=now)


def submitted(start="2027-03-08 10:00", modality="pen", *, now=NOW, areas=("face",), **other):
    """A reserved appointment whose form is in: (appointment, submission, verdict)."""
    row = reserved(start, modality, areas=areas, patient=make_patient(date_of_birth=BORN), now=now)
    submission, verdict = submit(row, now=now, **other)
    row.refresh_from_db()
    return row, submission, verdict
