"""What the questionnaire's forms share: dates and texts that belong to an answer, and its own check of a page."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.errors import Invalid
from clinic.ui.fields import DatePartsField
from consultations.questionnaire import texts
from consultations.questionnaire.asking import Page
from consultations.questionnaire.definition import Kind, Question, Questionnaire
from consultations.questionnaire.validation import MAX_TEXT, validate_answers

DATE_HINT = _("For example 27 3 2026. If you don't know the day, the nearest one will do.")


class OpeningRadios(forms.RadioSelect):
    """Marks the answers that open a further question, so that the style sheet can show it only then."""

    opens: tuple[str, ...] = ()

    def create_option(self, name, value, *args, **kwargs) -> dict:
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.opens:
            option["attrs"]["data-opens"] = True
        return option


class QuestionPage(forms.Form):
    """One page of the questionnaire. ``page_answers`` holds plain JSON values once the form is valid."""

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        page: Page,
        questionnaire: Questionnaire,
        frame: Mapping[str, Any],
        stage: str,
        language: str,
        answers: Mapping[str, str],
    ) -> None:
        """``frame``: modality, areas and today, as ``validate_answers`` takes them; ``answers``: given before."""
        super().__init__(data, initial=self._initial(page, answers))
        self.page, self.questionnaire, self.frame, self.stage, self.language = (
            page,
            questionnaire,
            frame,
            stage,
            language,
        )
        self.answers = dict(answers)
        self.page_answers: dict[str, str] = {}

    def _initial(self, page: Page, answers: Mapping[str, str]) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for question in page.questions:
            for name in question.fields:
                if name in answers:
                    given[name] = _shown(question, name, answers[name])
        return given

    def add_follow_up(self, question: Question) -> None:
        if follow_up := question.follow_up:
            words = {"language": self.language, "questionnaire": self.questionnaire}
            label = texts.follow_up_text(question.id, **words)
            hint = texts.follow_up_hint(question.id, **words)
            self.fields[follow_up.id] = answer_field(follow_up.kind, label=label, hint=hint, needed=False)
            self.fields[follow_up.id].needed_when_shown = follow_up.required

    def check(self, given: Mapping[str, Any]) -> None:
        """Hands the page to the questionnaire's own check and takes its sentences to the fields."""
        known = {name: value for name, value in self.answers.items() if name not in self.page.fields}
        try:
            clean = validate_answers(
                self.questionnaire,
                answers=known | {name: value for name, value in given.items() if value is not None},
                stage=self.stage,
                only=[question.id for question in self.page.questions],
                **self.frame,
            )
        except Invalid as refusal:
            for name, sentences in refusal.fields.items():
                if name not in self.errors:
                    self.add_error(name if name in self.fields else None, [str(sentence) for sentence in sentences])
            return
        asked = {name: value for name, value in clean.as_json().items() if name in self.page.fields}
        self.page_answers = asked

    def follow_ups_that_count(self, given: dict[str, Any], cleaned: Mapping[str, Any]) -> dict[str, Any]:
        """Adds the follow-ups of the answers given; those of other answers are left behind, as the page hides them."""
        for question in self.page.questions:
            follow_up = question.follow_up
            if follow_up and given.get(question.id) in follow_up.when and follow_up.id in cleaned:
                given[follow_up.id] = cleaned[follow_up.id]
        return given


def answer_field(kind: Kind, *, label: str, hint: str, needed: bool = True) -> forms.Field:
    if kind == Kind.DATE:
        return DatePartsField(label=label, help_text=hint or DATE_HINT, required=needed)
    return forms.CharField(label=label, help_text=hint, required=needed, max_length=MAX_TEXT)


def _shown(question: Question, name: str, value: str) -> Any:
    kind = question.follow_up.kind if question.follow_up and name == question.follow_up.id else question.kind
    if kind != Kind.DATE:
        return value
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None
