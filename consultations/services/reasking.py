"""One question of the form asked again: only it is open, everything else stays as it was answered."""

from bookings.models import Appointment
from clinic.errors import Invalid
from consultations.models import Draft
from consultations.questionnaire import current


def reask(appointment: Appointment, *, question: str) -> Draft:
    """Opens the question for the patient, behind their link. The caller holds the appointment's lock.

    What they send then is a new form: screened whole, and never better silently. Where they are saying already what
    has changed, it is one more of those questions; where they have still to say what it was, it joins them then.
    """
    latest = appointment.submissions.order_by("-number").first()
    if question not in {line["id"] for line in latest.as_asked} or question not in current().question:
        raise Invalid({"question_id": ["This form has no such question."]})
    draft = Draft.objects.filter(appointment=appointment).first()
    draft = draft or Draft(appointment=appointment, answers=latest.answers, reopened=[question])
    draft.answers = {
        name: value
        for name, value in draft.answers.items()
        if name in current().owner_of_field and current().owner_of_field[name].id != question
    }
    if draft.reopened and question not in draft.reopened:
        draft.reopened = [*draft.reopened, question]
    draft.save()
    return draft
