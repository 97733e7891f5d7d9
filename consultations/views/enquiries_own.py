"""A patient's own page of an enquiry: a link opens where it stands; a code opens what was written."""

import functools
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from clinic.errors import DomainError, Invalid
from clinic.people.access import requires
from consultations.forms.enquiry import ReplyForm
from consultations.models import Act, Enquiry, Standing
from consultations.selectors import enquiries as selectors
from consultations.services.enquiries import reply, urgency_in
from consultations.services.enquiry_keeping import delete_own, is_answered, tells_of_trouble
from consultations.views import enquiries
from consultations.views.code import code_page
from consultations.views.enquiries_send import told
from consultations.views.visitor import open_here, private


def own_enquiry(*, open_to_link: bool = False) -> Callable:
    """A page behind an enquiry's link. The view gets the enquiry instead of the token. All but where it stands also
    needs the browser that sent it or that has shown a code; others lead to the code page."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @requires("enquiry.own")
        @functools.wraps(view)
        def opened(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
            enquiry = enquiries.enquiry_by_link(request, token)
            if not request.user.is_authenticated:
                request.actor = enquiries.patient_of(enquiry)
            if not open_to_link and not enquiries.is_read_here(request, enquiry):
                return private(redirect("enquiry:code", token=token))
            return private(view(request, enquiry, **kwargs))

        return opened

    return decorate


@own_enquiry()
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest, enquiry: Enquiry) -> HttpResponse:
    """The thread, and a way to add words and photos. What arrived whole is sent also when another photo is refused."""
    form, problem, hurry = ReplyForm(request.POST if request.method == "POST" else None), None, ""
    token = enquiries.url_token(enquiry)
    if form.is_bound and form.is_valid():
        try:
            kept, said = 0, []
            if enquiry.standing != Standing.CLOSED:
                kept, said = enquiries.keep_photos(request, enquiry, most=enquiries.MOST_IN_THREAD)
            if kept or form.cleaned_data["text"] or not said:
                reply(enquiry.pk, text=form.cleaned_data["text"], has_photos=kept > 0, actor=request.actor)
                messages.success(request, _("Sent. A practitioner reads it."))
            for sentence in said:
                messages.error(request, sentence)
            return redirect("enquiry:own", **token)
        except Invalid as refusal:
            form.add_error("text", [str(one) for one in refusal.fields["text"]])
        except DomainError as refusal:
            problem, hurry = refusal, urgency_in(enquiry.content, text=form.cleaned_data["text"])
        enquiry.refresh_from_db()
    entries = list(enquiry.entries.select_related("by"))
    context = {
        "enquiry": enquiry,
        "entries": entries,
        "zone": settings.CLINIC_TIMEZONE,
        "told": told(enquiry.content),
        "photos": enquiries.shown(
            selectors.photos_of(enquiry.ref),
            lambda pk, size: reverse("enquiry:photo", kwargs=token | {"photo_id": pk, "size": size}),
        ),
        "hurry": hurry or enquiries.hurry_of(enquiry),
        "form": form,
        "problem": problem,
        "has_errors": bool(problem),
        "is_closed": enquiry.standing == Standing.CLOSED,
        "is_invited": any(one.act == Act.INVITE for one in entries),
        "is_answered": any(not one.is_own for one in entries),
        "book_url": reverse("book:choices", args=["consult"]) + "?areas=" + ",".join(enquiry.content.get("areas", [])),
        "delete_url": reverse("enquiry:delete", kwargs=token),
        "photos_url": enquiries.visit_url(enquiry, "photos"),
        "wrong_url": enquiries.visit_url(enquiry, "wrong"),
    }
    status = problem.status if problem else 422 if form.errors else 200
    return render(request, "enquiries/own.html", context, status=status)


@own_enquiry()
@require_safe
def photo(request: HttpRequest, enquiry: Enquiry, photo_id: uuid.UUID, size: str) -> HttpResponse:
    return enquiries.picture(request, selectors.photo_of(enquiry.ref, photo_id), size=size)


@own_enquiry()
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, enquiry: Enquiry) -> HttpResponse:
    """At once before an answer, a wish afterwards."""
    if request.method == "POST":
        if delete_own(enquiry.pk, actor=request.actor):
            if back := enquiries.visit_url(enquiry, "photos"):
                messages.success(request, _("Deleted, photos included."))
                return redirect(back)
            request.session.pop(enquiries.SENT, None)
            return redirect("ask:gone")
        messages.success(request, _("We have your wish. A practitioner looks at it and deletes what may be deleted."))
        return redirect("enquiry:own", **enquiries.url_token(enquiry))
    context = {
        "enquiry": enquiry,
        "is_answered": is_answered(enquiry),
        "tells_of_trouble": tells_of_trouble(enquiry),
        "back_url": reverse("enquiry:own", kwargs=enquiries.url_token(enquiry)),
    }
    return render(request, "enquiries/delete.html", context)


@requires("enquiry.ask")
@require_safe
def gone(request: HttpRequest) -> HttpResponse:
    return private(render(request, "enquiries/gone.html"))


@sensitive_post_parameters()
@own_enquiry(open_to_link=True)
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest, enquiry: Enquiry) -> HttpResponse:
    """What a link alone shows: where it stands. A code to the number that sent it opens the rest."""
    token = enquiries.url_token(enquiry)
    if enquiries.is_read_here(request, enquiry):
        return redirect("enquiry:own", **token)

    def opened() -> HttpResponse:
        open_here(request, enquiry)
        return redirect("enquiry:own", **token)

    return code_page(
        request,
        patient=enquiry.patient,
        purpose=enquiry.ref,
        again=reverse("enquiry:code", kwargs=token),
        opened=opened,
        template="enquiries/own_code.html",
        enquiry=enquiry,
    )
