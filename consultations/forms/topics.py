from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class TopicsForm(forms.Form):
    """What changed since the form, in the patient's words."""

    topics = forms.MultipleChoiceField(
        label=_("What has changed?"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick everything that is new. We then ask about it, and about nothing else."),
        error_messages={"required": _("Tick what has changed."), "invalid_choice": _("Tick only what is on the list.")},
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topics"].choices = choices
