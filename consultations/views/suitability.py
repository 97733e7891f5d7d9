"""The short set before a time is chosen, and where its verdict leads. Answers stay in the browser."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings import video
from clinic.errors import NotFound
from clinic.people.access import requires
from consultations.answers_cookie import answers_cookie
from consultations.first_look import first_look, is_answered, is_declined_already, verdict_so_far
from consultations.forms.checklist import ChecklistForm
from consultations.forms.questions import QuestionsForm
from consultations.questionnaire import current, texts
from consultations.questionnaire.asking import Page, pages
from consultations.questionnaire.definition import ADULT, DATE_OF_BIRTH, FULL, SHORT
from consultations.screening import Finding, Outcome, Verdict
from consultations.views.trip import Trip, trip_of
from consultations.views.visitor import private
from treatments.selectors import CONSULTATION

AGE = frozenset({ADULT, DATE_OF_BIRTH})
WHY_NOT = {Outcome.DECLINE: "not_now", Outcome.DEFER: "later"}
"""The page that says why, by outcome."""


def short_pages(trip: Trip) -> list[Page]:
    return pages(current(), modality=trip.slug, areas=trip.areas, stage=SHORT, language=get_language())


def first_page_left(trip: Trip, answers: dict[str, str]) -> Page | None:
    return next((page for page in short_pages(trip) if not is_answered(page, answers)), None)


def look_at(trip: Trip, answers: dict[str, str]) -> Verdict | None:
    return first_look(current(), answers=answers, **trip.frame)


def after_answers(trip: Trip, answers: dict[str, str]) -> str:
    """Where these answers lead."""
    if is_declined_already(current(), pages=short_pages(trip), answers=answers, **trip.frame):
        return trip.url("not_now")
    if left := first_page_left(trip, answers):
        return trip.url("question_page", page=left.id)
    verdict = look_at(trip, answers)
    if verdict is None:
        return trip.url("question_page", page=short_pages(trip)[0].id)
    return trip.url(WHY_NOT.get(verdict.outcome, "time"))


def past_the_questions(request: HttpRequest, slug: str) -> tuple[Trip, dict[str, str], Verdict] | HttpResponse:
    """The choices, the answers and what they allow; or the way back, for whoever has not chosen, answered or may not."""
    trip = trip_of(request, slug)
    if trip is None:
        return redirect("book:choices", slug=slug)
    answers = answers_cookie.read(request)
    verdict = look_at(trip, answers)
    if verdict is None or verdict.outcome is Outcome.DECLINE:
        return redirect(after_answers(trip, answers))
    return trip, answers, verdict


@requires("screening.ask")
@require_safe
def suitability(request: HttpRequest, slug: str) -> HttpResponse:
    """To the first page that has no answer yet, or to the first one."""
    trip = trip_of(request, slug)
    if trip is None:
        return redirect("book:choices", slug=slug)
    page = first_page_left(trip, answers_cookie.read(request)) or short_pages(trip)[0]
    return redirect(trip.url("question_page", page=page.id))


@requires("screening.ask")
@require_http_methods(["GET", "HEAD", "POST"])
def question_page(request: HttpRequest, slug: str, page: str) -> HttpResponse:
    trip = trip_of(request, slug)
    if trip is None:
        return redirect("book:choices", slug=slug)
    answers = answers_cookie.read(request)
    shown = short_pages(trip)
    number = next((n for n, one in enumerate(shown, 1) if one.id == page), 0)
    if number:
        here, kind, stage = shown[number - 1], ChecklistForm, SHORT
    else:
        here, kind, stage = _page_of_whole_form(trip, page, answers), QuestionsForm, FULL
    form = kind(
        request.POST if request.method == "POST" else None,
        page=here,
        questionnaire=current(),
        frame=trip.frame,
        stage=stage,
        language=get_language(),
        answers=answers,
    )
    if form.is_bound and form.is_valid():
        answers = {name: value for name, value in answers.items() if name not in here.fields} | form.page_answers
        following = shown[number] if 0 < number < len(shown) else None
        declined = is_declined_already(current(), pages=shown, answers=answers, **trip.frame)
        onward = (
            trip.url("question_page", page=following.id) if following and not declined else after_answers(trip, answers)
        )
        response = redirect(onward)
        answers_cookie.write(response, answers)
        return private(response)
    back = trip.url("question_page", page=shown[number - 2].id) if number > 1 else trip.url("choices")
    context = {
        "trip": trip,
        "form": form,
        "page": here,
        "is_checklist": bool(number),
        "number": number,
        "total": len(shown) + 2,
        "back_url": back,
        "has_answers": bool(answers),
        "clear_url": trip.url("clear"),
    }
    return private(render(request, "book/questions.html", context, status=422 if form.errors else 200))


def _page_of_whole_form(trip: Trip, page: str, answers: dict[str, str]) -> Page:
    """A page of the rest, for somebody who goes back to an answer of a whole form the browser still keeps."""
    whole = pages(current(), modality=trip.slug, areas=trip.areas, stage=FULL, language=get_language())
    here = next((one for one in whole if one.id == page and is_answered(one, answers)), None)
    if here is None:
        raise NotFound
    return here


@requires("screening.ask")
@require_POST
def clear(request: HttpRequest, slug: str) -> HttpResponse:
    response = redirect(f"{reverse('book:choices', args=[slug])}?{request.GET.urlencode()}")
    answers_cookie.clear(response)
    return private(response)


@requires("screening.ask")
@require_safe
def later(request: HttpRequest, slug: str) -> HttpResponse:
    """“From 12 June”: why, and the times from then on."""
    return _outcome(request, slug, Outcome.DEFER, "book/later.html")


@requires("screening.ask")
@require_safe
def not_now(request: HttpRequest, slug: str) -> HttpResponse:
    """Kindly: what they told us, why in one sentence, a wrong tap, a consultation, a person to talk to."""
    return _outcome(request, slug, Outcome.DECLINE, "book/not_now.html")


def _outcome(request: HttpRequest, slug: str, wanted: Outcome, template: str) -> HttpResponse:
    trip = trip_of(request, slug)
    if trip is None:
        return redirect("book:choices", slug=slug)
    answers = answers_cookie.read(request)
    verdict = _verdict(trip, answers)
    if verdict is None or verdict.outcome is not wanted:
        return redirect(after_answers(trip, answers))
    findings = [told(trip, one, answers) for one in verdict.findings if one.outcome is wanted]
    to_consult = {"areas": ",".join(trip.areas), "wish": trip.slug}
    context = {
        "trip": trip,
        "verdict": verdict,
        "findings": findings,
        "words": texts.outcome(wanted.value, get_language()),
        "time_url": trip.url("time"),
        "consult_url": _consult_url(to_consult),
        "video_url": _consult_url(to_consult | {"video": "1"}) if video.is_offered() else "",
        "remind_url": trip.url("remind"),
        "is_too_young": any(one.question in AGE for one in verdict.findings if one.outcome is Outcome.DECLINE),
        "clear_url": trip.url("clear"),
        "is_consultation": trip.slug == CONSULTATION,
    }
    return private(render(request, template, context))


def _consult_url(query: dict[str, str]) -> str:
    return f"{reverse('book:choices', args=[CONSULTATION])}?{urlencode(query, safe=',')}"


def _verdict(trip: Trip, answers: dict[str, str]) -> Verdict | None:
    """The verdict, also of a short set that was cut short because one page was enough to know."""
    return verdict_so_far(current(), pages=short_pages(trip), answers=answers, **trip.frame)


def told(trip: Trip, finding: Finding, answers: dict[str, str]) -> dict[str, Any]:
    """One finding as the person reads it: their answer, why it matters, what to do, and the page to change it on."""
    language, question = get_language(), current().question[finding.question]
    short = {one.id for page in short_pages(trip) for one in page.questions}
    answer = answers.get(question.id, "")
    if question.id in short and answer:
        said = texts.statement(question.id, answer, language)
    elif question.options and answer:
        said = texts.option_label(question.id, answer, language)
    else:
        said = ""
    return {
        "question": texts.question_text(question.id, language),
        "said": said,
        "why": texts.reason(finding, language),
        "instruction": texts.instruction(finding.instruction_id, language),
        "until": finding.until,
        "change_url": trip.url("question_page", page=question.page),
    }
