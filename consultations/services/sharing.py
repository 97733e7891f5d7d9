"""Answers given for a treatment, carried into a consultation because the person ticked that they want to."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from bookings.models import Appointment
from consultations.first_look import verdict_so_far
from consultations.models import SharedAnswers
from consultations.own_findings import as_stored
from consultations.questionnaire import current
from consultations.questionnaire.asked import in_words
from consultations.questionnaire.asking import pages, questions_for
from consultations.questionnaire.definition import FULL, SHORT
from consultations.selectors.questionnaire import published_version
from treatments.models import Offer


@dataclass(frozen=True)
class Sharing:
    """The treatment they had wished for (a slug), and the areas they want to talk about: slug → group."""

    wish: str
    areas: Mapping[str, str]


def answers_of(answers: Mapping[str, str], *, modality: str, areas: Mapping[str, str]) -> dict[str, str]:
    """Of the answers in a browser, those that this treatment asks for. Pure."""
    frame = {"modality": modality, "areas": areas}
    asked = (question for stage in (SHORT, FULL) for question in questions_for(current(), stage=stage, **frame))
    fields = {name for question in asked for name in question.fields}
    return {name: value for name, value in answers.items() if name in fields}


def share_answers(
    appointment: Appointment,
    *,
    sharing: Sharing,
    answers: Mapping[str, str],
    today: dt.date,
    language: str,
    now: dt.datetime | None = None,
) -> SharedAnswers | None:
    """Seals what was answered so far and what the rules find in it, with the consultation. None without an answer.

    The caller holds the transaction. A short set that ended at the first page is shared as far as it went.
    """
    areas = _areas_of(sharing)
    frame = {"modality": sharing.wish, "areas": areas}
    given = answers_of(answers, **frame)
    asked = [one for one in questions_for(current(), stage=FULL, **frame) if one.id in given]
    told = in_words(current(), asked, given, language=language)
    if not told:
        return None
    short = pages(current(), stage=SHORT, **frame)
    verdict = verdict_so_far(current(), pages=short, answers=given, today=today, **frame)
    findings = [one for one in verdict.findings if one.question in given] if verdict else []
    return SharedAnswers.objects.create(
        appointment=appointment,
        questionnaire=published_version(),
        modality=sharing.wish,
        areas=list(areas),
        language=language,
        as_asked=told,
        findings=[as_stored(one, language) for one in findings],
        shared_at=now or timezone.now(),
    )


def _areas_of(sharing: Sharing) -> dict[str, str]:
    """Those of the consultation on which the treatment is given; all of the treatment's where there is none."""
    offered = dict(Offer.objects.filter(modality__slug=sharing.wish).values_list("area__slug", "area__group"))
    return {slug: group for slug, group in offered.items() if slug in sharing.areas} or offered
