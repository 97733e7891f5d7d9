import datetime as dt

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from clinic.crypto.search import blind_index
from clinic.errors import TooMany
from clinic.messaging import limits
from clinic.proxies import address_of

PER_ACCOUNT, PER_ADDRESS, WINDOW = 10, 50, dt.timedelta(minutes=15)
"""Tries to sign in: for one account from anywhere, and from one network address (a clinic shares one)."""


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

    def clean(self) -> dict:
        """Counts each try before the password is looked at, so that guessing in parallel counts in full."""
        if settings.RATE_LIMITS and not self._may_try():
            raise forms.ValidationError(TooMany().message, code="too_many")
        return super().clean()

    def _may_try(self) -> bool:
        account = blind_index("sign-in", self.cleaned_data.get("username", ""))
        address = blind_index("address", address_of(self.request))
        return all(
            [
                limits.take(f"sign-in:account:{account}", limit=PER_ACCOUNT, window=WINDOW),
                limits.take(f"sign-in:address:{address}", limit=PER_ADDRESS, window=WINDOW),
            ]
        )
