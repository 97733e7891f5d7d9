"""The rest of the health form, page by page; of a form that is open again only what was opened."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from bookings.models import Appointment
from clinic.dates import say
from clinic.errors import NotFound
from consultations.first_look import has_answer, is_answered
from consultations.forms.checklist import ChecklistForm
from consultations.forms.questions import QuestionsForm
from consultations.frame import areas_of, today_of
from consultations.models import Draft
from consultations.questionnaire import current
from consultations.questionnaire.asked import in_words
from consultations.questionnaire.asking import Page, pages
from consultations.questionnaire.definition import FULL, SHORT
from consultations.selectors.known_answers import known_answers
from consultations.services import intake
from consultations.standing import TAKES_FORM
from consultations.views.onward import onward
from consultations.views.visitor import is_proven, own_page, url_of

EXTRA_STEPS = 2  # checking the answers, and consent


def form_pages(appointment: Appointment) -> list[Page]:
    """The whole form's pages, each question once; those of the short set come first and are usually answered."""
    areas = areas_of(appointment)
    return pages(current(), modality=appointment.modality.slug, areas=areas, stage=FULL, language=get_language())


def walked_pages(whole: list[Page], reopened: list[str] | None) -> list[Page]:
    """What is asked now: the whole form, or of a reopened one only the questions that were opened."""
    if reopened is None:
        return whole
    narrowed = [replace(page, questions=tuple(one for one in page.questions if one.id in reopened)) for page in whole]
    return [page for page in narrowed if page.questions]


def reopened_of(appointment: Appointment) -> list[str] | None:
    """The questions that are asked again, and with them those that today's questionnaire asks and the earlier one did not,
    or with other answers; empty until somebody has said what changed."""
    draft = Draft.objects.filter(appointment=appointment).first()
    if draft is None or not draft.reopened:
        return draft.reopened if draft else None
    answers = intake.still_said(draft)
    asked = (one for page in form_pages(appointment) for one in page.questions)
    unknown = [one.id for one in asked if not has_answer(one, answers)]
    return list(dict.fromkeys([*draft.reopened, *unknown]))


def answers_of(appointment: Appointment) -> dict[str, str]:
    draft = Draft.objects.filter(appointment=appointment).first()
    return intake.still_said(draft) if draft else {}


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
    if reopened_of(appointment) == []:
        return redirect(url_of("topics", appointment))
    return redirect(next_page(appointment, answers_of(appointment)))


@sensitive_post_parameters()
@own_page("intake.own", health=True)
@require_http_methods(["GET", "HEAD", "POST"])
def form_page(request: HttpRequest, appointment: Appointment, page: str) -> HttpResponse:
    if not takes_form(appointment):
        return redirect(onward(appointment))
    whole, answers, reopened = form_pages(appointment), answers_of(appointment), reopened_of(appointment)
    walked = walked_pages(whole, reopened)
    here = next((one for one in [*walked, *whole] if one.id == page), None)
    if here is None:
        raise NotFound
    shown, told = here, None
    if reopened is None and is_proven(request, appointment) and not request.GET.get("change"):
        here, told = _confirmed(appointment, here, answers)
    stages = {one.id: one.stage for one in current().pages}
    is_checklist = stages[here.id] == SHORT and appointment.modality.slug != "consult"
    bound = (ChecklistForm if is_checklist else QuestionsForm)(
        request.POST if request.method == "POST" else None,
        page=here,
        questionnaire=current(),
        frame={
            "modality": appointment.modality.slug,
            "areas": areas_of(appointment),
            "today": today_of(appointment),
        },
        stage=FULL,
        language=get_language(),
        answers=answers,
    )
    if bound.is_bound and bound.is_valid():
        given = bound.page_answers | (told["fields"] if told else {})
        draft = intake.keep_answers(appointment, answers=given, replaces=frozenset(shown.fields))
        return redirect(next_page(appointment, draft.answers, after=shown))
    if reopened is None:
        walked = [one for one in whole if stages[one.id] != SHORT] or whole
    number = next((n for n, one in enumerate(walked, 1) if one.id == here.id), 0)
    earlier = walked[number - 2] if number > 1 else None
    context = {
        "appointment": appointment,
        "form": bound,
        "page": here,
        "is_checklist": is_checklist,
        "number": number,
        "total": len(walked) + (EXTRA_STEPS if reopened is None else 1),
        "told": told,
        "change_url": f"{request.path}?change=1",
        "prove_url": _prove_url(request, appointment, number) if reopened is None else "",
        "again": reopened is not None,
        "back_url": url_of("form_page", appointment, page=earlier.id) if earlier else url_of("manage", appointment),
        "saved": bool(answers),
    }
    return render(request, "booking/questions.html", context, status=422 if bound.errors else 200)


def _confirmed(appointment: Appointment, page: Page, answers: dict[str, str]) -> tuple[Page, dict[str, Any] | None]:
    """The page without what an earlier form told, and that in words, to be confirmed with one tap."""
    today = today_of(appointment)
    known = known_answers(appointment, today=today)
    mine = known.on(page, besides=answers)
    if not mine:
        return page, None
    kept = tuple(one for one in page.questions if one.id in mine)
    lines = in_words(current(), kept, known.fields(mine), language=get_language())
    told = {
        "day": say(min(known.days[name] for name in mine), "j F Y"),
        "rows": lines,
        "fields": known.fields(mine),
    }
    return replace(page, questions=tuple(one for one in page.questions if one.id not in mine)), told


def _prove_url(request: HttpRequest, appointment: Appointment, number: int) -> str:
    """On the first page only, and for everybody alike: that there is an earlier form is told to nobody else."""
    if number != 1 or is_proven(request, appointment):
        return ""
    return f"{url_of('code', appointment)}?prove=1&next={request.path}"


def next_page(appointment: Appointment, answers: dict[str, str], *, after: Page | None = None) -> str:
    """The first page without an answer, looking onward from a page first; then checking."""
    whole = walked_pages(form_pages(appointment), reopened_of(appointment))
    start = next((n for n, one in enumerate(whole, 1) if after and one.id == after.id), 0)
    left = [one for one in whole[start:] + whole[:start] if not is_answered(one, answers)]
    return url_of("form_page", appointment, page=left[0].id) if left else url_of("check", appointment)
