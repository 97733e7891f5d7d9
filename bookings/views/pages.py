"""How desk pages and their fragments are answered, and the toast that follows somebody to the next page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from clinic.people.access import may

TOAST = "desk_toast"


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A whole page, or the fragment itself when htmx asks for it."""
    return render(request, template, shared(request) | context, status=status)


def shared(request: HttpRequest) -> dict[str, Any]:
    return {
        "may_write": may(request.actor, "diary.write"),
        "may_search": may(request.actor, "patient.search"),
        "may_report": may(request.actor, "event.report"),
        "may_plan": may(request.actor, "plan.write"),
        "reads_threads": may(request.actor, "message.thread"),
        "sees_contact": may(request.actor, "patient.contact"),
        "toast": None if request.htmx else request.session.pop(TOAST, None),
    }


Link = dict[str, str] | None


def leave_toast(request: HttpRequest, text: object, *, undo_url: str = "", link: Link = None) -> None:
    """Says it on the next page; one that can be taken back carries the way to do so, `link` what to do next."""
    request.session[TOAST] = {"text": str(text), "undo_url": undo_url, "link": link}


def with_toast(
    response: HttpResponse, request: HttpRequest, text: object, *, undo_url: str = "", link: Link = None
) -> HttpResponse:
    """Adds the toast to a fragment, out of band."""
    toast = render_to_string("desk/_toast_oob.html", {"text": str(text), "undo_url": undo_url, "link": link}, request)
    response.content += toast.encode()
    return response
