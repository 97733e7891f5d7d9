"""A patient's plan behind its link and a code: read it, say yes, ask, choose the times of the whole course."""

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from bookings.callers import caller_of
from bookings.services.limits import refuse_guessing
from clinic.dates import say
from clinic.errors import DomainError, Invalid, NotFound
from clinic.people.access import Actor, requires
from clinic.zone import write_in
from consultations.forms.plans import QuestionForm
from consultations.models import Plan, PlanAnswerKind
from consultations.plan_links import plan_token
from consultations.selectors import plans as selectors
from consultations.services import plans as services
from consultations.views import plan_words
from consultations.views.code import code_page
from consultations.views.visitor import is_open_here, open_here, private
from treatments.money import money


def plan_page(view: Callable[..., HttpResponse], *, health: bool = True) -> Callable[..., HttpResponse]:
    """A page behind a plan's link; the view gets the plan instead of the token. ``health`` pages also need a browser that
    has shown a code; others lead to the code page."""

    @requires("plan.own")
    @functools.wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        try:
            plan = selectors.plan_by_token(token)
        except NotFound:
            refuse_guessing(caller_of(request))
            raise
        write_in(plan.location.timezone)
        if not request.user.is_authenticated:
            request.actor = Actor("patient", patient_id=str(plan.patient_id))
        if health and not is_open_here(request, plan):
            return private(redirect(url_of("code", plan)))
        return private(view(request, plan))

    return opened


def url_of(name: str, plan: Plan) -> str:
    return reverse(f"plan:{name}", args=[plan_token(plan)])


@require_http_methods(["GET", "HEAD", "POST"])
def _own(request: HttpRequest, plan: Plan) -> HttpResponse:
    """The plan in plain words and what can be said to it; once booked, its visits."""
    problem, form, status = None, QuestionForm(), 200
    if request.method == "POST":
        form = QuestionForm(request.POST)
        form.full_clean()
        form._errors.clear()
        try:
            return _answered(request, plan)
        except Invalid as refusal:
            form.add_error("text", [str(one) for one in refusal.fields["text"]])
            status = refusal.status
        except DomainError as refusal:
            problem, status = refusal, refusal.status
        plan = selectors.plan_by_token(plan_token(plan))
    context = _page(plan) | {
        "problem": problem,
        "form": form,
        "has_errors": status != 200,
    }
    if plan.course_id:
        visits = selectors.booked_visits(plan)
        for visit in visits:
            open_here(request, visit)
        context |= {"visits": plan_words.progress(visits, own=True), "done": selectors.done_count(visits)}
    return render(request, "plans/own.html", context, status=status)


def _answered(request: HttpRequest, plan: Plan) -> HttpResponse:
    said = request.POST.get("answer", "")
    words = _page(plan)
    services.answer(
        plan,
        said=said,
        seen=request.POST.get("seen", ""),
        shown=words["shown"],
        shown_hash=request.POST.get("shown", ""),
        language=get_language(),
        text=request.POST.get("text", ""),
        actor=request.actor,
    )
    if said == PlanAnswerKind.ACCEPT:
        return redirect(url_of("times", plan))
    thanks = {
        PlanAnswerKind.NOT_NOW: _("Thank you for telling us. The plan stays here for you."),
        PlanAnswerKind.ASK: _("Your question is with your practitioner. We answer by phone or message."),
    }
    messages.success(request, thanks[said])
    return redirect(url_of("own", plan))


def _page(plan: Plan) -> dict[str, Any]:
    """Everything the page says. Words and hash come from the same values."""
    version = selectors.current_version(plan)
    sessions = selectors.sessions_of(version)
    total = money(version.total, version.currency)
    state = selectors.state_of(plan)
    context: dict[str, Any] = {
        "plan": plan,
        "version": version,
        "state": state,
        "until": say(version.expires_on, "j F Y") if version.expires_on else "",
        "total": total,
        "asked": selectors.open_question(plan),
        "clinic_phone": plan.location.phone or settings.CLINIC_PHONE,
        "times_url": url_of("times", plan),
        "rows": [],
        "shown": "",
        "shown_hash": "",
    }
    try:
        rows = plan_words.lines(sessions, selectors.visits_for(sessions), total=version.total)
    except DomainError:  # the catalogue no longer has it
        return context | {"state": "stale" if state != selectors.BOOKED else state}
    words = plan_words.shown(version, rows, total)
    return context | {"rows": rows, "shown": words, "shown_hash": services.hash_of(words)}


own = plan_page(_own)


@require_http_methods(["GET", "HEAD", "POST"])
def _code(request: HttpRequest, plan: Plan) -> HttpResponse:
    """A one-time code to the phone opens the plan in this browser."""
    if is_open_here(request, plan):
        return redirect(url_of("own", plan))

    def opened() -> HttpResponse:
        open_here(request, plan)
        return redirect(url_of("own", plan))

    return code_page(request, patient=plan.patient, purpose=plan.ref, again=request.path, opened=opened, plan=plan)


code = sensitive_post_parameters()(plan_page(_code, health=False))
