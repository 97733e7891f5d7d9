"""How a program shows who it is: the session of somebody signed in, or a booking's own bearer token."""

from typing import Any

from django.http import HttpRequest
from drf_spectacular.authentication import SessionScheme
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request


def bearer_of(request: HttpRequest | Request) -> str:
    """The bearer token of the request, or an empty string."""
    kind, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


class BySession(SessionAuthentication):
    """Staff and patients by their session, which a browser sends by itself: writing needs the CSRF token beside it.

    A patient's session has no user, so Django REST framework alone would not ask it for the token. A bearer token is
    never sent by itself: it speaks alone, and the session beside it is not looked at.
    """

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        if bearer_of(request):
            return None
        signed_in = super().authenticate(request)
        if signed_in is None and request.session.get("patient_id"):
            self.enforce_csrf(request)
        return signed_in


class BySessionScheme(SessionScheme):
    """Tells the schema that this is the session cookie."""

    target_class = "clinic.people.authentication.BySession"
