"""The other forms of the path: choices, details, consent, code, question."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.wish_form import GENDERS, of_a_gender
from clinic.errors import Invalid
from clinic.people.phones import normalise
from consultations.models import PHOTO_CHOICES

ANYONE = "anyone"
VIDEO, CLINIC = "video", "clinic"
WAYS = [(CLINIC, _("In the clinic")), (VIDEO, _("By video, from where you are"))]
AGREE = _("Please tick this box if you agree.")


class ChoicesForm(forms.Form):
    """Areas, and where there is a choice, who and where."""

    areas = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, error_messages={"required": _("Choose at least one area.")}
    )
    practitioner = forms.ChoiceField(label=_("With whom?"), widget=forms.RadioSelect)
    consult = forms.BooleanField(label=_("Talk about it first, in the same visit"), required=False)
    location = forms.ChoiceField(label=_("Where?"), widget=forms.RadioSelect)
    way = forms.ChoiceField(label=_("How shall we meet?"), choices=WAYS, widget=forms.RadioSelect)
    share = forms.BooleanField(
        label=_("Share my answers with the practitioner"),
        required=False,
        help_text=_(
            "What you told us about your skin and health, so that you need not say it again. Only a practitioner reads "
            "it, never the front desk. We keep it with your booking."
        ),
    )

    def __init__(
        self,
        *args: Any,
        offers: list,
        hints: dict,
        practitioners: list,
        locations: list,
        genders: frozenset[str] = frozenset(),
        talk: str = "",
        video: bool = False,
        wish: str = "",
        **kwargs: Any,
    ) -> None:
        """``offers``: Offer rows; ``hints``: area slug → minutes and price; ``genders`` of the practitioners; ``talk``:
        what a consultation before it takes and costs, empty where none can be had; ``video``: whether it can be held so;
        ``wish``: the treatment whose answers may be shared; the others: (slug, name) pairs."""
        super().__init__(*args, **kwargs)
        self.fields["areas"].choices = [(offer.area.slug, offer.area.name) for offer in offers]
        self.fields["areas"].choice_hints = hints
        anyone = (ANYONE, _("Anyone, the earliest time"))
        self.fields["practitioner"].choices = [anyone, *of_a_gender(genders), *practitioners]
        self.fields["consult"].help_text = talk
        self.fields["location"].choices = locations
        if len(locations) < 2:
            del self.fields["location"]
        if len(practitioners) < 2:
            del self.fields["practitioner"]
        self.wish = wish
        asked = {"consult": talk, "way": video, "share": wish}
        for name in [name for name, possible in asked.items() if not possible]:
            del self.fields[name]

    @property
    def query(self) -> dict[str, str]:
        """What was chosen, as it travels in the address."""
        chosen = self.cleaned_data
        who = chosen.get("practitioner", ANYONE)
        travels = {
            "areas": ",".join(chosen["areas"]),
            "practitioner": who if who != ANYONE and who not in GENDERS else "",
            "gender": GENDERS.get(who, ""),
            "consult": "1" if chosen.get("consult") else "",
            "video": "1" if chosen.get("way") == VIDEO else "",
            "wish": self.wish,
            "share": "1" if chosen.get("share") else "",
            "location": chosen.get("location", ""),
        }
        return {name: value for name, value in travels.items() if value}


class DetailsForm(forms.Form):
    name = forms.CharField(
        label=_("Full name"),
        max_length=160,
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": _("Enter your name, first name and family name.")},
    )
    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=40,
        help_text=_("Any spacing is fine. We send your confirmation there."),
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
        error_messages={"required": _("Enter the number of your mobile phone.")},
    )
    email = forms.EmailField(
        label=_("Email"),
        required=False,
        help_text=_("For your calendar file, and in case a message does not reach your phone."),
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={"invalid": _("Enter an email address like name@example.com.")},
    )
    whatsapp = forms.BooleanField(
        label=_("Write to me on WhatsApp"),
        required=False,
        help_text=_("Confirmation, reminders and care advice. Without it we send text messages."),
    )
    marketing = forms.BooleanField(
        label=_("Send me news and offers"),
        required=False,
        help_text=_("At most once a month. You can stop it with one word."),
    )
    start = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if sum(sign.isalpha() for sign in name) < 2:
            raise forms.ValidationError(_("Enter your name, first name and family name."))
        return name

    def clean_phone(self) -> str:
        try:
            return normalise(self.cleaned_data["phone"])
        except Invalid as refusal:
            raise forms.ValidationError([str(one) for one in refusal.fields["phone"]]) from refusal


class ReminderForm(forms.Form):
    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=40,
        help_text=_("Any spacing is fine. We write there once, on that day."),
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
        error_messages={"required": _("Enter the number of your mobile phone.")},
    )
    agree = forms.BooleanField(
        label=_("Write to me on that day"),
        help_text=_("The message says only that you can book. It does not say what."),
        error_messages={"required": AGREE},
    )
    whatsapp = forms.BooleanField(
        label=_("Write to me on WhatsApp"), required=False, help_text=_("Without it we send a text message.")
    )

    clean_phone = DetailsForm.clean_phone


class ConsentForm(forms.Form):
    """``shown`` is the hash of the words on the page: those are agreed to, also when the language was changed since in
    another tab."""

    shown = forms.CharField(widget=forms.HiddenInput)
    photos = forms.BooleanField(required=False)
    teaching = forms.BooleanField(required=False)
    publicity = forms.BooleanField(required=False)
    agree = forms.BooleanField(error_messages={"required": AGREE})
    name = forms.CharField(
        label=_("Type your full name"),
        max_length=160,
        help_text=_("It stands for your signature."),
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": _("Type your full name to agree.")},
    )

    def __init__(self, *args: Any, words: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agree"].label = words.agree
        for name in PHOTO_CHOICES:
            self.fields[name].label, self.fields[name].help_text = getattr(words, name)


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code from the message"),
        max_length=12,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code", "class": "is-code"}),
        error_messages={"required": _("Enter the six digits of the code.")},
    )

    def clean_code(self) -> str:
        """Digits of any script, with or without spaces."""
        code = "".join(str(int(sign)) for sign in self.cleaned_data["code"] if sign.isdecimal())
        if len(code) != 6:
            raise forms.ValidationError(_("Enter the six digits of the code."))
        return code


class PhoneForm(forms.Form):
    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=40,
        help_text=_("The number you booked with."),
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
        error_messages={"required": _("Enter the number of your mobile phone.")},
    )

    clean_phone = DetailsForm.clean_phone


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=_("Your answer"),
        max_length=2000,
        widget=forms.Textarea({"rows": 5}),
        error_messages={"required": _("Write your answer first.")},
    )
