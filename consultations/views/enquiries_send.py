"""Who asks, the code that proves it, a last look, and away."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from clinic.crypto.search import blind_index
from clinic.errors import DomainError, Invalid
from clinic.people.access import requires
from clinic.people.codes import MINUTES, use_code
from clinic.people.models import Patient
from consultations.forms.booking import CodeForm
from consultations.forms.enquiry import CONCERNS, WISHES, ContactForm, as_typed, retyped
from consultations.models import Enquiry, EnquiryDraft
from consultations.selectors import enquiries as selectors
from consultations.services.enquiries import send_enquiry
from consultations.services.enquiry_drafts import prove_phone
from consultations.services.enquiry_limits import refuse_flooding
from consultations.views import enquiries
from consultations.views.code import SENT, ask_for_code, code_for
from consultations.views.enquiries_ask import first_gap, hurry, keep, step_of
from consultations.views.my import PEOPLE
from consultations.views.visitor import caller, open_here, private
from treatments.models import Area


@sensitive_post_parameters()
@requires("enquiry.ask")
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    """A number is shown to be somebody's own by a code; one that this browser has shown already needs none."""
    draft, problem = enquiries.draft_of(request), None
    if request.method == "POST":
        form = ContactForm(request.POST)
        draft = keep(request, "contact", as_typed(form))
        if "back" in request.POST:
            return private(redirect("ask:photos"))
    if gap := first_gap(draft, upto="contact"):
        return private(redirect(gap))
    if request.method != "POST":
        form = ContactForm(initial=draft.content.get("contact"))
    if form.is_bound and form.is_valid():
        phone = form.cleaned_data["phone"]
        index = blind_index("phone", phone)
        try:
            if draft.proven_phone == index or _is_own(request, index):
                prove_phone(draft, phone_index=index)
                return private(redirect("ask:check"))
            if code_for(request, _purpose(phone)) is None:
                ask_for_code(request, phone=phone, purpose=_purpose(phone), strangers=True)
            return private(redirect("ask:code"))
        except DomainError as refusal:
            problem = refusal
    context = {"form": form, "problem": problem, "has_errors": bool(problem)} | step_of("contact")
    status = problem.status if problem else 422 if form.errors else 200
    return private(render(request, "enquiries/contact.html", context, status=status))


def _is_own(request: HttpRequest, index: str) -> bool:
    """Somebody who signed in to their own page with this number has shown it already."""
    people = request.session.get(PEOPLE, [])
    return bool(people) and Patient.objects.filter(pk__in=people, phone_index=index).exists()


def _purpose(phone: str) -> str:
    return f"ask:{blind_index('phone', phone)}"


@sensitive_post_parameters()
@requires("enquiry.ask")
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    draft = enquiries.draft_of(request)
    if gap := first_gap(draft):
        return private(redirect(gap))
    phone = _details(draft)["phone"]
    purpose, problem, form = _purpose(phone), None, CodeForm()
    if draft.proven_phone == blind_index("phone", phone):
        return private(redirect("ask:check"))
    if request.method != "POST" and code_for(request, purpose) is None:
        return private(redirect("ask:contact"))
    try:
        if request.method == "POST" and request.POST.get("send"):
            ask_for_code(request, phone=phone, purpose=purpose, strangers=True)
            return private(redirect("ask:code"))
        if request.method == "POST":
            form = CodeForm(request.POST)
            if form.is_valid():
                used = use_code(code_for(request, purpose), code=form.cleaned_data["code"], strangers=True)
                if used.phone_index == blind_index("phone", phone):
                    request.session.cycle_key()
                    del request.session[SENT]
                    prove_phone(draft, phone_index=used.phone_index)
                    return private(redirect("ask:check"))
                form.add_error("code", CodeForm.base_fields["code"].error_messages["required"])
    except Invalid as refusal:
        form.add_error("code", [str(one) for one in refusal.fields["code"]])
    except DomainError as refusal:
        problem = refusal
    context = {
        "form": form,
        "problem": problem,
        "has_errors": bool(problem),
        "ending": phone[-2:],
        "minutes": MINUTES,
        "back_url": reverse("ask:contact"),
    }
    status = problem.status if problem else 422 if form.errors else 200
    return private(render(request, "enquiries/code.html", context, status=status))


@requires("enquiry.ask")
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Everything once more, each with a way to change it. A second press finds it sent."""
    draft = enquiries.draft_of(request)
    if draft is None and request.session.get(enquiries.SENT):
        return private(redirect("ask:sent"))
    if gap := first_gap(draft):
        return private(redirect(gap))
    details, problem = _details(draft), None
    if draft.proven_phone != blind_index("phone", details["phone"]):
        return private(redirect("ask:code"))
    if request.method == "POST":
        try:
            refuse_flooding(caller(request), phone=details["phone"])
            enquiry = send_enquiry(draft, content=_content(draft), language=get_language(), **details)
            request.session.pop(enquiries.DRAFT, None)
            request.session[enquiries.SENT] = str(enquiry.pk)
            open_here(request, enquiry)
            return private(redirect("ask:sent"))
        except DomainError as refusal:
            if refusal.code == "already_sent" and request.session.get(enquiries.SENT):
                return private(redirect("ask:sent"))
            problem = refusal
    found = selectors.photos_of(draft.ref)
    context = {
        "rows": _rows(draft, details),
        "photos": enquiries.shown(found, lambda pk, size: reverse("ask:photo", args=[pk, size])),
        "hurry": hurry(draft),
        "problem": problem,
        "has_errors": bool(problem),
        "due": selectors.due_after(timezone.now()),
    } | step_of("check")
    return private(render(request, "enquiries/check.html", context, status=problem.status if problem else 200))


@requires("enquiry.ask")
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    row = Enquiry.objects.filter(pk=request.session.get(enquiries.SENT)).first()
    if row is None:
        return private(redirect("ask:start"))
    context = {"enquiry": row, "own_url": reverse("enquiry:own", kwargs=enquiries.url_token(row))}
    return private(render(request, "enquiries/sent.html", context))


def _details(draft: EnquiryDraft) -> dict[str, Any]:
    form = retyped("contact", draft.content)
    form.is_valid()
    return form.cleaned_data


def _content(draft: EnquiryDraft) -> dict[str, Any]:
    """What the practitioner reads: cleaned, and nothing that was not asked for."""
    found: dict[str, Any] = {}
    for page in ("concern", "goals"):
        form = retyped(page, draft.content)
        form.is_valid()
        found |= form.cleaned_data
    found.pop("website")
    return found


def _rows(draft: EnquiryDraft, details: dict[str, Any]) -> list[dict[str, Any]]:
    content = _content(draft)
    words = told(content)
    contact = " · ".join(filter(None, (details["name"], details["phone"], details["email"])))
    at = {"concerns": "concern", "areas": "concern", "words": "concern"}
    rows = [one | {"url": reverse(f"ask:{at.get(one['name'], 'goals')}")} for one in words]
    return [*rows, {"label": _("You"), "value": contact, "url": reverse("ask:contact")}]


def told(content: dict[str, Any]) -> list[dict[str, Any]]:
    """A question in the reader's language, line by line; somebody's own words stay as typed. One query."""
    concerns, wishes = dict(CONCERNS), dict(WISHES)
    areas = {area.slug: area.name for area in Area.objects.filter(slug__in=content.get("areas", []))}
    lines = [
        ("concerns", _("About"), ", ".join(str(concerns.get(one, one)) for one in content.get("concerns", []))),
        ("areas", _("Where"), ", ".join(areas.get(one, one) for one in content.get("areas", []))),
        ("words", _("In your own words"), content.get("words", "")),
        ("goals", _("Hoped for"), content.get("goals", "")),
        ("tried", _("Tried so far"), content.get("tried", "")),
        ("health", _("About health"), content.get("health", "")),
        ("wish", _("Would help most"), str(wishes.get(content.get("wish", ""), ""))),
    ]
    return [{"name": name, "label": label, "value": value} for name, label, value in lines if value]
