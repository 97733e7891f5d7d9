"""A page of the rest of the form: one question after the other, each with its answers as cards."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django import forms
from django.forms import BoundField

from consultations.forms.asked import OpeningRadios, QuestionPage, answer_field
from consultations.questionnaire import texts
from consultations.questionnaire.definition import DATE_OF_BIRTH, Kind, Question
from consultations.questionnaire.validation import CHOOSE, MAX_TEXT


class Row(NamedTuple):
    question: BoundField
    follow_up: BoundField | None


class QuestionsForm(QuestionPage):
    def __init__(self, data: Mapping[str, Any] | None, **page: Any) -> None:
        super().__init__(data, **page)
        for question in self.page.questions:
            self.fields[question.id] = self._field(question)
            self.add_follow_up(question)

    def _field(self, question: Question) -> forms.Field:
        words = {"language": self.language, "questionnaire": self.questionnaire}
        label, hint = texts.question_text(question.id, **words), texts.question_hint(question.id, **words)
        if question.kind == Kind.SINGLE:
            field = forms.ChoiceField(
                label=label,
                help_text=hint,
                choices=texts.option_labels(question.id, **words),
                widget=OpeningRadios,
                error_messages={"required": CHOOSE},
            )
            field.widget.opens = question.follow_up.when if question.follow_up else ()
            return field
        if question.kind == Kind.TEXT:
            box = forms.Textarea({"rows": 3})
            return forms.CharField(label=label, help_text=hint, required=False, max_length=MAX_TEXT, widget=box)
        field = answer_field(question.kind, label=label, hint=hint)
        if question.id == DATE_OF_BIRTH:
            for part, box in zip(("day", "month", "year"), field.widget.widgets, strict=True):
                box.attrs["autocomplete"] = f"bday-{part}"
        return field

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        given = {question.id: cleaned.get(question.id) for question in self.page.questions}
        self.check(self.follow_ups_that_count(given, cleaned))
        return cleaned

    def rows(self) -> Iterator[Row]:
        for question in self.page.questions:
            yield Row(self[question.id], self[question.follow_up.id] if question.follow_up else None)
