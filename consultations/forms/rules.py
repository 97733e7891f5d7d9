from django import forms
from django.utils.translation import gettext_lazy as _


class SignForm(forms.Form):
    """A clinician's name under the rules."""

    version = forms.CharField(widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Your full name"),
        max_length=160,
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": _("Write the name of the clinician who signs.")},
    )
    read = forms.BooleanField(
        label=_("I have read every line, and stand for these rules in this clinic."),
        error_messages={"required": _("Tick that you have read every line.")},
    )
