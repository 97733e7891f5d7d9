"""Which questions a change since the form opens again. Pure.

Exactly the questions of the topics that were named, and those whose earlier answer began a wait on the day it was given
(sore spots: 28 days): kept, such a wait would begin anew today, or be over without anybody having looked.
"""

import datetime as dt
from collections.abc import Collection, Mapping

from consultations.questionnaire.asking import groups_of, questions_for
from consultations.questionnaire.definition import FULL, TODAY, Question, Questionnaire, Topic


def topics_for(questionnaire: Questionnaire, *, modality: str, areas: Mapping[str, str]) -> list[Topic]:
    """What may have changed, as far as this visit asks about it."""
    asked = {one.id for one in questions_for(questionnaire, modality=modality, areas=areas, stage=FULL)}
    return [topic for topic in questionnaire.topics if asked.intersection(topic.questions)]


def reopened_by(
    questionnaire: Questionnaire,
    topics: Collection[str],
    *,
    modality: str,
    areas: Mapping[str, str],
    answers: Mapping[str, str],
) -> list[str]:
    """Ids of the questions to ask again, in the order of the form."""
    named = {question for topic in questionnaire.topics if topic.id in topics for question in topic.questions}
    groups = groups_of(questionnaire, modality=modality, areas=areas)
    return [
        question.id
        for question in questions_for(questionnaire, modality=modality, areas=areas, stage=FULL)
        if question.id in named
        or question.id not in answers
        or _began_a_wait(questionnaire, question, answers[question.id], modality, groups)
    ]


def _began_a_wait(
    questionnaire: Questionnaire, question: Question, answer: str, modality: str, groups: frozenset[str]
) -> bool:
    return any(
        rule.answer == answer and rule.counted_from == TODAY and rule.steps[0].ends and rule.is_for(modality, groups)
        for rule in questionnaire.rules_of[question.id]
    )


def answered_on(
    questions: Collection[Question],
    *,
    answers: Mapping[str, str],
    earlier: Mapping[str, str] | None,
    days: Mapping[str, dt.date],
    reopened: Collection[str] | None,
    today: dt.date,
) -> dict[str, dt.date]:
    """Question → the day it was answered: an earlier day (``days``) for what was not opened again and stayed as it was.

    ``reopened`` is None for a form that was filled in as a whole.
    """
    if earlier is None or reopened is None:
        return {one.id: today for one in questions}
    return {
        one.id: days.get(one.id, today)
        if one.id not in reopened and all(answers.get(name) == earlier.get(name) for name in one.fields)
        else today
        for one in questions
    }
