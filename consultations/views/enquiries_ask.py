"""A question to a practitioner, page by page, without booking first. Nothing is stored before the first Continue."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.errors import NotFound
from clinic.people.access import requires
from consultations.forms.enquiry import PAGES, as_typed, retyped
from consultations.models import EnquiryDraft
from consultations.selectors import enquiries as selectors
from consultations.services.enquiries import urgency_in
from consultations.services.enquiry_drafts import drop_draft, keep_page
from consultations.services.enquiry_limits import refuse_drafting
from consultations.services.photos import remove_photos
from consultations.views import enquiries
from consultations.views.visitor import caller, private

STEPS = ("adult", "concern", "goals", "photos", "contact", "check")
BEFORE = {"concern": "start", "goals": "concern", "photos": "goals", "contact": "photos", "check": "contact"}
AFTER = {"adult": "concern", "concern": "goals", "goals": "photos"}


def first_gap(draft: EnquiryDraft | None, *, upto: str = "check") -> str:
    """The name of the first page before ``upto`` that is not done, or nothing."""
    content = draft.content if draft else {}
    if content.get("adult", {}).get("adult") != "yes":
        return "ask:start"
    for page in STEPS[1 : STEPS.index(upto)]:
        if page in PAGES and not retyped(page, content).is_valid():
            return f"ask:{page}"
    return ""


def needs_help_now(draft: EnquiryDraft) -> bool:
    """Whether the words speak of an emergency and the page about it has not been read yet."""
    return hurry(draft) == "emergency" and not draft.content.get("urgent")


def hurry(draft: EnquiryDraft) -> str:
    return urgency_in(draft.content.get("concern", {}) | draft.content.get("goals", {}))


def step_of(page: str) -> dict[str, Any]:
    back = BEFORE.get(page)
    return {"number": STEPS.index(page) + 1, "total": len(STEPS), "back_url": reverse(f"ask:{back}") if back else "/"}


def keep(request: HttpRequest, page: str, values: dict[str, Any]) -> EnquiryDraft:
    """Into the browser's draft, made at the first time."""
    draft = enquiries.draft_of(request)
    if draft is None:
        refuse_drafting(caller(request))
    draft = keep_page(draft, page=page, values=values)
    request.session[enquiries.DRAFT] = str(draft.pk)
    return draft


def _page(page: str) -> Callable[[HttpRequest], HttpResponse]:
    """A page of plain fields: kept as typed also with gaps, so that nothing is lost by Back, an error or a reload. Back is a
    button for that reason: a link would lose what was typed since."""

    @sensitive_post_parameters()
    @requires("enquiry.ask")
    @require_http_methods(["GET", "HEAD", "POST"])
    def view(request: HttpRequest) -> HttpResponse:
        draft = enquiries.draft_of(request)
        gap = first_gap(draft, upto=page) if page != "adult" else ""
        if gap and request.method != "POST":
            return private(redirect(gap))
        kept = draft.content.get(page) if draft else None
        form = PAGES[page](request.POST) if request.method == "POST" else PAGES[page](initial=kept)
        if form.is_bound and (page != "adult" or form.is_valid()):
            if page == "adult" and form.cleaned_data["adult"] == "no":
                if draft:
                    drop_draft(draft)
                return private(redirect("ask:young"))
            draft = keep(request, page, as_typed(form))
        if form.is_bound and "back" in request.POST and page in BEFORE:
            return private(redirect(f"ask:{BEFORE[page]}"))
        if form.is_bound and form.is_valid():
            onward = first_gap(draft, upto=AFTER[page])
            return private(redirect("ask:urgent" if needs_help_now(draft) else onward or f"ask:{AFTER[page]}"))
        context = {"form": form, "page": page, "has_draft": draft is not None} | step_of(page)
        return private(render(request, f"enquiries/{page}.html", context, status=422 if form.errors else 200))

    view.__name__ = page
    return view


start, concern, goals = _page("adult"), _page("concern"), _page("goals")


@requires("enquiry.ask")
@require_safe
def young(request: HttpRequest) -> HttpResponse:
    """Kindly: adults only, and whom to ask instead."""
    return private(render(request, "enquiries/young.html"))


@requires("enquiry.ask")
@require_http_methods(["GET", "HEAD", "POST"])
def urgent(request: HttpRequest) -> HttpResponse:
    """What to do now, before anything else. What was written stays, and can be sent all the same."""
    draft = enquiries.draft_of(request)
    if draft is None:
        return private(redirect("ask:start"))
    if request.method == "POST":
        draft = keep(request, "urgent", {"read": "yes"})
        return private(redirect(first_gap(draft, upto="photos") or "ask:photos"))
    return private(render(request, "enquiries/urgent.html"))


@requires("enquiry.ask")
@require_http_methods(["GET", "HEAD", "POST"])
def photos(request: HttpRequest) -> HttpResponse:
    """None to six photos. Each stays when another is refused."""
    draft, said = enquiries.draft_of(request), []
    if request.method == "POST":
        draft = keep(request, "photos", {"seen": "yes"})
        _kept, said = enquiries.keep_photos(request, draft, most=enquiries.MOST)
        if not said and not first_gap(draft, upto="photos"):
            return private(redirect("ask:photos" if request.POST.get("do") == "add" else "ask:contact"))
    if gap := first_gap(draft, upto="photos"):
        return private(redirect(gap))
    found = selectors.photos_of(draft.ref)
    context = {
        "photos": enquiries.shown(found, lambda pk, size: reverse("ask:photo", args=[pk, size])),
        "said": said,
        "has_errors": bool(said),
        "most": enquiries.MOST,
        "left": enquiries.MOST - len(found),
    }
    return private(render(request, "enquiries/photos.html", context | step_of("photos"), status=422 if said else 200))


@requires("enquiry.ask")
@require_safe
def photo(request: HttpRequest, photo_id: uuid.UUID, size: str) -> HttpResponse:
    """To the browser that sent it, while it is not sent on."""
    draft = enquiries.draft_of(request)
    if draft is None:
        raise NotFound
    return enquiries.picture(request, selectors.photo_of(draft.ref, photo_id), size=size)


@requires("enquiry.ask")
@require_POST
def remove(request: HttpRequest, photo_id: uuid.UUID) -> HttpResponse:
    draft = enquiries.draft_of(request)
    if draft is not None:
        remove_photos([one for one in selectors.photos_of(draft.ref) if one.pk == photo_id])
    return private(redirect("ask:photos"))


@requires("enquiry.ask")
@require_POST
def clear(request: HttpRequest) -> HttpResponse:
    """Everything typed and every photo, now."""
    draft = enquiries.draft_of(request)
    if draft is not None:
        drop_draft(draft)
    request.session.pop(enquiries.DRAFT, None)
    return private(redirect("ask:start"))
