"""Onto the waiting list by the desk, for somebody on the phone."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from bookings.models import Location, Practitioner
from bookings.selectors import desk
from bookings.services.waiting import join
from bookings.states import Source
from bookings.views import words
from bookings.views.pages import leave_toast, page
from bookings.waiting import PARTS
from bookings.wish_form import WishForm
from clinic.errors import DomainError
from clinic.people.access import requires
from clinic.people.models import Patient
from clinic.people.selectors import search_patients
from treatments.selectors import list_modalities, visit_plan

USUAL_DAYS = 28


class WaitForm(WishForm):
    patient = forms.UUIDField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        label=gettext_lazy("Full name"),
        required=False,
        max_length=160,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Mobile"),
        required=False,
        max_length=40,
        widget=forms.TextInput({"type": "tel", "autocomplete": "off"}),
        help_text=gettext_lazy("Any spacing. Offers go here."),
    )
    language = forms.ChoiceField(label=gettext_lazy("Writes to them in"), required=False, choices=settings.LANGUAGES)
    location = forms.ChoiceField(label=gettext_lazy("Location"))
    treatment = forms.ChoiceField(
        label=gettext_lazy("Treatment"),
        widget=forms.Select({"class": "affects"}),
        error_messages={"required": gettext_lazy("Choose the treatment.")},
    )
    areas = forms.MultipleChoiceField(
        label=gettext_lazy("Areas"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one area.")},
    )
    agree = forms.BooleanField(
        label=gettext_lazy("They agree that we write to them about free times"),
        error_messages={"required": gettext_lazy("Ask them first: without their word we do not write.")},
    )

    def __init__(self, *args: Any, catalogue: list, locations: tuple[Location, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = str(self["treatment"].value() or "")
        self.modality = next((one for one in catalogue if one.slug == chosen), None)
        offers = self.modality.offers.all() if self.modality else []
        self.fields["treatment"].choices = [("", _("Choose a treatment")), *((one.slug, one.name) for one in catalogue)]
        self.fields["areas"].choices = [(offer.area.slug, offer.area.name) for offer in offers]
        self.fields["location"].choices = [(one.slug, one.name) for one in locations]
        self.fields["who"].widget = forms.Select(choices=self.fields["who"].choices)
        self.fields["parts"].label, self.fields["weekdays"].label = _("Parts of the day"), _("Only on these weekdays")
        if len(locations) < 2:
            self.fields["location"].widget = forms.HiddenInput()

    def clean(self) -> dict:
        cleaned = super().clean()
        if not cleaned.get("patient"):
            if not cleaned.get("name") and "name" not in self.errors:
                self.add_error("name", _("Find the patient above, or type their full name."))
            if not cleaned.get("phone") and "phone" not in self.errors:
                self.add_error("phone", _("Type their mobile number: offers go there."))
        return cleaned

    def prepare_to_draw(self) -> None:
        for name in ("name", "phone", "language"):
            self.fields[name].required = True


@sensitive_post_parameters()
@requires("waiting.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """POST shows the form again as it is chosen so far, until `intent` says to add them."""
    given = request.POST if request.method == "POST" else request.GET
    here, everywhere = desk.pick_location(given.get("location", ""))
    adding = request.method == "POST" and given.get("intent") == "add"
    form = WaitForm(
        _data(given, here),
        catalogue=list(list_modalities()),
        locations=everywhere,
        people=_people(given.get("treatment", "")),
    )
    problem, status = "", 200
    if adding and form.is_valid():
        try:
            return _add(request, form, here)
        except DomainError as refusal:
            problem, status = _say(form, refusal), refusal.status
    elif adding:
        status = 422
    patient = _patient(given)
    candidates = search_patients(given.get("q", ""), limit=8) if request.method == "POST" and not patient else []
    if not adding:
        form.errors.clear()
    form.prepare_to_draw()
    context = {
        "form": form,
        "patient": patient,
        "candidates": [{"patient": one, "next": ""} for one in candidates],
        "find": given.get("q", ""),
        "problem": problem,
        "has_errors": adding and bool(form.errors),
        "several": len(everywhere) > 1,
    }
    return page(request, "desk/waiting_new.html", context, status=status)


def _data(given: Any, here: Location) -> Any:
    data = given.copy()
    if "clear_patient" in data:
        data["patient"] = ""
    today = timezone.now().astimezone(ZoneInfo(here.timezone)).date()
    data.setdefault("location", here.slug)
    data.setdefault("language", "tr" if here.region == "TR" else "en")
    data.setdefault("first", today.isoformat())
    data.setdefault("last", (today + dt.timedelta(days=USUAL_DAYS)).isoformat())
    data.setdefault("who", "anyone")
    if "first" not in given:
        data.setlist("parts", PARTS)
    return data


def _people(treatment: str) -> list[Practitioner]:
    rows = Practitioner.objects.filter(resource__active=True, skills__slug=treatment).select_related("resource")
    return list(rows.order_by("resource__name"))


def _patient(given: Any) -> Patient | None:
    if "clear_patient" in given:
        return None
    field = forms.UUIDField(required=False)
    try:
        wanted = field.clean(given.get("patient", ""))
    except forms.ValidationError:
        return None
    return Patient.objects.filter(pk=wanted).first() if wanted else None


def _add(request: HttpRequest, form: WaitForm, here: Location) -> HttpResponse:
    chosen, patient = form.cleaned_data, _patient(form.data)
    person = {name: chosen[name] for name in ("name", "phone", "language")}
    entry = join(
        plan=visit_plan(modality=chosen["treatment"], areas=chosen["areas"]),
        location=here,
        patient=patient,
        person=person,
        language=patient.language if patient else chosen["language"],
        source=Source.PHONE,
        actor=request.actor,
        **form.wish(),
    )
    since = words.short_day(entry.since.astimezone(ZoneInfo(here.timezone)).date())
    said = {"name": entry.patient.name, "day": since}
    leave_toast(request, _("%(name)s is on the waiting list since %(day)s.") % said)
    return redirect("desk:waiting")


def _say(form: WaitForm, refusal: DomainError) -> str:
    """A refusal at its fields, or as a sentence above the form."""
    known = {name: sentences for name, sentences in refusal.fields.items() if name in form.fields}
    for name, sentences in known.items():
        form.add_error(name, [str(one) for one in sentences])
    return "" if known else str(refusal)
