"""The rest of the health form, page by page, and the answers once more before they are sent."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from bookings.models import Appointment
from clinic.errors import DomainError, Invalid, NotFound
from consultations import journey
from consultations.answers_cookie import answers_cookie
from consultations.first_look import is_answered
from consultations.forms.checklist import ChecklistForm
from consultations.forms.questions import QuestionsForm
from consultations.models import Draft
from consultations.questionnaire import current, texts
from consultations.questionnaire.asked import as_asked
from consultations.questionnaire.asking import Page, pages
from consultations.questionnaire.definition import FULL, SHORT, Kind
from consultations.screening import Outcome
from consultations.selectors.questionnaire import published_version
from consultations.services import intake
from consultations.standing import TAKES_FORM
from consultations.views.onward import onward
from consultations.views.visitor import close_here, own_page, url_of

EXTRA_STEPS = 2  # checking the answers, and consent


def form_pages(appointment: Appointment) -> list[Page]:
    """The whole form's pages, each question once; those of the short set come first and are usually answered."""
    areas = intake.areas_of(appointment)
    return pages(current(), modality=appointment.modality.slug, areas=areas, stage=FULL, language=get_language())


def answers_of(appointment: Appointment) -> dict[str, str]:
    draft = Draft.objects.filter(appointment=appointment).first()
    return draft.answers if draft else {}


def takes_form(appointment: Appointment) -> bool:
    if appointment.state not in TAKES_FORM or appointment.patient_id is None:
        return False
    return not appointment.submissions.exists() or Draft.objects.filter(appointment=appointment).exists()


@own_page("intake.own", health=True)
@require_safe
def form(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """Resumes at the first page without an answer."""
    if not takes_form(appointment):
        return redirect(onward(appointment))
    return redirect(_next(appointment, answers_of(appointment)))


@sensitive_post_parameters()
@own_page("intake.own", health=True)
@require_http_methods(["GET", "HEAD", "POST"])
def form_page(request: HttpRequest, appointment: Appointment, page: str) -> HttpResponse:
    if not takes_form(appointment):
        return redirect(onward(appointment))
    whole, answers = form_pages(appointment), answers_of(appointment)
    here = next((one for one in whole if one.id == page), None)
    if here is None:
        raise NotFound
    stages = {one.id: one.stage for one in current().pages}
    is_checklist = stages[here.id] == SHORT and appointment.modality.slug != "consult"
    bound = (ChecklistForm if is_checklist else QuestionsForm)(
        request.POST if request.method == "POST" else None,
        page=here,
        questionnaire=current(),
        frame={
            "modality": appointment.modality.slug,
            "areas": intake.areas_of(appointment),
            "today": intake.today_of(appointment),
        },
        stage=FULL,
        language=get_language(),
        answers=answers,
    )
    if bound.is_bound and bound.is_valid():
        draft = intake.keep_answers(appointment, answers=bound.page_answers, replaces=frozenset(here.fields))
        return redirect(_next(appointment, draft.answers, after=here))
    walked = [one for one in whole if stages[one.id] != SHORT] or whole
    number = next((n for n, one in enumerate(walked, 1) if one.id == here.id), 0)
    earlier = walked[number - 2] if number > 1 else None
    context = {
        "appointment": appointment,
        "form": bound,
        "page": here,
        "is_checklist": is_checklist,
        "number": number,
        "total": len(walked) + EXTRA_STEPS,
        "back_url": url_of("form_page", appointment, page=earlier.id) if earlier else url_of("manage", appointment),
        "saved": bool(answers),
    }
    return render(request, "booking/questions.html", context, status=422 if bound.errors else 200)


@sensitive_post_parameters()
@own_page("intake.own", health=True)
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """Every answer with a way to change it. The POST sends the form."""
    if not takes_form(appointment):
        return redirect(onward(appointment))
    answers = answers_of(appointment)
    if any(not is_answered(page, answers) for page in form_pages(appointment)):
        return redirect(_next(appointment, answers))
    if request.method != "POST":
        return _check_page(request, appointment, answers)
    back_to = _book_url("not_now", appointment)
    later = _book_url("later", appointment)
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
        response = redirect(back_to)
        answers_cookie.write(response, answers)
        return response
    appointment.refresh_from_db()
    if verdict.outcome is Outcome.DEFER and appointment.state == "cancelled":
        response = redirect(later)
        answers_cookie.write(response, answers)
        return response
    return redirect(onward(journey.settle(appointment, actor=request.actor)))


def _next(appointment: Appointment, answers: dict[str, str], *, after: Page | None = None) -> str:
    """The first page without an answer, looking onward from a page first; then checking."""
    whole = form_pages(appointment)
    start = next((n for n, one in enumerate(whole, 1) if after and one.id == after.id), 0)
    left = [one for one in whole[start:] + whole[:start] if not is_answered(one, answers)]
    return url_of("form_page", appointment, page=left[0].id) if left else url_of("check", appointment)


def _book_url(name: str, appointment: Appointment) -> str:
    path, areas = reverse(f"book:{name}", args=[appointment.modality.slug]), ",".join(intake.areas_of(appointment))
    return f"{path}?areas={areas}&location={appointment.location.slug}"


def _check_page(
    request: HttpRequest, appointment: Appointment, answers: dict[str, str], problem: DomainError | None = None
) -> HttpResponse:
    known = {name: value for name, value in answers.items() if name in current().owner_of_field}
    problems, doubts = [], []
    try:
        _clean, verdict = intake.judge(appointment, answers=known, today=intake.today_of(appointment))
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
        for page in form_pages(appointment)
    ]
    context = {
        "appointment": appointment,
        "groups": groups,
        "version": published_version().version,
        "problem": problem,
        "problems": problems,
        "doubts": doubts,
        "has_errors": bool(problem),
        "back_url": groups[-1]["url"],
        "number": sum(
            1 for one in current().pages if one.stage != SHORT and one.id in {p.id for p in form_pages(appointment)}
        )
        + 1,
    }
    context["total"] = context["number"] + EXTRA_STEPS - 1
    return render(request, "booking/check.html", context, status=problem.status if problem else 200)


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
        areas=intake.areas_of(appointment),
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
    return date_format(dt.date.fromisoformat(value), "j F Y") if kind == Kind.DATE and value else value
