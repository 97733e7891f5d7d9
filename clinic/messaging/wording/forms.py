"""The owner's forms: a text, a moment, the quiet hours."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.messaging.wording.rules import LONGEST, LONGEST_SUBJECT
from clinic.messaging.wording.timings import Moment, Rule

NUMBER = _("Write a whole number.")


class TextForm(forms.Form):
    """Nothing is checked here but that something came: the rules are the service's, and what was typed is kept."""

    subject = forms.CharField(
        label=_("Subject of an email"), required=False, strip=False, max_length=2 * LONGEST_SUBJECT
    )
    body = forms.CharField(
        label=_("Text"),
        required=False,
        strip=False,
        max_length=4 * LONGEST,
        help_text=_(
            "At most 600 characters. It may show on a locked phone: no treatment, no area, nothing about health."
        ),
        widget=forms.Textarea({"rows": 8}),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *given: Any, language: str, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["body"].needed_when_shown = True
        for name in ("subject", "body"):
            direction = "rtl" if language == "ar" else "ltr"
            self.fields[name].widget.attrs |= {"lang": language, "dir": direction, "spellcheck": "true"}


class TimingForm(forms.Form):
    amount = forms.IntegerField(
        label=_("How long"), required=False, min_value=0, max_value=9999,
        error_messages={"invalid": NUMBER, "min_value": NUMBER, "max_value": NUMBER},
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )  # fmt: skip
    unit = forms.ChoiceField(label=_("Hours or days"), choices=[("hours", _("hours")), ("days", _("days"))])
    off = forms.BooleanField(label=_("Don’t send it"), required=False)
    step = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, rule: Rule, moment: Moment | None) -> None:
        shown = moment or rule.default
        initial = {"amount": shown.amount, "unit": shown.unit, "off": moment is None, "step": rule.step}
        super().__init__(data, initial=initial, auto_id=f"timing_{rule.step or 'only'}_%s")
        self.fields["amount"].needed_when_shown = True
        if rule.needed:
            del self.fields["off"]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("off") and data.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", NUMBER)
        return data

    @property
    def moment(self) -> Moment | None:
        data = self.cleaned_data
        return None if data.get("off") else Moment(data["amount"], data["unit"])


class QuietForm(forms.Form):
    start = forms.TimeField(
        label=_("From"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages={"required": _("Write a time, such as 21:00."), "invalid": _("Write a time, such as 21:00.")},
    )  # fmt: skip
    end = forms.TimeField(
        label=_("Until"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages={"required": _("Write a time, such as 08:00."), "invalid": _("Write a time, such as 08:00.")},
    )  # fmt: skip
