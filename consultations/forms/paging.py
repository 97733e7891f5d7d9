"""The number on which somebody is paged."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class NumberForm(forms.Form):
    """``whose`` keeps several forms of one page apart."""

    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=40,
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
        error_messages={"required": _("Type the number of a mobile phone.")},
    )

    def __init__(self, data: Any = None, *, whose: str, number: str = "") -> None:
        super().__init__(data, initial={"phone": number}, auto_id=f"pager_{whose}_%s")


class TestForm(forms.Form):
    """The key makes it one test, however often the button is pressed."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"key": uuid.uuid4()})
