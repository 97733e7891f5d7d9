"""Staff sessions end after 15 idle minutes and after 12 hours, patients' after 30 minutes and 24 hours.

A page that looks for news by itself sends `X-Passive`: that is nobody being there.
"""

import time

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

STAFF_IDLE, PATIENT_IDLE = 15 * 60, 30 * 60
STEP = 60


class IdleMiddleware:
    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = request.session
        staff = "_auth_user_id" in session
        if staff or "patient_id" in session:
            now, seen = time.time(), session.get("seen")
            if seen is not None and now - seen > (STAFF_IDLE if staff else PATIENT_IDLE):
                logout(request)
            elif seen is None or (now - seen > STEP and "X-Passive" not in request.headers):
                session["seen"] = now
        return self.get_response(request)
