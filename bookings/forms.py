"""What the desk types in. Every message stands at its field; nothing typed is lost."""

import datetime as dt
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from bookings import video
from bookings.models import Location, Resource
from bookings.states import CancelReason
from bookings.views.words import practitioner
from clinic.dates import clock, instants_of
from clinic.errors import Invalid
from clinic.people.phones import normalise
from treatments.models import Modality
from treatments.selectors import CONSULTATION


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **attrs: str) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, **attrs: str) -> None:
        super().__init__({"step": "300"} | attrs, format="%H:%M")


class CheckInForm(forms.Form):
    """The patient's answer at the door; identity is asked in the same breath."""

    changed = forms.ChoiceField(
        choices=[("no", _("No, all the same")), ("yes", _("Yes, something changed"))],
        error_messages={
            "required": _("Ask whether anything changed, then press the answer."),
            "invalid_choice": _("Ask whether anything changed, then press the answer."),
        },
    )


class CancelForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Who cancels?"),
        choices=[
            (CancelReason.PATIENT.value, _("The patient")),
            (CancelReason.CLINIC.value, _("The clinic")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who cancels. It decides what the patient is told.")},
    )


ANY_OF = {"any:woman": _("A woman"), "any:man": _("A man")}


class _WithTime(forms.Form):
    """A day, and either a free time that was pressed (`start`) or one that was typed (`time`).

    A practitioner may give a reason to come nearer to another treatment than usual.
    """

    date = forms.DateField(
        label=_("Day"), widget=DateInput(), error_messages={"invalid": _("Type the day as 2027-05-12.")}
    )
    time = forms.TimeField(
        label=_("Another time"),
        required=False,
        widget=TimeInput(),
        error_messages={"invalid": _("Type the time as 14:30.")},
    )
    start = forms.CharField(required=False, widget=forms.HiddenInput)
    practitioner = forms.ChoiceField(
        label=_("Practitioner"),
        required=False,
        error_messages={"invalid_choice": _("Choose one of the practitioners in the list.")},
    )
    interval_reason = forms.CharField(
        label=_("Why may it be nearer than usual?"),
        required=False,
        max_length=500,
        strip=True,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Kept with the visit, under your name. Then press the time once more."),
    )

    def __init__(self, *args, zone: ZoneInfo, people: Sequence[Resource], **more) -> None:
        super().__init__(*args, **more)
        self.zone = zone
        anyone = [("", _("Anyone who is free"))] if len(people) != 1 else []
        self.fields["practitioner"].choices = anyone + [(one.slug, practitioner(one)) for one in people]

    @property
    def wanted(self) -> dt.datetime | None:
        """The pressed time, else the typed one."""
        cleaned = getattr(self, "cleaned_data", {})
        if cleaned.get("start"):
            return cleaned["start"]
        if cleaned.get("time") and cleaned.get("date"):
            moments = instants_of(cleaned["date"], cleaned["time"], self.zone)
            return moments[0] if len(moments) == 1 else None
        return None

    @property
    def wish(self) -> dict[str, str | None]:
        """The practitioner asked for: one by slug, or any of a gender, or anyone."""
        who = self.cleaned_data.get("practitioner") or ""
        gender = who.removeprefix("any:") if who in ANY_OF else None
        return {"practitioner": None if gender else who or None, "gender": gender}

    def clean(self) -> dict:
        """A typed time must be one moment: on two nights of the year a reading is missing, or there twice."""
        cleaned, place = super().clean(), "start" if self.fields["time"].widget.is_hidden else "time"
        if not cleaned.get("start") and cleaned.get("time") and cleaned.get("date"):
            moments = instants_of(cleaned["date"], cleaned["time"], self.zone)
            which = {"time": f"{cleaned['time']:%H:%M}"}
            if not moments:
                self.add_error(place, _("The clocks skip %(time)s on that day. Choose another time.") % which)
            elif len(moments) > 1:
                which |= {"first": clock(moments[0]), "second": clock(moments[1])}
                said = _("%(time)s comes twice on that day: %(first)s, then %(second)s. Choose one of the free times.")
                self.add_error(place, said % which)
        return cleaned

    def clean_start(self) -> dt.datetime | None:
        if not self.cleaned_data["start"]:
            return None
        try:
            start = dt.datetime.fromisoformat(self.cleaned_data["start"])
        except ValueError:
            start = None
        if start is None or start.tzinfo is None:
            raise forms.ValidationError(_("Choose one of the times."))
        return start.astimezone(self.zone)


class MoveForm(_WithTime):
    """With `video` where the visit may be held either way: ticked, by video."""

    video = forms.BooleanField(label=_("By video"), required=False)

    def __init__(self, *args, with_video: bool = False, **more) -> None:
        super().__init__(*args, **more)
        if not with_video:
            del self.fields["video"]

    def prepare_to_draw(self) -> None:
        """ "Anyone" is an answer: the choice isn't called optional."""
        self.fields["practitioner"].required = True


class BookForm(_WithTime):
    """A booking for somebody on the phone. `booking` is true once they press Book: then everything must be there."""

    consult = forms.BooleanField(
        label=_("Talk first, in the same visit"), required=False, widget=forms.CheckboxInput({"class": "affects"})
    )
    video = forms.BooleanField(label=_("By video"), required=False, widget=forms.CheckboxInput({"class": "affects"}))
    patient = forms.UUIDField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Full name"), required=False, max_length=160, widget=forms.TextInput({"autocomplete": "off"})
    )
    phone = forms.CharField(
        label=_("Mobile"),
        required=False,
        max_length=40,
        widget=forms.TextInput({"type": "tel", "autocomplete": "off"}),
        help_text=_("Any spacing. The form link goes here."),
    )
    email = forms.EmailField(
        label=_("Email"),
        required=False,
        widget=forms.EmailInput({"autocomplete": "off"}),
        error_messages={
            "invalid": _("This does not look like an email address. It should read like name@example.com.")
        },
    )
    language = forms.ChoiceField(label=_("Writes to them in"), required=False, choices=settings.LANGUAGES)
    treatment = forms.ChoiceField(
        label=_("Treatment"), required=False, error_messages={"invalid_choice": _("Choose one of our treatments.")}
    )
    areas = forms.MultipleChoiceField(
        label=_("Areas"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("We don't offer this treatment on that area. Choose another area.")},
    )
    location = forms.ChoiceField(label=_("Location"), required=False)

    def __init__(
        self,
        *args,
        catalogue: Iterable[Modality],
        locations: Sequence[Location],
        booking: bool = False,
        **more,
    ) -> None:
        super().__init__(*args, **more)
        self.booking = booking
        self.fields["practitioner"].choices[1:1] = list(ANY_OF.items()) if len(more["people"]) > 1 else []
        self.modalities = {one.slug: one for one in catalogue}
        self.fields["treatment"].choices = [("", _("Choose a treatment"))] + [
            (slug, one.name) for slug, one in self.modalities.items()
        ]
        offered = {offer.area.slug: offer.area.name for one in self.modalities.values() for offer in one.offers.all()}
        self.fields["areas"].choices = list(offered.items())
        self.fields["location"].choices = [(one.slug, one.name) for one in locations]
        for name in ("treatment", "areas", "practitioner", "date", "location"):
            self.fields[name].widget.attrs["class"] = "affects"
        self.fields["time"].widget = forms.HiddenInput()
        if self.modality is None or self.modality.slug != CONSULTATION or not video.is_offered():
            del self.fields["video"]
        if len(locations) < 2:
            self.fields["location"].widget = forms.HiddenInput()

    @property
    def modality(self) -> Modality | None:
        return self.modalities.get(str(self["treatment"].value() or ""))

    def prepare_to_draw(self) -> None:
        """Only the areas of the chosen treatment; what Book will ask for isn't called optional."""
        for name in ("name", "phone", "language", "treatment", "areas", "practitioner", "location"):
            self.fields[name].required = True
        offers = list(self.modality.offers.all()) if self.modality else []
        self.fields["areas"].choices = [(offer.area.slug, offer.area.name) for offer in offers]

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.booking:
            return cleaned
        if not cleaned.get("patient"):
            self._check_person(cleaned)
        if not cleaned.get("treatment") and "treatment" not in self.errors:
            self.add_error("treatment", _("Choose the treatment."))
        elif not cleaned.get("areas") and "areas" not in self.errors:
            self.add_error("areas", _("Choose at least one area."))
        if self.wanted is None and not {"start", "time", "date"} & set(self.errors):
            self.add_error("start", _("Choose a time."))
        return cleaned

    def _check_person(self, cleaned: dict) -> None:
        if not cleaned.get("name") and "name" not in self.errors:
            self.add_error("name", _("Find the patient above, or type their full name."))
        if cleaned.get("phone"):
            try:
                cleaned["phone"] = normalise(cleaned["phone"])
            except Invalid as refusal:
                for sentence in refusal.fields["phone"]:
                    self.add_error("phone", str(sentence))
        elif "phone" not in self.errors:
            self.add_error("phone", _("Type their mobile number: the form link goes there."))
