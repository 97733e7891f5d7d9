"""Refusals that a person can read. Services raise them; pages and the API carry them out."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from rest_framework import exceptions as drf
from rest_framework.response import Response


class DomainError(Exception):
    """A refusal with a stable ``code``, a sentence for the person, and an HTTP ``status``.

    ``field`` names the input it belongs to; ``fields`` maps several inputs to their sentences; ``extra``
    is added to the API's problem document (for example the nearest free times).
    """

    status = 409

    def __init__(
        self,
        code: str,
        message: Any,
        *,
        status: int | None = None,
        field: str | None = None,
        fields: Mapping[str, list] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.status = status or self.status
        self.fields = dict(fields) if fields else ({field: [message]} if field else {})
        self.extra = dict(extra or {})

    def __str__(self) -> str:
        return str(self.message)


class Invalid(DomainError):
    """Input that cannot be understood or accepted: one or more sentences per field."""

    status = 422

    def __init__(self, fields: Mapping[str, list], *, code: str = "invalid", message: Any = "", **more: Any) -> None:
        super().__init__(code, message or _("Please check the marked answers."), fields=fields, **more)


class NotAllowed(DomainError):
    status = 403

    def __init__(self, message: Any = "", *, code: str = "not_allowed", **more: Any) -> None:
        super().__init__(code, message or _("You may not do this."), **more)


class NotFound(DomainError):
    status = 404

    def __init__(self, message: Any = "", *, code: str = "not_found", **more: Any) -> None:
        super().__init__(code, message or _("There is nothing here under that address."), **more)


class TooMany(DomainError):
    status = 429

    def __init__(self, message: Any = "", *, code: str = "too_many", **more: Any) -> None:
        super().__init__(
            code, message or _("That was a lot in a short time. Please wait a little and try again."), **more
        )


def problem(error: DomainError) -> dict[str, Any]:
    """The RFC 9457 problem document of a refusal."""
    body: dict[str, Any] = {
        "type": f"urn:needlepoint:problem:{error.code}",
        "title": str(error.message),
        "status": error.status,
        "code": error.code,
        "detail": str(error.message),
    }
    if error.fields:
        body["fields"] = {name: [str(sentence) for sentence in sentences] for name, sentences in error.fields.items()}
    return body | error.extra


def _field_sentences(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    if isinstance(detail, Mapping):
        found: dict[str, list[str]] = {}
        for name, inner in detail.items():
            found |= _field_sentences(inner, f"{prefix}.{name}" if prefix else str(name))
        return found
    if isinstance(detail, (list, tuple)) and any(isinstance(one, (Mapping, list)) for one in detail):
        found = {}
        for number, inner in enumerate(detail):
            if inner:
                found |= _field_sentences(inner, f"{prefix}.{number}")
        return found
    return {prefix or "body": [str(one) for one in (detail if isinstance(detail, (list, tuple)) else [detail])]}


def as_domain_error(error: Exception) -> DomainError | None:
    """The same refusal in our own words, or None for an exception that is a fault and not a refusal."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, drf.ValidationError):
        return DomainError(
            "invalid", _("Please check the marked fields."), status=400, fields=_field_sentences(error.detail)
        )
    if isinstance(error, (Http404, drf.NotFound)):
        return NotFound()
    if isinstance(error, PermissionDenied):
        return NotAllowed()
    if isinstance(error, drf.APIException):
        code = {"parse_error": "unreadable", "not_authenticated": "sign_in"}.get(error.default_code, error.default_code)
        return DomainError(
            code, error.detail if isinstance(error.detail, str) else error.default_detail, status=error.status_code
        )
    return None


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Django REST framework's exception handler: every refusal is ``application/problem+json``."""
    refusal = as_domain_error(error)
    if refusal is None:
        return None
    headers = {}
    if wait := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = wait
    return Response(problem(refusal), status=refusal.status, headers=headers, content_type="application/problem+json")


def wants_problem(request: HttpRequest) -> bool:
    """Whether a refusal is read by a program: everything under /api/, known address or not."""
    return request.path.startswith("/api/")


def problem_response(error: DomainError) -> JsonResponse:
    return JsonResponse(problem(error), status=error.status, content_type="application/problem+json")


class DomainErrorMiddleware:
    """Turns a refusal that no view caught into a calm page, or a problem document for the API."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        if wants_problem(request):
            return problem_response(error)
        template = {403: "403.html", 404: "404.html", 429: "429.html"}.get(error.status, "refused.html")
        return render(request, template, {"error": error}, status=error.status)
