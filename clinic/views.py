"""Pages that belong to no floor: probes, theme, refusals."""

from collections.abc import Callable

from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from clinic.errors import DomainError, NotAllowed, NotFound, problem_response, wants_problem
from clinic.messaging.selectors import status_report
from clinic.people.access import requires


@requires("health.probe")
@require_GET
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@requires("health.probe")
@require_GET
def readyz(request: HttpRequest) -> HttpResponse:
    """The process answers and reaches its database."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return JsonResponse({"database": "unreachable"}, status=503)
    return JsonResponse({"database": "ok"})


@requires("status.read")
@never_cache
@require_GET
def statusz(request: HttpRequest) -> HttpResponse:
    """How messages stand: oldest due, in doubt, last ticks. Numbers only; 503 when they stand still."""
    report = status_report()
    return JsonResponse(report, status=503 if report["standing_still"] else 200)


def safe_return(request: HttpRequest, default: str = "/") -> str:
    """The local address to go back to after a small POST."""
    target = request.POST.get("next") or request.headers.get("Referer", "")
    allowed = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if allowed else default


@requires("theme.change")
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Saves light, dark or the system's theme for a year."""
    response = HttpResponseRedirect(safe_return(request))
    theme = request.POST.get("theme")
    if theme in ("light", "dark"):
        response.set_cookie("theme", theme, max_age=31_536_000, samesite="Lax", secure=settings.SECURE)
    else:
        response.delete_cookie("theme")
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if reason == REASON_NO_CSRF_COOKIE:
        code, sentence = (
            "no_cookies",
            _(
                "Your browser did not keep the small file (a cookie) that protects this form. "
                "Allow cookies for our pages, go back and send it again, or call us: we book it with you."
            ),
        )
    else:
        code, sentence = (
            "form_expired",
            _(
                "This page was open for too long to be sent. Go back, reload it and send it again: "
                "what you typed is still there."
            ),
        )
    error = DomainError(code, sentence, status=403)
    if wants_problem(request):
        return problem_response(error)
    return render(request, "refused.html", {"error": error}, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refusal(request, defaults.bad_request, DomainError("bad_request", _("We can't read this."), status=400))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refusal(request, defaults.permission_denied, NotAllowed())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refusal(request, defaults.page_not_found, NotFound())


def server_error(request: HttpRequest) -> HttpResponse:
    """Says nothing about what went wrong: that is in the log, and without anybody's answers."""
    error = DomainError("fault", _("Something went wrong on our side. Please try again in a moment."), status=500)
    return problem_response(error) if wants_problem(request) else defaults.server_error(request)


def _refusal(request: HttpRequest, page: Callable[..., HttpResponse], error: DomainError) -> HttpResponse:
    """What Django refuses before a view is found: a problem document for programs, the usual page for people."""
    return problem_response(error) if wants_problem(request) else page(request, exception=error)
