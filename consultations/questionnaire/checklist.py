"""A page of the short set as one list to tick: each answer that matters as a sentence, and "None of these".

Fewer taps than a row of radio buttons for each question, with the same answers behind it. The server holds the rule
that "None of these" goes alone and that a page without any tick is not an answer: silence is never read as "no".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from clinic.errors import Invalid

from . import texts
from .asking import Page
from .definition import Questionnaire

NONE = "none"

TICK_SOMETHING = _("Tick what is true for you, or “None of these”.")
NONE_GOES_ALONE = _("“None of these” goes alone. Untick it, or untick the others.")
ONE_OF_THESE = _("Two of these answer the same question. Keep the more serious one.")
NOT_ON_THE_LIST = _("Tick only what is on the list.")


@dataclass(frozen=True, slots=True)
class Item:
    """One line to tick. ``value`` is "question:option"; ``follow_up`` names the field to show with it, or ""."""

    value: str
    label: str
    question: str
    option: str
    follow_up: str = ""


def items(page: Page, language: str, *, questionnaire: Questionnaire | None = None) -> list[Item]:
    """What can be ticked on a page of the short set; "None of these" (value "none") comes after them."""
    return [
        Item(
            value=f"{question.id}:{option}",
            label=texts.statement(question.id, option, language, questionnaire=questionnaire),
            question=question.id,
            option=option,
            follow_up=question.follow_up.id if question.follow_up and option in question.follow_up.when else "",
        )
        for question in page.questions
        for option in question.options
        if option not in question.fine
    ]


def answers_from(page: Page, ticked: Iterable[str]) -> dict[str, str]:
    """The answers that the ticks stand for: a question without a tick gets its fine option.

    Raises ``Invalid`` (field: the page's id) for no tick, a tick beside "none", two answers to one question, or a
    value that is not on the page. Follow-up fields come straight from the request; ``validate_answers`` checks them.
    """
    chosen = list(dict.fromkeys(ticked))
    if not chosen:
        raise Invalid({page.id: [TICK_SOMETHING]})
    if NONE in chosen and len(chosen) > 1:
        raise Invalid({page.id: [NONE_GOES_ALONE]})
    answers = {question.id: question.fine[0] for question in page.questions}
    if chosen == [NONE]:
        return answers
    allowed = {
        f"{q.id}:{option}": (q.id, option) for q in page.questions for option in q.options if option not in q.fine
    }
    given: dict[str, str] = {}
    for value in chosen:
        if value not in allowed:
            raise Invalid({page.id: [NOT_ON_THE_LIST]})
        question, option = allowed[value]
        if question in given:
            raise Invalid({page.id: [ONE_OF_THESE]})
        given[question] = option
    return answers | given


def ticked_from(page: Page, answers: dict[str, str]) -> list[str]:
    """The ticks that stand for earlier answers, to show a page again."""
    given = [(question, answers.get(question.id)) for question in page.questions]
    if any(answer is None for _question, answer in given):
        return []
    return [f"{question.id}:{answer}" for question, answer in given if answer not in question.fine] or [NONE]
