"""Questions and rules as a table to read, to print and to sign."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinic.errors import DomainError
from clinic.people.access import may, requires
from consultations.forms.rules import SignForm
from consultations.questionnaire import current, matrix
from consultations.questionnaire.definition import CONSULT
from consultations.selectors.questionnaire import published_version
from consultations.services.questionnaire import sign_off
from treatments.selectors import list_modalities


@requires("rules.read")
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """``?treatment=pen`` narrows the table to one treatment, and then says why."""
    return _page(request, SignForm(initial={"name": request.actor.user.name}))


@requires("rules.sign")
@require_POST
def sign(request: HttpRequest) -> HttpResponse:
    form = SignForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        version = published_version()
        if form.cleaned_data["version"] != version.version:
            raise DomainError("stale_rules", _("The rules have changed since you opened them. Please read them again."))
        sign_off(version, name=form.cleaned_data["name"], on=timezone.localdate(), actor=request.actor)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form, status=refusal.status)
    messages.success(request, _("Signed. From now on the rules carry your name."))
    return redirect("rules:rules")


def _page(request: HttpRequest, form: SignForm, *, status: int = 200) -> HttpResponse:
    names = {one.slug: one.name for one in list_modalities()}
    columns = [slug for slug in matrix.treatments(current()) if slug in names]
    wanted = request.GET.get("treatment", "")
    chosen = [slug for slug in columns if slug == wanted] or columns
    version = published_version()
    form.fields["version"].initial = version.version
    found = matrix.lines(current(), get_language())
    asked = [line for line in found if any(line.cells[slug].worst for slug in chosen)]
    context = {
        "version": version,
        "form": form,
        "may_sign": may(request.actor, "rules.sign") and version.draft,
        "treatments": [{"slug": slug, "name": names[slug]} for slug in columns if slug != CONSULT],
        "chosen": chosen[0] if len(chosen) == 1 else "",
        "columns": [names[slug] for slug in chosen],
        "questions": [_question(lines, chosen) for _id, lines in groupby(asked, lambda line: line.question)],
        "sources": sorted(current().sources.items()),
        "count": len(current().rules),
    }
    return render(request, "rules/rules.html", context, status=status)


def _question(lines: Any, chosen: list[str]) -> dict[str, Any]:
    rows = [{"line": line, "cells": [line.cells[slug] for slug in chosen]} for line in lines]
    return {"asked": rows[0]["line"].asked, "rows": rows}
