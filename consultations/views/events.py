"""Adverse events at the practitioners' side: what is open, one with all that was told and done, and writing one down."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings.selectors import desk
from clinic.audit.services import record
from clinic.errors import DomainError, NotFound
from clinic.people.access import requires
from clinic.ui.refusals import take_over
from consultations.adverse_signs import LABELS
from consultations.forms.adverse import ACTS, OUTCOMES, SINCE, ActForm, CloseForm, NewForm, RecordForm
from consultations.models import AdverseEventEntry, Source
from consultations.selectors import adverse as selectors
from consultations.selectors.check_ins import patients_photo
from consultations.selectors.paging_numbers import has_number
from consultations.services import adverse
from consultations.views import enquiries
from treatments.models import Area

HEADS = {
    "report": gettext_lazy("Reported"),
    "more": gettext_lazy("Added"),
    "take": gettext_lazy("Took it on"),
    "close": gettext_lazy("Closed it"),
}


@requires("event.read")
@never_cache
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    show = "closed" if request.GET.get("show") == "closed" else "open"
    url = reverse("events:list")
    context = {
        "rows": selectors.queue(show=show),
        "show": show,
        "tabs": [("open", _("Open"), url), ("closed", _("Closed"), f"{url}?show=closed")],
        "zone": settings.CLINIC_TIMEZONE,
        "now": timezone.now(),
        "by_email_only": not has_number(request.actor.user),
    }
    return render(request, "events/list.html", context)


@requires("event.read")
@never_cache
@require_safe
def one(request: HttpRequest, event_id: uuid.UUID) -> HttpResponse:
    return _show(request, event_id)


@requires("event.write")
@require_POST
def take(request: HttpRequest, event_id: uuid.UUID) -> HttpResponse:
    return _do(request, event_id, lambda: adverse.take_on(event_id, actor=request.actor), _("You see to this now."))


@requires("event.write")
@require_POST
def act(request: HttpRequest, event_id: uuid.UUID) -> HttpResponse:
    return _with(request, event_id, ActForm(request.POST), adverse.write_down, _("Written down."), "act")


@requires("event.write")
@require_POST
def describe(request: HttpRequest, event_id: uuid.UUID) -> HttpResponse:
    return _with(request, event_id, RecordForm(request.POST), adverse.describe, _("Saved."), "record")


@requires("event.write")
@require_POST
def close(request: HttpRequest, event_id: uuid.UUID) -> HttpResponse:
    return _with(request, event_id, CloseForm(request.POST), adverse.close, _("Closed."), "close")


@requires("event.write")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """What somebody at the clinic heard or saw themselves."""
    patient = desk.get_patient(patient_id, actor=request.actor)
    form = NewForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        event = adverse.report(
            patient,
            appointment=adverse.last_treated_visit(patient.pk, now=timezone.now()),
            source=Source.STAFF,
            signs=form.signs,
            words=form.cleaned_data["words"],
            actor=request.actor,
        )
        messages.success(request, _("Written down."))
        return redirect("events:one", event_id=event.pk)
    return render(request, "events/new.html", {"patient": patient, "form": form}, status=422 if form.errors else 200)


@requires("event.read")
@require_safe
def photo(request: HttpRequest, event_id: uuid.UUID, photo_id: uuid.UUID, size: str) -> HttpResponse:
    """One of the event, or an earlier one of the same patient. Looking at it is written into the audit first."""
    found = patients_photo(selectors.get_event(event_id), photo_id)
    record("photo.read", subject=found.ref, actor=request.actor, detail={"size": size}, purpose="care")
    return enquiries.picture(request, found, size=size)


def _with(
    request: HttpRequest, event_id: uuid.UUID, form: Any, service: Callable, said: str, name: str
) -> HttpResponse:
    """Runs a service with what the form holds; what was typed stays when it refuses."""
    if form.is_valid():
        try:
            service(event_id, actor=request.actor, **form.cleaned_data)
            messages.success(request, said)
            return redirect("events:one", event_id=event_id)
        except NotFound:
            raise
        except DomainError as refusal:
            take_over(form, refusal)
    return _show(request, event_id, status=422, **{name: form})


def _do(request: HttpRequest, event_id: uuid.UUID, service: Callable, said: str) -> HttpResponse:
    try:
        service()
        messages.success(request, said)
    except NotFound:
        raise
    except DomainError as refusal:
        if refusal.status != 409:
            raise
        messages.error(request, str(refusal))
    return redirect("events:one", event_id=event_id)


def _show(request: HttpRequest, event_id: uuid.UUID, *, status: int = 200, **forms: Any) -> HttpResponse:
    found = selectors.whole(event_id, actor=request.actor)
    event = found.event
    known = {name: getattr(event, name) for name in ("severity", "onset", "device", "lot", "regulator_told_on")}
    reach = [entry.content["phone"] for entry in found.entries if entry.content.get("phone")]
    context = {
        "event": event,
        "patient": event.patient,
        "reach": reach[-1] if reach else "",
        "lines": [_line(entry, found.zones) for entry in found.entries],
        "photos": enquiries.shown(found.photos, _photo_url(event.pk)),
        "compared": enquiries.side_by_side(
            request, event, found.photos, here=reverse("events:one", args=[event.pk]), url=_photo_url(event.pk)
        ),
        "earlier": found.earlier,
        "zone": event.appointment.location.timezone if event.appointment else settings.CLINIC_TIMEZONE,
        "late": event.closed_at is None and event.due_at < timezone.now() and event.taken_by_id is None,
        "outcome": dict(OUTCOMES).get(event.outcome, ""),
        "act": forms.get("act") or ActForm(),
        "record": forms.get("record") or RecordForm(initial=known),
        "close": forms.get("close") or CloseForm(),
        "failed": next(iter(forms.values()), None),
    }
    return render(request, "events/one.html", context, status=status)


def _photo_url(event_id: uuid.UUID) -> Callable[[uuid.UUID, str], str]:
    return lambda photo_id, size: reverse("events:photo", args=[event_id, photo_id, size])


def _line(entry: AdverseEventEntry, zones: Mapping[str, Area]) -> dict[str, Any]:
    """An entry in the reader's language; somebody's own words stay as written."""
    content = entry.content
    since = dict(SINCE).get(content.get("since", ""), "")
    tapped = {"unsure": _("Tapped “Not sure”"), "worried": _("Tapped “Worried”")}.get(content.get("choice", ""), "")
    return {
        "entry": entry,
        "word": dict(ACTS).get(entry.act) or HEADS.get(entry.act, ""),
        "signs": [LABELS[sign] for sign in content.get("signs", []) if sign in LABELS],
        "zones": [zones[slug].name for slug in content.get("zones", []) if slug in zones],
        "since": since,
        "tapped": tapped,
        "by_phone": content.get("heard") == "phone",
        "phone": content.get("phone", ""),
        "outcome": dict(OUTCOMES).get(content.get("outcome", ""), ""),
        "words": content.get("words", ""),
        "photos": content.get("photos", 0),
    }
