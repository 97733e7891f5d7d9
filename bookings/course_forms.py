"""What the desk asks of a course: everything in the address, so that a question can be sent on and asked again."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from bookings.forms import DateInput, TimeInput
from bookings.models import Location, Resource
from bookings.selectors.courses import Chosen
from bookings.views.words import practitioner
from treatments.models import Modality


class CourseForm(forms.Form):
    patient = forms.UUIDField(required=False, widget=forms.HiddenInput)
    treatment = forms.ChoiceField(
        label=_("Treatment"), error_messages={"invalid_choice": _("Choose one of our treatments.")}
    )
    areas = forms.MultipleChoiceField(
        label=_("Areas"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("We don't offer this treatment on that area. Choose another area.")},
    )
    sessions = forms.TypedChoiceField(label=_("Sessions"), coerce=int)
    practitioner = forms.ChoiceField(
        label=_("Practitioner"),
        required=False,
        error_messages={"invalid_choice": _("Choose one of the practitioners in the list.")},
    )
    weekday = forms.TypedChoiceField(
        label=_("Weekday"),
        coerce=int,
        empty_value=None,
        required=False,
        choices=[("", _("Any day")), *WEEKDAYS.items()],
    )
    time = forms.TimeField(
        label=_("About what time"),
        required=False,
        widget=TimeInput(),
        error_messages={"invalid": _("Type the time as 14:30.")},
    )
    date = forms.DateField(
        label=_("Not before"), widget=DateInput(), error_messages={"invalid": _("Type the day as 2027-05-12.")}
    )
    location = forms.ChoiceField(label=_("Location"), required=False)

    def __init__(
        self,
        *args,
        catalogue: Iterable[Modality],
        locations: Sequence[Location],
        people: Sequence[Resource],
        **more,
    ) -> None:
        super().__init__(*args, **more)
        self.modalities = {one.slug: one for one in catalogue}
        self.fields["treatment"].choices = [("", _("Choose a treatment"))] + [
            (slug, one.name) for slug, one in self.modalities.items()
        ]
        offers = list(self.modality.offers.all()) if self.modality else []
        self.fields["areas"].choices = [(offer.area.slug, offer.area.name) for offer in offers]
        most = self.modality.sessions_max if self.modality else 6
        self.fields["sessions"].choices = [(number, str(number)) for number in range(2, most + 1)]
        anyone = [("", _("Anyone who is free"))] if len(people) != 1 else []
        self.fields["practitioner"].choices = anyone + [(one.slug, practitioner(one)) for one in people]
        self.fields["location"].choices = [(one.slug, one.name) for one in locations]
        if len(locations) < 2:
            self.fields["location"].widget = forms.HiddenInput()

    @property
    def modality(self) -> Modality | None:
        return self.modalities.get(str(self["treatment"].value() or ""))

    @property
    def minute(self) -> int | None:
        at: dt.time | None = self.cleaned_data.get("time")
        return at.hour * 60 + at.minute if at else None


def as_value(chosen: Chosen) -> str:
    """One session as a hidden field carries it: its instant, and the practitioner's slug."""
    return f"{chosen.start.isoformat()} {chosen.practitioner or ''}".strip()


def from_values(values: Iterable[str]) -> list[Chosen]:
    """Back again; nothing when one of them can't be read."""
    found = []
    for value in values:
        instant, _sep, slug = value.partition(" ")
        try:
            start = dt.datetime.fromisoformat(instant)
        except ValueError:
            return []
        if start.tzinfo is None:
            return []
        found.append(Chosen(start, slug or None))
    return found
