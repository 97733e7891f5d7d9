"""Questions as practitioners read and answer them."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.audit.services import record
from clinic.errors import DomainError, Invalid
from clinic.people.access import requires
from consultations.forms.enquiry import AnswerForm
from consultations.models import Act, Standing
from consultations.selectors import check_ins
from consultations.selectors import enquiries as selectors
from consultations.services import enquiries as services
from consultations.services.enquiry_keeping import erase_asked, has_record
from consultations.views import enquiries
from consultations.views.enquiries_send import told

SHOW = {"waiting": gettext_lazy("Waiting"), "mine": gettext_lazy("Mine"), "done": gettext_lazy("Answered and closed")}
SAID = {
    Act.ANSWER: gettext_lazy("Your answer is on its way."),
    Act.INVITE: gettext_lazy("Your answer and the invitation are on their way."),
    Act.MORE: gettext_lazy("Your question is on its way. It waits for the patient now."),
    Act.CLOSE: gettext_lazy("Closed. The patient has been told."),
}


@requires("enquiry.read")
@never_cache
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    show = request.GET.get("show")
    show = show if show in SHOW else "waiting"
    context = {
        "rows": selectors.queue(show=show, user=request.user),
        "show": show,
        "tabs": [(name, word, f"?show={name}") for name, word in SHOW.items()],
        "now": timezone.now(),
        "zone": settings.CLINIC_TIMEZONE,
    }
    return render(request, "enquiries/list.html", context)


@requires("enquiry.answer")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, enquiry_id: uuid.UUID) -> HttpResponse:
    """One enquiry. A POST with ``preview`` shows the patient's page first; without, it sends."""
    status, form, preview = 200, None, None
    if request.method == "POST":
        form = AnswerForm(request.POST)
        try:
            if not form.is_valid():
                status = 422
            elif "preview" in request.POST:
                preview = form.cleaned_data
            else:
                entry = services.answer_enquiry(enquiry_id, actor=request.actor, **form.cleaned_data)
                messages.success(request, str(SAID[Act(entry.act)]))
                return redirect("enquiries:list")
        except Invalid as refusal:
            for name, sentences in refusal.fields.items():
                form.add_error(name, list(sentences))
            status = refusal.status
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status
    found = selectors.thread(enquiry_id, actor=request.actor)
    if status == 409:
        # What came between stands above the form now; the words stay, and sending again is meant.
        form.data = _seen(form, found)
    context = {
        "thread": found,
        "enquiry": found.enquiry,
        "form": form or AnswerForm(initial={"seen": found.last.number}),
        "preview": preview and _preview(found, preview),
        "zone": settings.CLINIC_TIMEZONE,
        "told": told(found.enquiry.content),
        "photos": enquiries.shown(found.photos, _photo_url(enquiry_id)),
        "compared": _compared(request, found) if found.enquiry.is_check_in else None,
        "is_closed": found.enquiry.standing == Standing.CLOSED,
        "plan_url": _plan_url(found.enquiry),
        "language": translation.get_language_info(found.enquiry.language)["name_translated"],
        "on_record": found.enquiry.erasure_asked_at and has_record(found.enquiry.patient),
        "late": found.enquiry.due_at and found.enquiry.due_at < timezone.now(),
    }
    return render(request, "enquiries/one.html", context, status=status)


def _seen(form: AnswerForm, found: selectors.Thread) -> Any:
    data = form.data.copy()
    data["seen"] = str(found.last.number)
    return data


def _preview(found: selectors.Thread, said: dict[str, Any]) -> dict[str, Any]:
    """The words around the answer in the patient's language."""
    with translation.override(found.enquiry.language):
        rtl = translation.get_language_bidi()
        invited = _("Book a consultation") if said["act"] == Act.INVITE else ""
        head = _("An answer for you") if said["act"] != Act.MORE else _("We would like to know more")
    return said | {"head": head, "button": invited, "language": found.enquiry.language, "dir": "rtl" if rtl else "ltr"}


def _plan_url(enquiry: Any) -> str:
    """Where a plan is proposed, or nothing while no URL has that name."""
    try:
        return f"{reverse('plans:new')}?patient={enquiry.patient_id}&about={enquiry.ref}"
    except NoReverseMatch:
        return ""


def _photo_url(enquiry_id: uuid.UUID) -> Any:
    def url(photo_id: uuid.UUID, size: str) -> str:
        name = "enquiries:photo_page" if size == "full" else "enquiries:photo"
        return reverse(name, args=[enquiry_id, photo_id] if size == "full" else [enquiry_id, photo_id, size])

    return url


def _compared(request: HttpRequest, found: selectors.Thread) -> dict[str, Any] | None:
    here, url = reverse("enquiries:one", args=[found.enquiry.pk]), _photo_url(found.enquiry.pk)
    return enquiries.side_by_side(request, found.enquiry, found.photos, here=here, url=url)


@requires("enquiry.answer")
@require_POST
def take(request: HttpRequest, enquiry_id: uuid.UUID) -> HttpResponse:
    before = request.POST.get("instead_of", "")
    try:
        services.take(enquiry_id, instead_of=int(before) if before.isdecimal() else None, actor=request.actor)
    except DomainError as refusal:
        if refusal.status != 409:
            raise
        messages.error(request, str(refusal))
    return redirect("enquiries:one", enquiry_id=enquiry_id)


@requires("enquiry.answer")
@require_POST
def erase(request: HttpRequest, enquiry_id: uuid.UUID) -> HttpResponse:
    """The patient has asked for it."""
    try:
        erase_asked(enquiry_id, actor=request.actor)
    except DomainError as refusal:
        if refusal.status != 409:
            raise
        messages.error(request, str(refusal))
        return redirect("enquiries:one", enquiry_id=enquiry_id)
    messages.success(request, _("Deleted, photos included."))
    return redirect("enquiries:list")


@requires("enquiry.read")
@never_cache
@require_safe
def photo_page(request: HttpRequest, enquiry_id: uuid.UUID, photo_id: uuid.UUID) -> HttpResponse:
    """One photo as large as the window, with the one before and after; an earlier one of the same patient with those it
    came with."""
    enquiry = selectors.get_enquiry(enquiry_id)
    shown = check_ins.patients_photo(enquiry, photo_id)
    found = selectors.photos_of(shown.owner)
    number = found.index(shown)
    page = _photo_url(enquiry_id)
    context = {
        "enquiry": enquiry,
        "photo": shown,
        "number": number + 1,
        "total": len(found),
        "zone": settings.CLINIC_TIMEZONE,
        "picture_url": reverse("enquiries:photo", args=[enquiry_id, photo_id, "full"]),
        "before": page(found[number - 1].pk, "full") if number else "",
        "after": page(found[number + 1].pk, "full") if number + 1 < len(found) else "",
    }
    return render(request, "enquiries/photo.html", context)


@requires("enquiry.read")
@require_safe
def photo(request: HttpRequest, enquiry_id: uuid.UUID, photo_id: uuid.UUID, size: str) -> HttpResponse:
    """Looking at it is written into the audit first."""
    found = check_ins.patients_photo(selectors.get_enquiry(enquiry_id), photo_id)
    record("photo.read", subject=found.ref, actor=request.actor, detail={"size": size}, purpose="answer")
    return enquiries.picture(request, found, size=size)
