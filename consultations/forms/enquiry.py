"""A question to a practitioner, page by page; what is added to it; and the practitioner's answer.

The pages are kept as typed, also with gaps, and validated again before anything is sent.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.messaging.consent import country_served
from consultations.forms.booking import DetailsForm
from consultations.models import Act
from treatments.models import Area

CONCERNS = [
    ("acne_marks", _("Marks or scars from spots")),
    ("scar", _("Another scar")),
    ("lines", _("Lines and wrinkles")),
    ("spots", _("Dark spots or uneven colour")),
    ("pores", _("Large pores or rough skin")),
    ("loose", _("Skin that has become slack")),
    ("stretch", _("Stretch marks")),
    ("hair", _("Hair that has become thin")),
    ("after", _("Something after a treatment")),
    ("other", _("Something else")),
]
WISHES = [
    ("answer", _("An answer to my question")),
    ("plan", _("A plan: what, how often, what it costs")),
    ("call", _("A call from a practitioner")),
]


class AdultForm(forms.Form):
    adult = forms.ChoiceField(
        label=_("Are you 18 or over?"),
        choices=[("yes", _("Yes, I am")), ("no", _("No, I am younger"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one answer.")},
    )


class ConcernForm(forms.Form):
    concerns = forms.MultipleChoiceField(
        label=_("What is it about?"),
        choices=CONCERNS,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose all that fit."),
        error_messages={"required": _("Choose at least one.")},
    )
    words = forms.CharField(
        label=_("In your own words"),
        max_length=3000,
        widget=forms.Textarea({"rows": 5}),
        help_text=_("What do you see or feel, and since when?"),
        error_messages={"required": _("Write a sentence or two.")},
    )
    areas = forms.MultipleChoiceField(
        label=_("Where is it?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one area.")},
    )
    website = forms.CharField(
        label=_("Leave this empty"), required=False, widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"})
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["areas"].choices = [(area.slug, area.name) for area in Area.objects.all()]

    def clean_website(self) -> str:
        """Only programs fill in what nobody sees."""
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("Please leave this field empty, then continue."))
        return ""


class GoalsForm(forms.Form):
    goals = forms.CharField(
        label=_("What would you like to reach?"),
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": _("Write what you hope for. One sentence is enough.")},
    )
    tried = forms.CharField(
        label=_("What have you tried so far?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Creams, treatments, and how it went."),
    )
    health = forms.CharField(
        label=_("Is there anything about your health we should know for our advice?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("For example medicines, allergies, or a pregnancy. This is no health check and clears nothing."),
    )
    wish = forms.ChoiceField(
        label=_("What would help you most?"),
        choices=WISHES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one answer.")},
    )


class ContactForm(forms.Form):
    name = DetailsForm.base_fields["name"]
    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=40,
        help_text=_("Any spacing is fine. We send a code there now, and word when you have an answer."),
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
        error_messages={"required": _("Enter the number of your mobile phone.")},
    )
    email = forms.EmailField(
        label=_("Email"),
        required=False,
        help_text=_("In case a message does not reach your phone."),
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={"invalid": _("Enter an email address like name@example.com.")},
    )
    whatsapp = forms.BooleanField(
        label=_("Write to me on WhatsApp"), required=False, help_text=_("Without it we send text messages.")
    )

    clean_name = DetailsForm.clean_name

    def clean_phone(self) -> str:
        phone = DetailsForm.clean_phone(self)
        if not country_served(phone):
            raise forms.ValidationError(
                _("We can't send a code to this country. Please call us or write to us: “Need help?” shows how.")
            )
        return phone


PAGES: dict[str, type[forms.Form]] = {
    "adult": AdultForm,
    "concern": ConcernForm,
    "goals": GoalsForm,
    "contact": ContactForm,
}


def as_typed(form: forms.Form) -> dict[str, Any]:
    """What was typed into a bound form, as the draft keeps it. The field for programs is not kept: nobody could empty it."""
    typed = {name: form[name].value() for name in form.fields if name != "website"}
    return {name: value for name, value in typed.items() if value}


def retyped(page: str, content: dict[str, Any]) -> forms.Form:
    """The page's form bound to what the draft keeps of it."""
    return PAGES[page](content.get(page, {}))


class ReplyForm(forms.Form):
    text = forms.CharField(
        label=_("Add something"), required=False, max_length=3000, widget=forms.Textarea({"rows": 4})
    )


class AnswerForm(forms.Form):
    """What a practitioner writes and what happens. Which acts need what is the service's rule."""

    act = forms.ChoiceField(
        label=_("What should happen?"),
        choices=[
            (Act.ANSWER, _("Answer")),
            (Act.INVITE, _("Answer, and invite to a consultation")),
            (Act.MORE, _("Ask for more words or photos")),
            (Act.CLOSE, pgettext_lazy("an enquiry", "Close it kindly")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what should happen.")},
    )
    text = forms.CharField(
        label=_("What the patient will read"),
        max_length=5000,
        widget=forms.Textarea({"rows": 8, "dir": "auto"}),
        error_messages={"required": _("Write what the patient will read.")},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)
