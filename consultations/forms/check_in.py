"""Words that go with photos after a treatment."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CheckInForm(forms.Form):
    words = forms.CharField(
        label=_("How does your skin look to you?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("A sentence is enough. You may also leave this out."),
    )
