"""Photos of how the skin is doing after a treatment. What is chosen is kept at once, for one browser; Send sends it."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from bookings.models import Appointment
from clinic.errors import DomainError, Invalid
from clinic.messaging.replies.red_flags import urgency_of
from consultations.check_ins import is_urgent, speaks_of_trouble, takes_photos
from consultations.enquiry_links import enquiry_path
from consultations.forms.check_in import CheckInForm
from consultations.forms.enquiry import as_typed
from consultations.models import AdverseEvent, EnquiryDraft, Photo
from consultations.selectors import check_ins as selectors
from consultations.selectors.adverse import open_event_of
from consultations.selectors.enquiries import due_after, live_draft, photos_of
from consultations.services.check_ins import send_check_in
from consultations.services.enquiry_drafts import keep_page
from consultations.services.enquiry_limits import refuse_drafting, refuse_flooding
from consultations.services.photos import remove_photos
from consultations.views import enquiries
from consultations.views.visitor import caller, open_here, own_page, url_of
from consultations.views.wrong import TOLD

DRAFT, PAGE = "check_in", "check_in"
MOST = 5


@sensitive_post_parameters()
@own_page("enquiry.own", health=True)
@require_http_methods(["GET", "HEAD", "POST"])
def photos(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """None is lost when another is refused. Urgent words are sent whichever button was pressed: nobody should have to
    find the right one."""
    if not takes_photos(appointment):
        return redirect(url_of("manage", appointment))
    draft, said, problem = _draft(request, appointment), [], None
    form = CheckInForm(
        request.POST if request.method == "POST" else None, initial=draft.content.get(PAGE) if draft else None
    )
    if request.method == "POST":
        try:
            draft = _keep(request, appointment, draft, form)
            if asked := request.POST.get("remove"):
                remove_photos([one for one in photos_of(draft.ref) if str(one.pk) == asked])
            _kept, said = enquiries.keep_photos(request, draft, most=MOST)
            if form.is_valid():
                words = form.cleaned_data["words"]
                if is_urgent(words) or (not said and "send" in request.POST):
                    return _send(request, appointment, draft, words=words, said=said)
                if not said:
                    return redirect(url_of("photos", appointment))
        except Invalid as refusal:
            said += [str(one) for one in refusal.fields["photos"]]
        except DomainError as refusal:
            if refusal.code in ("already_sent", "check_in_waits"):
                return redirect(url_of("photos_sent", appointment))
            problem = refusal
        draft = _draft(request, appointment)
    context = {
        "form": form,
        "said": said,
        "problem": problem,
        "has_errors": bool(said or problem),
        "hurry": urgency_of(str(form["words"].value() or "")) if problem else "",
        "photos": _shown(appointment, photos_of(draft.ref) if draft else []),
        "most": MOST,
        "due": due_after(timezone.now()),
    } | _standing(appointment)
    context["left"] = MOST - len(context["photos"])
    status = problem.status if problem else 422 if said or form.errors else 200
    return render(request, "booking/photos.html", context, status=status)


@own_page("enquiry.own", health=True)
@require_safe
def sent(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """What comes next: of the newest check-in, or of the adverse event that took the photos in."""
    context = _standing(appointment)
    if not context["sent"] and not context["told"] and context["event"] is None:
        return redirect(url_of("photos", appointment))
    context["newest"] = context["sent"][0] if context["sent"] else None
    return render(request, "booking/photos_sent.html", context)


@own_page("enquiry.own", health=True)
@require_safe
def photo(request: HttpRequest, appointment: Appointment, photo_id: uuid.UUID, size: str) -> HttpResponse:
    found = selectors.own_photo(appointment, _draft(request, appointment), photo_id)
    return enquiries.picture(request, found, size=size)


def _send(
    request: HttpRequest, appointment: Appointment, draft: EnquiryDraft, *, words: str, said: list[str]
) -> HttpResponse:
    in_trouble = speaks_of_trouble(words)
    if not in_trouble and open_event_of(appointment.patient_id) is None and photos_of(draft.ref):
        refuse_flooding(caller(request), phone=appointment.patient.phone)
    made = send_check_in(draft, appointment=appointment, words=words, language=get_language(), actor=request.actor)
    request.session.pop(DRAFT, None)
    for sentence in said:
        messages.error(request, sentence)
    if isinstance(made, AdverseEvent):
        request.session[TOLD] = {str(appointment.pk): str(made.pk)}
        return redirect(url_of("wrong_sent" if in_trouble else "photos_sent", appointment))
    open_here(request, made)
    return redirect(url_of("photos_sent", appointment))


def _draft(request: HttpRequest, appointment: Appointment) -> EnquiryDraft | None:
    """What this browser is about to send after this visit."""
    return live_draft(request.session.get(DRAFT, {}).get(str(appointment.pk)))


def _keep(
    request: HttpRequest, appointment: Appointment, draft: EnquiryDraft | None, form: CheckInForm
) -> EnquiryDraft:
    if draft is None:
        refuse_drafting(caller(request))
    draft = keep_page(draft, page=PAGE, values=as_typed(form))
    request.session[DRAFT] = {str(appointment.pk): str(draft.pk)}
    return draft


def _standing(appointment: Appointment) -> dict[str, Any]:
    """What is known of this visit's photos, for both pages. A fixed number of queries."""
    sent = [
        {
            "enquiry": one.enquiry,
            "photos": _shown(appointment, one.photos),
            "url": enquiry_path(one.enquiry),
            "waits": one.enquiry.standing in selectors.UNANSWERED,
        }
        for one in selectors.check_ins_of(appointment)
    ]
    told = [
        {"event": event, "photos": _shown(appointment, found)}
        for event, found in selectors.told_with_photos(appointment)
    ]
    event = open_event_of(appointment.patient_id)
    return {
        "appointment": appointment,
        "event": event,
        "sent": sent,
        "told": told,
        "takes_more": event is not None or not any(one["waits"] for one in sent),
        "zone": appointment.location.timezone,
        "wrong_url": url_of("wrong", appointment),
        "back_url": url_of("manage", appointment),
        "clinic_phone": appointment.location.phone or settings.CLINIC_PHONE,
    }


def _shown(appointment: Appointment, found: list[Photo]) -> list[dict[str, Any]]:
    return enquiries.shown(found, lambda pk, size: url_of("photo", appointment, photo_id=pk, size=size))
