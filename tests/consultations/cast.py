"""Forms and submissions on top of the small clinic of the bookings tests."""

import datetime as dt

from consultations.demo.loader import quiet_answers
from consultations.frame import areas_of
from consultations.selectors.questionnaire import published_version
from consultations.services import intake
from tests.bookings.cast import NOW, make_patient, reserved

BORN = dt.date(1991, 4, 2)


def answers_for(row, **other):
    return quiet_answers(row.modality.slug, areas_of(row), born=BORN, **other)


def submit(row, *, now=NOW, **other):
    """The form of a reserved appointment, quiet but for ``other``."""
    return intake.submit(
        row, answers=answers_for(row, **other), version=published_version().version, language="en", now=now
    )


def submitted(start="2027-03-08 10:00", modality="pen", *, now=NOW, areas=("face",), **other):
    """A reserved appointment whose form is in: (appointment, submission, verdict)."""
    row = reserved(start, modality, areas=areas, patient=make_patient(date_of_birth=BORN), now=now)
    submission, verdict = submit(row, now=now, **other)
    row.refresh_from_db()
    return row, submission, verdict
