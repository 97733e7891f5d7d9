"""A practitioner's plans: begun from a visit or an enquiry, written, checked against the rules, sent."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bookings.models import Appointment
from clinic.dates import say
from clinic.errors import DomainError, Invalid
from clinic.people.access import requires
from clinic.people.models import Patient
from clinic.zone import write_in
from consultations import plan_draft
from consultations.forms.plans import StartForm, forms_of, typed
from consultations.models import Plan
from consultations.selectors import plans as selectors
from consultations.services import plans as services
from consultations.views import plan_words
from treatments.money import money

OPEN = (selectors.DRAFT, selectors.PROPOSED, selectors.OVER, selectors.NOT_NOW, selectors.ACCEPTED)


@requires("plan.write")
@never_cache
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The plans this practitioner wrote; those with a question come first."""
    rows = [_row(plan) for plan in selectors.plans_for(request.actor)]
    return render(request, "plans/overview.html", {"rows": rows})


@requires("plan.write")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The shape of a plan. Sending it begins a draft, which every later page keeps."""
    given = request.POST if request.method == "POST" else request.GET
    patient, about, location = selectors.subject_of(
        given.get("patient", ""), given.get("about", ""), actor=request.actor
    )
    if request.method != "POST" and (known := selectors.plan_of_visit(about)):
        return redirect("plans:plan", known.pk)
    write_in(location.timezone)
    catalogue = selectors.catalogue()
    status, form = 200, StartForm(initial=_from_visit(about), modalities=catalogue.modalities)
    if request.method == "POST":
        form = StartForm(request.POST, modalities=catalogue.modalities)
        if form.is_valid():
            draft = {"sessions": form.sessions()}
            asked = {"patient": patient, "about": about, "location": location}
            plan = services.save_draft(None, draft=draft, actor=request.actor, **asked)
            return redirect("plans:plan", plan.pk)
        status = 422
    context = {
        "form": form,
        "patient": patient,
        "about": about,
        "back_url": _source_url(about, patient),
        "others": [_row(one) for one in selectors.plans_for(request.actor, patient=patient)],
    }
    return render(request, "plans/new.html", context, status=status)


@requires("plan.write")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """One plan: how it stands, and its draft. Every press of a button keeps what was typed."""
    row = selectors.get_plan(plan_id, actor=request.actor)
    write_in(row.location.timezone)
    wrong: dict[str, list[str]] = {}
    problem, status, draft = None, 200, row.draft or _as_draft(row)
    if request.method == "POST":
        pressed = request.POST.get("do", "")
        try:
            if pressed == "withdraw":
                services.withdraw(row, actor=request.actor)
                messages.success(request, _("The plan is taken back."))
                return redirect("plans:overview")
            if pressed == "settle":
                services.settle_question(row, actor=request.actor)
                return redirect("plans:plan", plan_id)
            draft = _edited(typed(request.POST), pressed)
            row = services.save_draft(row, draft=draft, actor=request.actor)
            if pressed == "send":
                version = services.propose(row, actor=request.actor)
                said = _("Sent to %(name)s. They see it after a code to their phone.")
                messages.success(request, said % {"name": version.plan.patient.name})
                return redirect("plans:plan", plan_id)
            if pressed == "save":
                messages.success(request, _("Kept as a draft. Nothing was sent."))
            if pressed != "check":
                return redirect(f"{reverse('plans:plan', args=[plan_id])}?change=1")
        except Invalid as refusal:
            wrong, status = {name: [str(one) for one in said] for name, said in refusal.fields.items()}, refusal.status
        except DomainError as refusal:
            problem, status = refusal, refusal.status
        row = selectors.get_plan(plan_id, actor=request.actor, reads=False)
    return render(request, "plans/plan.html", _page(request, row, draft, wrong, problem), status=status)


def _page(
    request: HttpRequest, row: Plan, draft: dict[str, Any], wrong: dict[str, list[str]], problem: DomainError | None
) -> dict[str, Any]:
    state = selectors.state_of(row)
    version = selectors.current_version(row)
    editing = state in OPEN and (version is None or bool(row.draft) or "change" in request.GET or bool(wrong))
    context = _row(row) | {
        "version": version,
        "answers": [one for each in row.versions.all() for one in each.answers.all()],
        "editing": editing,
        "may_change": state in OPEN,
        "problem": problem,
        "has_errors": bool(wrong) or bool(problem),
        "back_url": _source_url(row.about, row.patient),
        "rows": [],
    }
    if version:
        context |= _sent(version)
    if row.course_id:
        visits = selectors.booked_visits(row)
        context |= {"visits": plan_words.progress(visits), "done": selectors.done_count(visits)}
    if editing:
        context |= _editor(row, draft, wrong)
    return context


def _sent(version: Any) -> dict[str, Any]:
    sessions, total = selectors.sessions_of(version), money(version.total, version.currency)
    try:
        rows = plan_words.lines(sessions, selectors.visits_for(sessions), total=version.total)
    except DomainError as refusal:  # the catalogue no longer has it
        return {"total": total, "not_offered": refusal}
    return {"rows": rows, "total": total}


def _editor(row: Plan, draft: dict[str, Any], wrong: dict[str, list[str]]) -> dict[str, Any]:
    catalogue = selectors.catalogue()
    today = selectors.today_at(row.location)
    asked = plan_draft.read(draft, offered=catalogue.offered, spacing=catalogue.spacing, today=today)
    form, rows = forms_of(draft, modalities=catalogue.modalities, wrong=wrong)
    complete = len(asked.sessions) == len(rows)
    lines: list[dict[str, Any]] = []
    listed = ""
    if asked.sessions and complete:
        visits = selectors.visits_for(asked.sessions)
        lines = plan_words.lines(asked.sessions, visits)
        listed = money(sum(visit.price for visit in visits), visits[0].currency)
    return {
        "form": form,
        "session_forms": [
            {
                "form": one,
                "number": number,
                "usual": asked.usual[number - 2] if complete and number > 1 else None,
                "areas": [
                    label for value, label in one.fields["areas"].choices if value in (one["areas"].value() or [])
                ],
            }
            for number, one in enumerate(rows, 1)
        ],
        "every_form": [form, *rows],
        "checked": lines,
        "near": plan_words.near_words(asked.near, lines) if lines else [],
        "beside_prp": asked.beside_prp,
        "listed": listed,
        "weeks": _weeks(asked),
    }


def _weeks(asked: plan_draft.Read) -> str:
    least, most = (sum(gap[edge] for gap in asked.gaps) // 7 for edge in (0, 1))
    return (
        _("%(least)s to %(most)s weeks from the first to the last session") % {"least": least, "most": most}
        if most
        else ""
    )


def _edited(draft: dict[str, Any], pressed: str) -> dict[str, Any]:
    """A row more, like the last one, or one less."""
    rows = draft["sessions"]
    verb, _sep, which = pressed.partition("-")
    if verb == "add":
        rows.append((rows[-1] if rows else {"modality": "", "areas": []}) | {"least": "", "most": ""})
    if verb == "remove" and which.isascii() and which.isdigit() and int(which) <= len(rows):
        del rows[int(which) - 1 : int(which)]
    return draft


def _as_draft(row: Plan) -> dict[str, Any]:
    """What was sent last, to be changed. Gaps that are the usual ones stay empty, so that they follow the treatments."""
    version = selectors.current_version(row)
    if version is None:
        return {"sessions": []}
    rows = [{name: one.get(name, "") for name in ("modality", "areas", "least", "most")} for one in version.sessions]
    return {
        "goal": version.goal,
        "note": version.note,
        "near_reason": version.near_reason,
        "total": "" if version.total == version.listed else f"{version.total.normalize():f}",
        "expires_on": version.expires_on.isoformat() if version.expires_on else "",
        "sessions": rows,
    }


def _row(row: Plan) -> dict[str, Any]:
    word, tone = plan_words.STATES[selectors.state_of(row)]
    version, question = selectors.current_version(row), selectors.open_question(row)
    return {
        "plan": row,
        "state": selectors.state_of(row),
        "word": _(word),
        "tone": tone,
        "question": question,
        "when": say(version.sent_at if version else row.created_at, "j F Y"),
        "count": len(version.sessions) if version else 0,
    }


def _from_visit(about: str) -> dict[str, Any]:
    """The areas of the visit the plan comes from, and its treatment where it is one."""
    kind, _sep, identifier = about.partition(":")
    visit = Appointment.objects.filter(pk=identifier).first() if kind == "appointment" else None
    if visit is None:
        return {}
    slug = visit.modality.slug
    return {
        "areas": [area.slug for area in visit.areas.all()],
        "modality": "" if slug == "consult" else slug,
        "count": 3,
    }


def _source_url(about: str, patient: Patient) -> str:
    kind, _sep, identifier = about.partition(":")
    if kind == "enquiry":
        return reverse("enquiries:one", args=[identifier])
    return reverse("desk:appointment", args=[identifier]) if kind == "appointment" else reverse("plans:overview")
