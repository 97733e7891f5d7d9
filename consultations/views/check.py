"""Every answer once more, then the form is sent."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from bookings.models import Appointment
from bookings.states import State
from clinic.dates import say
from clinic.errors import DomainError, Invalid
from consultations import journey
from consultations.answers_cookie import answers_cookie
from consultations.first_look import is_answered
from consultations.frame import areas_of, today_of, zone_of
from consultations.questionnaire import current, texts
from consultations.questionnaire.asked import as_asked
from consultations.questionnaire.asking import Page
from consultations.questionnaire.definition import SHORT, Kind
from consultations.screening import Outcome
from consultations.selectors.questionnaire import published_version
from consultations.services import intake
from consultations.services.changes import latest_submission
from consultations.views.form import (
    EXTRA_STEPS,
    answers_of,
    form_pages,
    next_page,
    reopened_of,
    takes_form,
    walked_pages,
)
from consultations.views.onward import onward
from consultations.views.suitability import WHY_NOT
from consultations.views.visitor import close_here, own_page, url_of


@sensitive_post_parameters()
@own_page("intake.own", health=True)
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """Every answer with a way to change it. The POST sends the form."""
    if not takes_form(appointment):
        return redirect(onward(appointment))
    answers = answers_of(appointment)
    if reopened_of(appointment) == []:
        return redirect(url_of("topics", appointment))
    if any(not is_answered(page, answers) for page in form_pages(appointment)):
        return redirect(next_page(appointment, answers))
    if request.method != "POST":
        return _check_page(request, appointment, answers)
    try:
        submission, verdict = intake.submit(
            appointment,
            answers=answers,
            version=request.POST.get("version", ""),
            language=get_language(),
            actor=request.actor,
        )
    except DomainError as refusal:
        return _check_page(request, appointment, answers, refusal)
    if submission is None:
        close_here(request, appointment)
    appointment.refresh_from_db()
    if appointment.state == State.CANCELLED and verdict.outcome in WHY_NOT:
        response = redirect(_book_url(WHY_NOT[verdict.outcome], appointment))
        answers_cookie.write(response, answers)
        return response
    return redirect(onward(journey.settle(appointment, actor=request.actor)))


def _book_url(name: str, appointment: Appointment) -> str:
    path, areas = reverse(f"book:{name}", args=[appointment.modality.slug]), ",".join(areas_of(appointment))
    return f"{path}?areas={areas}&location={appointment.location.slug}"


def _check_page(
    request: HttpRequest, appointment: Appointment, answers: dict[str, str], problem: DomainError | None = None
) -> HttpResponse:
    known = {name: value for name, value in answers.items() if name in current().owner_of_field}
    whole = form_pages(appointment)
    problems, doubts = [], []
    try:
        _clean, verdict = intake.judge(appointment, answers=known, today=today_of(appointment))
        doubts = _doubts(appointment, verdict.findings) if verdict.outcome is Outcome.DECLINE else []
    except Invalid as refusal:
        problems = [_problem(appointment, name, sentences) for name, sentences in refusal.fields.items()]
        problem = problem or refusal
    groups = [
        {
            "title": page.title,
            "rows": _rows(appointment, page, known),
            "url": url_of("form_page", appointment, page=page.id),
        }
        for page in whole
    ]
    reopened, kept = reopened_of(appointment), []
    if reopened is not None:
        shown = {page.id for page in walked_pages(whole, reopened)}
        kept = [group for page, group in zip(whole, groups, strict=True) if page.id not in shown]
        groups = [group for page, group in zip(whole, groups, strict=True) if page.id in shown]
    after_hold = {one.id for one in current().pages if one.stage != SHORT}
    number = sum(page.id in after_hold for page in whole) + 1
    context = {
        "appointment": appointment,
        "groups": groups,
        "kept": kept,
        "kept_since": _kept_since(appointment) if kept else "",
        "version": published_version().version,
        "problem": problem,
        "problems": problems,
        "doubts": doubts,
        "has_errors": bool(problem),
        "back_url": (groups or kept)[-1]["url"],
        "number": number if reopened is None else len(groups) + 1,
        "total": number + EXTRA_STEPS - 1 if reopened is None else len(groups) + 1,
    }
    return render(request, "booking/check.html", context, status=problem.status if problem else 200)


def _kept_since(appointment: Appointment) -> str:
    latest = latest_submission(appointment)
    return say(latest.submitted_at.astimezone(zone_of(appointment)), "j F Y") if latest else ""


def _problem(appointment: Appointment, name: str, sentences: list) -> dict[str, Any]:
    question = current().owner_of_field.get(name)
    return {"text": str(sentences[0]), "url": url_of("form_page", appointment, page=question.page) if question else ""}


def _doubts(appointment: Appointment, findings: tuple) -> list[dict[str, str]]:
    """Answers that would end the booking: shown before the form is sent, in case of a wrong tap."""
    return [
        {
            "question": texts.question_text(one.question, get_language()),
            "why": texts.reason(one, get_language()),
            "url": url_of("form_page", appointment, page=current().question[one.question].page),
        }
        for one in findings
        if one.outcome is Outcome.DECLINE
    ]


def _rows(appointment: Appointment, page: Page, answers: dict[str, str]) -> list[dict[str, Any]]:
    mine = {question.id for question in page.questions}
    asked = as_asked(
        current(),
        modality=appointment.modality.slug,
        areas=areas_of(appointment),
        answers=answers,
        language=get_language(),
    )
    return [_row(line) for line in asked if line["id"] in mine]


def _row(line: dict[str, Any]) -> dict[str, str]:
    more = line["follow_up"] or {"text": "", "kind": "", "answer": ""}
    return {
        "text": line["text"],
        "shown": _said(line["kind"], line["label"]),
        "more_text": more["text"],
        "more": _said(more["kind"], more["answer"]),
    }


def _said(kind: str, value: str) -> str:
    return say(dt.date.fromisoformat(value), "j F Y") if kind == Kind.DATE and value else value
