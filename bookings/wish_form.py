"""What somebody on the waiting list would like, as a form: the same for the patient and for the desk."""

from collections.abc import Iterable, Set
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from bookings.forms import DateInput
from bookings.models import Practitioner
from bookings.waiting import AFTERNOON, EVENING, MORNING
from clinic.errors import Invalid
from clinic.people.phones import normalise

GENDERS = {"a-woman": Practitioner.Gender.WOMAN, "a-man": Practitioner.Gender.MAN}
WITH = {"a-woman": _("A woman"), "a-man": _("A man")}
PART_NAMES = {
    MORNING: _("Morning, before 12:00"),
    AFTERNOON: _("Afternoon, 12:00 to 17:00"),
    EVENING: _("Evening, after 17:00"),
}
NOT_A_DAY = _("Type the day as 2027-05-12.")


def of_a_gender(genders: Set[str]) -> list[tuple[str, Any]]:
    """ "A woman" and "A man" as choices, each where not everybody is one anyway."""
    return [(value, WITH[value]) for value, gender in GENDERS.items() if {gender} < genders]


class WishForm(forms.Form):
    who = forms.ChoiceField(
        label=_("With whom?"),
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Choose one of the practitioners in the list.")},
    )
    first = forms.DateField(
        label=_("From"), widget=DateInput(), error_messages={"invalid": NOT_A_DAY, "required": NOT_A_DAY}
    )
    last = forms.DateField(
        label=_("Until"), widget=DateInput(), error_messages={"invalid": NOT_A_DAY, "required": NOT_A_DAY}
    )
    parts = forms.MultipleChoiceField(
        label=_("Which parts of the day suit you?"),
        choices=list(PART_NAMES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one part of the day.")},
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Only on some weekdays?"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, people: Iterable[Practitioner], **kwargs: Any) -> None:
        """`people`: who offers the treatment."""
        super().__init__(*args, **kwargs)
        self.people = {one.resource.slug: one for one in people}
        self.fields["who"].choices = [
            ("anyone", _("Anyone")),
            *of_a_gender({one.gender for one in self.people.values()}),
            *((slug, str(one)) for slug, one in self.people.items()),
        ]

    def wish(self) -> dict[str, Any]:
        """For `bookings.services.waiting.join`. Only of a form that is valid."""
        chosen = self.cleaned_data
        named = self.people.get(chosen["who"])
        return {
            "first": chosen["first"],
            "last": chosen["last"],
            "parts": chosen["parts"],
            "weekdays": chosen["weekdays"],
            "practitioner": named.resource if named else None,
            "gender": GENDERS.get(chosen["who"], ""),
        }

    def clean_phone(self) -> str:
        """For forms that have such a field: E.164."""
        if not self.cleaned_data["phone"]:
            return ""
        try:
            return normalise(self.cleaned_data["phone"])
        except Invalid as refusal:
            raise forms.ValidationError([str(one) for one in refusal.fields["phone"]]) from refusal
