"""Onto the waiting list: when and with whom, and how to reach them. Nothing about health."""

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.wish_form import WishForm
from consultations.forms.booking import AGREE, DetailsForm


class JoinForm(WishForm):
    name = DetailsForm.base_fields["name"]
    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=40,
        help_text=_("Any spacing is fine. We write there when a time becomes free."),
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
        error_messages={"required": _("Enter the number of your mobile phone.")},
    )
    agree = forms.BooleanField(
        label=_("Write to me when a time becomes free"),
        help_text=_("Each message has a link with which you leave the list."),
        error_messages={"required": AGREE},
    )
    whatsapp = forms.BooleanField(
        label=_("Write to me on WhatsApp"), required=False, help_text=_("Without it we send text messages.")
    )

    field_order = ("first", "last", "parts", "weekdays", "who", "name", "phone", "agree", "whatsapp")
    clean_name = DetailsForm.clean_name
