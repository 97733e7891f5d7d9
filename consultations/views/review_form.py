from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consultations.models import Decision

CHOICES = [
    (Decision.APPROVE, _("Approve")),
    (Decision.PRECAUTIONS, _("Approve with precautions")),
    (Decision.ASK, _("Ask a question")),
    (Decision.DEFER, _("Not before a date")),
    (Decision.DECLINE, _("Decline")),
]


class Keyed(forms.RadioSelect):
    """Keys 1 to 5, in the order shown."""

    def create_option(self, name, value, label, selected, index, **kwargs) -> dict:
        option = super().create_option(name, value, label, selected, index, **kwargs)
        option["attrs"] |= {"data-key": str(index + 1), "aria-keyshortcuts": str(index + 1)}
        return option


class DecisionForm(forms.Form):
    """One of five decisions. Which of the other fields a decision needs is the service's rule, not the form's."""

    decision = forms.ChoiceField(label=_("Decision"), choices=CHOICES, widget=Keyed)
    precautions = forms.CharField(
        label=_("Precautions for the visit"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Colleagues see this on the day."),
    )
    question_id = forms.ChoiceField(
        label=_("Ask a question of the form again"),
        required=False,
        help_text=_("Only this question opens for them; what they answer comes back as a new form."),
    )
    question = forms.CharField(
        label=_("Or a question in your own words"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The patient answers it behind their link."),
    )
    bookable_from = forms.DateField(
        label=_("Not before"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For the record. Needed to defer or decline; the patient does not see it."),
    )
    patient_text = forms.CharField(
        label=_("Words for the patient"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Leave it empty to send the words above. Shown on their page, never in the message itself."),
    )
    override = forms.BooleanField(
        label=_("I decide against the no of a rule or a colleague, and have written why."), required=False
    )
    desk_note = forms.CharField(
        label=_("Note for the front desk"),
        required=False,
        max_length=160,
        help_text=_("For example: allow 15 minutes more. Nothing about health."),
    )
    seen = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, questions: list[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["question_id"].choices = [("", _("None: I write my own")), *questions]
