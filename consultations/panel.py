"""What the front desk sees of form, consent, course, review and worries: how they stand, never what was answered."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from bookings import panels
from bookings.models import Appointment
from bookings.panels import PanelLine
from consultations import journey
from consultations.adverse_words import standing_words
from consultations.models import ReviewDecision, SharedAnswers
from consultations.selectors.adverse_standing import standing_of
from treatments.selectors import CONSULTATION


def lines(appointment: Appointment) -> Iterator[PanelLine]:
    """A worry that is open, form, consent, what was shared for a consultation, and a practitioner's note for the desk.

    Four queries; one more in a course, and while nobody has looked at a worry.
    """
    if appointment.patient_id and (standing := standing_of(appointment.patient_id)):
        url = reverse("events:reported", args=[appointment.patient_id])
        said = standing_words(standing)
        yield PanelLine(_("After a treatment"), said, "warn", url=url, policy="event.report")
    done = journey.has_form(appointment)
    yield PanelLine(_("Health form"), _("Complete") if done else _("Not finished"), "ok" if done else "warn")
    if journey.wants_consent(appointment):
        given, missing = journey.has_consent(appointment), _("Still missing")
        if not given and journey.took_consent_back(appointment):
            missing = _("Taken back by the patient")
        yield PanelLine(_("Consent"), _("Given") if given else missing, "ok" if given else "warn")
    if appointment.course_id:
        said = _("%(number)s of %(count)s") % {"number": appointment.session, "count": appointment.course.sessions}
        yield PanelLine(_("Session"), said, "grey", reverse("desk:course", args=[appointment.course_id]))
    if appointment.modality.slug == CONSULTATION and SharedAnswers.objects.filter(appointment=appointment).exists():
        url = reverse("review:shared", args=[appointment.pk])
        yield PanelLine(_("Shared by the patient"), _("Read their answers"), "grey", url=url, policy="review.read")
    decision = (
        ReviewDecision.objects.filter(submission__appointment=appointment)
        .standing()
        .select_related("decided_by")
        .only("desk_note", "decided_by__name")
        .order_by("-decided_at")
        .first()
    )
    if decision and decision.desk_note:
        yield PanelLine(_("Note from %(who)s") % {"who": decision.decided_by.name}, decision.desk_note, "grey")


def register() -> None:
    panels.register(lines)
