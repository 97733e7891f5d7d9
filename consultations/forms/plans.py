"""What a practitioner types into a plan. The forms carry and draw; what is wrong with it `consultations.plan_draft` says."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from bookings.forms import DateInput
from bookings.wish_form import NOT_A_DAY, PART_NAMES
from treatments.models import Modality

TEXTS = ("goal", "note", "near_reason", "total", "expires_on")
ROW = ("modality", "areas", "least", "most")
MOST_ROWS = 12


def area_choices(modalities: Iterable[Modality]) -> list[tuple[str, str]]:
    """Every area any of them is given on, in the catalogue's order."""
    areas = {offer.area.slug: offer.area for one in modalities for offer in one.offers.all()}
    return [(area.slug, area.name) for area in sorted(areas.values(), key=lambda area: (area.order, area.slug))]


class StartForm(forms.Form):
    """The shape of a plan in four answers; every session can be changed afterwards."""

    modality = forms.ChoiceField(
        label=_("Treatment"), error_messages={"invalid_choice": _("Choose one of our treatments.")}
    )
    areas = forms.MultipleChoiceField(
        label=_("Areas"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one area.")},
    )
    count = forms.TypedChoiceField(label=_("How many sessions"), coerce=int, choices=[(n, str(n)) for n in range(1, 7)])
    between = forms.ChoiceField(
        label=_("Another treatment between them"), required=False, help_text=_("For example a peel between needlings.")
    )

    def __init__(self, *args: Any, modalities: Mapping[str, Modality], **more: Any) -> None:
        super().__init__(*args, **more)
        named = [(slug, one.name) for slug, one in modalities.items()]
        self.fields["modality"].choices = [("", _("Choose a treatment")), *named]
        self.fields["between"].choices = [("", _("None")), *named]
        self.fields["areas"].choices = area_choices(modalities.values())

    def sessions(self) -> list[dict[str, Any]]:
        """Only of a form that is valid."""
        asked = self.cleaned_data
        row, between = ({"modality": slug, "areas": asked["areas"]} for slug in (asked["modality"], asked["between"]))
        found = [dict(row)]
        for _number in range(asked["count"] - 1):
            found += [dict(between)] if asked["between"] else []
            found.append(dict(row))
        return found


class PlanForm(forms.Form):
    goal = forms.CharField(
        label=_("What the plan is for"),
        widget=forms.Textarea({"rows": 2}),
        help_text=_("The patient reads this."),
    )
    note = forms.CharField(label=_("A note to the patient"), required=False, widget=forms.Textarea({"rows": 3}))
    near_reason = forms.CharField(
        label=_("Why nearer than usual"),
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_(
            "For the record; only needed where sessions lie nearer than the rules say. The patient does not see it."
        ),
    )
    total = forms.CharField(
        label=_("Price of the whole plan"),
        required=False,
        widget=forms.TextInput({"inputmode": "decimal"}),
        help_text=_("Empty: the sum of the sessions."),
    )
    expires_on = forms.CharField(
        label=_("Open until"), required=False, widget=DateInput(), help_text=_("Empty: no end.")
    )


class SessionForm(forms.Form):
    modality = forms.ChoiceField(label=_("Treatment"))
    areas = forms.MultipleChoiceField(label=_("Areas"), widget=forms.CheckboxSelectMultiple)
    least = forms.CharField(
        label=_("Least days after the one before"), required=False, widget=forms.TextInput({"inputmode": "numeric"})
    )
    most = forms.CharField(
        label=_("Most days after the one before"), required=False, widget=forms.TextInput({"inputmode": "numeric"})
    )

    def __init__(self, *args: Any, modalities: Mapping[str, Modality], **more: Any) -> None:
        super().__init__(*args, **more)
        chosen = modalities.get(str(self["modality"].value() or ""))
        self.fields["modality"].choices = [("", _("Choose a treatment"))] + [
            (slug, one.name) for slug, one in modalities.items()
        ]
        self.fields["areas"].choices = area_choices([chosen] if chosen else modalities.values())


def typed(given: QueryDict) -> dict[str, Any]:
    """What stands in the posted form, as the draft keeps it."""
    count = given.get("rows", "0")
    rows = min(int(count), MOST_ROWS) if count.isascii() and count.isdigit() else 0
    draft: dict[str, Any] = {name: given.get(name, "") for name in TEXTS}
    draft["sessions"] = [
        {
            "modality": given.get(f"s{number}-modality", ""),
            "areas": given.getlist(f"s{number}-areas"),
            "least": given.get(f"s{number}-least", ""),
            "most": given.get(f"s{number}-most", ""),
        }
        for number in range(rows)
    ]
    return draft


def forms_of(
    draft: Mapping[str, Any], *, modalities: Mapping[str, Modality], wrong: Mapping[str, list[str]] | None = None
) -> tuple[PlanForm, list[SessionForm]]:
    """The draft as forms, with every sentence of `wrong` at its field."""
    form = PlanForm({name: draft.get(name, "") for name in TEXTS})
    rows = [
        SessionForm(
            {f"s{number}-{name}": row.get(name, "") for name in ROW}, prefix=f"s{number}", modalities=modalities
        )
        for number, row in enumerate(draft.get("sessions", []))
    ]
    for one in (form, *rows):
        one.full_clean()
        one._errors.clear()
    for name, sentences in (wrong or {}).items():
        prefix, _sep, inner = name.partition("-")
        if inner:
            rows[int(prefix[1:])].add_error(inner, sentences)
        else:
            form.add_error(name if name in form.fields else None, sentences)
    return form, rows


class QuestionForm(forms.Form):
    text = forms.CharField(label=_("Your question"), max_length=1000, widget=forms.Textarea({"rows": 3}))


class WhenForm(forms.Form):
    """When the patient would like to come."""

    first = forms.DateField(
        label=_("Not before"), required=False, widget=DateInput(), error_messages={"invalid": NOT_A_DAY}
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Only on some weekdays?"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    parts = forms.MultipleChoiceField(
        label=_("Which parts of the day suit you?"),
        choices=list(PART_NAMES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
