"""What somebody told us in an earlier form, to be confirmed instead of typed again."""

import datetime as dt
from dataclasses import dataclass

from bookings.models import Appointment
from bookings.states import ANSWERS_COUNT
from consultations.frame import areas_of, days_of, zone_of
from consultations.models import Submission
from consultations.questionnaire import Questionnaire, current
from consultations.questionnaire.asking import Page, questions_for
from consultations.questionnaire.definition import FULL, Kind


@dataclass(frozen=True)
class Known:
    """Answers of an earlier form that may be confirmed, by question, and the days they were given."""

    answers: dict[str, dict[str, str]]
    days: dict[str, dt.date]

    def on(self, page: Page, *, besides: dict[str, str]) -> list[str]:
        """The page's questions that have such an answer and none of today's."""
        return [one.id for one in page.questions if one.id in self.answers and one.id not in besides]

    def fields(self, questions: list[str]) -> dict[str, str]:
        return {name: value for question in questions for name, value in self.answers[question].items()}


def known_answers(appointment: Appointment, *, today: dt.date, questionnaire: Questionnaire | None = None) -> Known:
    """From this person's latest form for another visit; none that is older than 180 days, that asks about today, or that
    today's questionnaire does not know. Two queries.

    Whoever calls this has made sure that it is the person themselves: a name and a number are no proof.
    """
    questionnaire = questionnaire or current()
    earlier = (
        Submission.objects.filter(patient_id=appointment.patient_id)
        .exclude(appointment=appointment)
        .order_by("-submitted_at")
        .first()
    )
    if earlier is None or any(finding["rule"] == "identity.date_of_birth" for finding in earlier.findings):
        return Known({}, {})
    given, days = earlier.answers, days_of(earlier, zone_of(appointment))
    found: dict[str, dict[str, str]] = {}
    areas = areas_of(appointment)
    for question in questions_for(questionnaire, modality=appointment.modality.slug, areas=areas, stage=FULL):
        answer, on = given.get(question.id), days.get(question.id)
        if question.asked_afresh or answer is None or on is None or on + ANSWERS_COUNT < today:
            continue
        if question.kind == Kind.SINGLE and answer not in question.options:
            continue
        mine = {name: given[name] for name in question.fields if name in given}
        follow_up = question.follow_up
        if follow_up and follow_up.required and answer in follow_up.when and not mine.get(follow_up.id):
            continue
        found[question.id] = mine
    return Known(found, {name: days[name] for name in found})
