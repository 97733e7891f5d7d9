"""A patient's own page: phone, code, bookings."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings.models import Appointment
from bookings.selectors.appointments import appointments
from bookings.states import State
from clinic.dates import clock, say
from clinic.errors import DomainError, Invalid
from clinic.people.access import requires
from clinic.people.codes import MINUTES, patients_of, use_code
from consultations.enquiry_links import enquiry_path
from consultations.forms.booking import CodeForm, PhoneForm
from consultations.models import Plan
from consultations.selectors.enquiries import enquiries_of
from consultations.selectors.plans import plans_of, state_of
from consultations.views.code import SENT, ask_for_code, code_for
from consultations.views.plan_words import OWN_STATES as STATES
from consultations.views.plans_own import url_of as plan_url
from consultations.views.visitor import open_here, private, prove, url_of

PURPOSE, PEOPLE = "my", "patient_ids"
SHOWN = (State.RESERVED, State.PENDING_REVIEW, State.CONFIRMED, State.ARRIVED, State.IN_TREATMENT, State.DONE)


@sensitive_post_parameters()
@requires("patient.sign_in")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The same page whether or not anybody has the number."""
    if request.session.get("patient_id"):
        return redirect("my:home")
    form, problem = PhoneForm(request.POST if request.method == "POST" else None), None
    if form.is_bound and form.is_valid():
        try:
            ask_for_code(request, phone=form.cleaned_data["phone"], purpose=PURPOSE)
            return private(redirect("my:code"))
        except DomainError as refusal:
            problem = refusal
    context = {"form": form, "problem": problem, "has_errors": bool(problem)}
    status = problem.status if problem else 422 if form.errors else 200
    return private(render(request, "my/sign_in.html", context, status=status))


@sensitive_post_parameters()
@requires("patient.sign_in")
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    if code_for(request, PURPOSE) is None:
        return redirect("my:sign_in")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            used = use_code(code_for(request, PURPOSE), code=form.cleaned_data["code"])
        except Invalid as refusal:
            form.add_error("code", [str(one) for one in refusal.fields["code"]])
        else:
            request.session.cycle_key()
            del request.session[SENT]
            request.session["patient_id"] = str(used.patient_id)
            request.session[PEOPLE] = [str(person.pk) for person in patients_of(used)]
            for person in request.session[PEOPLE]:
                prove(request, person)
            return private(redirect("my:home"))
    context = {"form": form, "minutes": MINUTES}
    return private(render(request, "my/code.html", context, status=422 if form.errors else 200))


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return _home(request) if request.session.get("patient_id") else redirect("my:sign_in")


home.policy = "patient.home"


@requires("patient.home")
def _home(request: HttpRequest) -> HttpResponse:
    people = request.session.get(PEOPLE, [request.session["patient_id"]])
    rows = list(appointments().filter(patient_id__in=people, state__in=SHOWN).order_by("start"))
    now = timezone.now()
    asked = list(enquiries_of(people))
    for row in [*rows, *asked]:
        open_here(request, row)
    context = {
        "coming": [_line(row) for row in rows if row.end > now],
        "asked": [{"row": row, "url": enquiry_path(row)} for row in asked],
        "plans": [_plan(request, one) for one in plans_of(people)],
        "past": [_line(row) for row in reversed(rows) if row.end <= now],
    }
    return private(render(request, "my/home.html", context))


def _plan(request: HttpRequest, plan: Plan) -> dict[str, Any]:
    open_here(request, plan)
    word, tone = STATES[state_of(plan)]
    return {"plan": plan, "url": plan_url("own", plan), "word": _(word), "tone": tone}


def _line(row: Appointment) -> dict[str, Any]:
    start = row.start.astimezone(ZoneInfo(row.location.timezone))
    return {
        "row": row,
        "name": row.patient.first_name,
        "day": say(start, "l j F Y"),
        "time": clock(start),
        "url": url_of("manage", row),
    }


@requires("patient.home")
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    request.session.flush()
    return redirect("my:sign_in")
