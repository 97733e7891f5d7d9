"""“Something’s wrong”: what is noticed, then where and since when; and what staff write down about it."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.errors import Invalid
from clinic.people.models import Patient
from clinic.people.phones import normalise, spaced
from consultations.adverse_signs import EMERGENCY, SAME_DAY, SOON
from consultations.models import EventAct, EventOutcome, Severity
from treatments.models import Area

SINCE = [
    ("today", _("Today")),
    ("yesterday", _("Yesterday")),
    ("days", _("A few days ago")),
    ("week", _("A week ago or longer")),
]
ACTS = [
    (EventAct.CALL, _("Called")),
    (EventAct.ADVISE, _("Advised")),
    (EventAct.SEE, _("Saw the patient")),
    (EventAct.REFER, _("Referred")),
    (EventAct.NOTE, _("Note")),
]
SEVERITIES = [("", "–"), (Severity.MILD, _("Mild")), (Severity.MODERATE, _("Moderate")), (Severity.SEVERE, _("Severe"))]
OUTCOMES = [
    (EventOutcome.SETTLED, _("Settled")),
    (EventOutcome.MARKS, _("Settled, with lasting marks")),
    (EventOutcome.REFERRED, _("In others’ care")),
    (EventOutcome.EXPECTED, _("Expected course: no adverse event")),
]


def _signs(label: Any, group: dict) -> forms.MultipleChoiceField:
    field = forms.MultipleChoiceField(
        label=label, required=False, choices=list(group.items()), widget=forms.CheckboxSelectMultiple
    )
    field.needed_when_shown = True  # one sign of all groups is
    return field


class SignsForm(forms.Form):
    now = _signs(_("Do you have any of these now?"), EMERGENCY)
    today = _signs(_("Or one of these?"), SAME_DAY)
    soon = _signs(_("Or something that stays, or came later?"), SOON)

    def clean(self) -> dict[str, Any]:
        if not self.errors and not self.signs:
            self.add_error("soon", _("Choose at least one. If nothing fits, choose “Something else that worries me”."))
        return self.cleaned_data

    @property
    def signs(self) -> list[str]:
        return [sign for name in ("now", "today", "soon") for sign in self.cleaned_data.get(name, [])]


class MoreForm(forms.Form):
    zones = forms.MultipleChoiceField(label=_("Where is it?"), required=False, widget=forms.CheckboxSelectMultiple)
    since = forms.ChoiceField(label=_("Since when?"), required=False, choices=SINCE, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("In your own words"),
        required=False,
        max_length=3000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("What do you see or feel? What have you put on your skin since?"),
    )
    phone = forms.CharField(
        label=_("Where do we reach you now?"),
        required=False,
        max_length=40,
        help_text=_("Only if it is another number than the one we write to."),
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
    )

    def __init__(self, *args: Any, areas: list[Area], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["zones"].choices = [(area.slug, area.name) for area in areas]
        if len(areas) < 2:
            del self.fields["zones"]

    def clean_phone(self) -> str:
        return _phone(self.cleaned_data["phone"])


class CallForm(SignsForm):
    """What the front desk hears on the phone. The key makes it one report, however often the button is pressed."""

    words = forms.CharField(
        label=_("In the caller’s own words"),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 2, "dir": "auto"}),
        help_text=_("A practitioner reads this. Write what they say, not what you think it is."),
    )
    phone = forms.CharField(
        label=_("Number to call back"),
        max_length=40,
        widget=forms.TextInput({"type": "tel", "autocomplete": "off"}),
        error_messages={"required": _("Ask which number we reach them on now.")},
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, patient: Patient) -> None:
        self.patient = patient
        super().__init__(data, initial={"key": uuid.uuid4(), "phone": spaced(patient.phone) if patient.phone else ""})

    def clean_phone(self) -> str:
        """Empty where it is the number that we know."""
        number = _phone(self.cleaned_data["phone"])
        return "" if number == self.patient.phone else number


def _phone(typed: str) -> str:
    try:
        return normalise(typed) if typed.strip() else ""
    except Invalid as refusal:
        raise forms.ValidationError([str(one) for one in refusal.fields["phone"]]) from None


class ActForm(forms.Form):
    act = forms.ChoiceField(label=_("What was done?"), choices=ACTS, initial=EventAct.CALL)
    text = forms.CharField(
        label=_("What was said or done"),
        max_length=4000,
        widget=forms.Textarea({"rows": 4, "dir": "auto"}),
        error_messages={"required": _("Write what was said or done.")},
    )


class RecordForm(forms.Form):
    severity = forms.ChoiceField(label=_("Severity"), required=False, choices=SEVERITIES)
    onset = forms.DateField(label=_("Began on"), required=False, widget=forms.DateInput({"type": "date"}))
    device = forms.CharField(label=_("Device"), required=False, max_length=120)
    lot = forms.CharField(label=_("Lot"), required=False, max_length=120)
    regulator_told_on = forms.DateField(
        label=_("Reported to the authority on"), required=False, widget=forms.DateInput({"type": "date"})
    )


class CloseForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("How did it end?"),
        choices=OUTCOMES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how it ended.")},
    )
    text = forms.CharField(
        label=_("In a sentence"),
        max_length=2000,
        widget=forms.Textarea({"rows": 2, "dir": "auto"}),
        error_messages={"required": _("Write how it ended, in a sentence.")},
    )


class NewForm(SignsForm):
    """What staff write down that they heard or saw."""

    words = forms.CharField(
        label=_("What was reported"),
        max_length=4000,
        widget=forms.Textarea({"rows": 4, "dir": "auto"}),
        error_messages={"required": _("Write what was reported.")},
    )
