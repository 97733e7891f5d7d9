"""Staff sessions end after 15 idle minutes and after 12 hours, patients' after 30 minutes and 24 hours.

A page that looks for news by itself sends `X-Passive`: that is nobody being there.
"""

import time
from collections.abc import Callable

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

STAFF_IDLE, PATIENT_IDLE = 15 * 60, 30 * 60
STAFF_WHOLE, PATIENT_WHOLE = 12 * 3600, 24 * 3600
STEP = 60


class IdleMiddleware:
    """Also keeps what is shown to somebody signed in out of every cache, the browser's own included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = request.session
        staff = "_auth_user_id" in session
        signed_in = staff or "patient_id" in session
        if signed_in:
            self._end_or_note(request, STAFF_IDLE if staff else PATIENT_IDLE, STAFF_WHOLE if staff else PATIENT_WHOLE)
        response = self.get_response(request)
        if signed_in or "Authorization" in request.headers:
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    def _end_or_note(self, request: HttpRequest, idle: int, whole: int) -> None:
        session, now = request.session, time.time()
        began, seen = session.get("began", now), session.get("seen", now)
        if now - seen > idle or now - began > whole:
            logout(request)
        elif "began" not in session or (now - seen > STEP and "X-Passive" not in request.headers):
            session["began"], session["seen"] = began, now
