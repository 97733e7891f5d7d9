"""On which number somebody is paged: everybody sees to their own, the owner to all; and a test that shows how it went."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from clinic.errors import DomainError, NotFound
from clinic.people.access import may, requires
from clinic.people.models import User
from clinic.people.phones import spaced
from clinic.ui.refusals import take_over
from consultations.forms.paging import NumberForm, TestForm
from consultations.selectors import paging_numbers as selectors
from consultations.services import paging_numbers as services

OWN = "own"


@requires("paging.read")
@never_cache
@require_safe
def paging(request: HttpRequest) -> HttpResponse:
    return _show(request)


@sensitive_post_parameters()
@requires("paging.own")
@require_POST
def own(request: HttpRequest) -> HttpResponse:
    return _save(request, request.actor.user, OWN)


@sensitive_post_parameters()
@requires("paging.manage")
@require_POST
def somebody(request: HttpRequest, user_id: int) -> HttpResponse:
    return _save(request, services.person_of(user_id), str(user_id))


@requires("paging.own")
@require_POST
def test(request: HttpRequest) -> HttpResponse:
    form = TestForm(request.POST)
    if form.is_valid():
        try:
            services.send_test(request.actor.user, key=form.cleaned_data["key"], actor=request.actor)
            messages.success(request, _("A test is on its way. Look again in a minute."))
            return redirect("events:paging")
        except DomainError as refusal:
            take_over(form, refusal)
            return _show(request, tried=form, status=refusal.status)
    return _show(request, tried=form, status=422)


def _save(request: HttpRequest, user: User, whose: str) -> HttpResponse:
    """`remove` takes the number away; anything else sets it. What was typed stays when it is refused."""
    if "remove" in request.POST:
        services.remove_number(user, actor=request.actor)
        messages.success(request, _("Removed. Pages go by email only."))
        return redirect("events:paging")
    form = NumberForm(request.POST, whose=whose)
    if form.is_valid():
        try:
            services.set_number(user, form.cleaned_data["phone"], actor=request.actor)
            messages.success(request, _("Saved."))
            return redirect("events:paging")
        except NotFound:
            raise
        except DomainError as refusal:
            take_over(form, refusal)
    return _show(request, refused=(whose, form), status=422)


def _show(
    request: HttpRequest,
    *,
    refused: tuple[str, NumberForm] | None = None,
    tried: TestForm | None = None,
    status: int = 200,
) -> HttpResponse:
    forms = dict([refused]) if refused else {}
    context: dict[str, Any] = {"forms": [*forms.values(), *filter(None, [tried])], "zone": settings.CLINIC_TIMEZONE}
    people = selectors.pagers()
    if may(request.actor, "paging.own"):
        user = request.actor.user
        number = selectors.number_of(user)
        context |= {
            "own": forms.get(OWN) or NumberForm(whose=OWN, number=spaced(number) if number else ""),
            "number": number,
            "tests": selectors.newest_tests(user),
            "test": tried if tried and tried.errors else TestForm(),
            "paged": any(one.user == user for one in people),
        }
    if may(request.actor, "paging.manage"):
        rows = [_row(one, forms.get(str(one.user.pk))) for one in people]
        context |= {"rows": rows, "without": [one.user.name for one in people if not one.ending]}
    return render(request, "events/paging.html", context, status=status)


def _row(pager: selectors.Pager, refused: NumberForm | None) -> dict[str, Any]:
    """Nobody's number is shown but one's own: to change it is to type it anew."""
    form = refused or NumberForm(whose=str(pager.user.pk))
    return {"user": pager.user, "ending": pager.ending, "form": form, "refused": refused is not None}
