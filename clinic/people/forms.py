from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class SignInForm(AuthenticationForm):
    """Email and password; one sentence for every wrong pair, so that nobody learns which accounts exist."""

    username = forms.EmailField(
        label=_("Email"), widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    error_messages = {
        "invalid_login": _("That email and password do not belong together. Check both and try again."),
        "inactive": _("That email and password do not belong together. Check both and try again."),
    }

    def clean_username(self) -> str:
        return self.cleaned_data["username"].casefold()
