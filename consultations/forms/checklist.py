"""A page of the short set: sentences to tick, and "None of these"."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django import forms
from django.forms import BoundField

from clinic.errors import Invalid
from clinic.ui.shown import Choice, Shown
from consultations.forms.asked import QuestionPage
from consultations.questionnaire import texts
from consultations.questionnaire.asking import Page
from consultations.questionnaire.checklist import NONE, TICK_SOMETHING, answers_from, items, ticked_from


class Ticks(forms.CheckboxSelectMultiple):
    opens: frozenset[str] = frozenset()

    def create_option(self, name, value, *args, **kwargs) -> dict:
        option = super().create_option(name, value, *args, **kwargs)
        if value in self.opens:
            option["attrs"]["data-opens"] = True
        return option


class Asked(NamedTuple):
    """One question's sentences, its hint, and the field that some of them open."""

    hint: str
    choices: list[Choice]
    follow_up: BoundField | None


class ChecklistForm(QuestionPage):
    def __init__(self, data: Mapping[str, Any] | None, **page: Any) -> None:
        super().__init__(data, **page)
        words = texts.checklist_words(self.language, questionnaire=self.questionnaire)
        self.items = items(self.page, self.language, questionnaire=self.questionnaire)
        choices = [(item.value, item.label) for item in self.items] + [(NONE, words["none"])]
        field = forms.MultipleChoiceField(
            label=words["prompt"], choices=choices, widget=Ticks, error_messages={"required": TICK_SOMETHING}
        )
        field.widget.opens = frozenset(item.value for item in self.items if item.follow_up)
        field.exclusive = {NONE}
        self.fields["ticks"] = field
        for question in self.page.questions:
            self.add_follow_up(question)

    def _initial(self, page: Page, answers: Mapping[str, str]) -> dict[str, Any]:
        return super()._initial(page, answers) | {"ticks": ticked_from(page, dict(answers))}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "ticks" in cleaned:
            try:
                given = self.follow_ups_that_count(answers_from(self.page, cleaned["ticks"]), cleaned)
            except Invalid as refusal:
                self.add_error("ticks", [str(one) for found in refusal.fields.values() for one in found])
            else:
                self.check(given)
        return cleaned

    @property
    def shown(self) -> Shown:
        return Shown(self["ticks"])

    def asked(self) -> Iterator[Asked]:
        """For the template: question by question, "None of these" apart (``none``)."""
        drawn = {item.value: choice for item, choice in zip(self.items, self.shown.choices, strict=False)}
        for question in self.page.questions:
            hint = texts.question_hint(question.id, self.language, questionnaire=self.questionnaire)
            mine = [drawn[item.value] for item in self.items if item.question == question.id]
            yield Asked(hint, mine, self[question.follow_up.id] if question.follow_up else None)

    @property
    def none(self) -> Choice:
        return list(self.shown.choices)[-1]
