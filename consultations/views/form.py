"""The rest of the health form, page by page, and the answers once more before they are sent."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from bookings.models import Appointment
from clinic.errors import NotFound
from consultations.first_look import is_answered
from consultations.forms.checklist import ChecklistForm
from consultations.forms.questions import QuestionsForm
from consultations.models import Draft
from consultations.questionnaire import current
from consultations.questionnaire.asking import Page, pages
from consultations.questionnaire.definition import FULL, SHORT
from consultations.services import intake
from consultations.standing import TAKES_FORM
from consultations.views.onward import onward
from consultations.views.visitor import own_page, url_of

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
    return redirect(next_page(appointment, answers_of(appointment)))


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
        return redirect(next_page(appointment, draft.answers, after=here))
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


def next_page(appointment: Appointment, answers: dict[str, str], *, after: Page | None = None) -> str:
    """The first page without an answer, looking onward from a page first; then checking."""
    whole = form_pages(appointment)
    start = next((n for n, one in enumerate(whole, 1) if after and one.id == after.id), 0)
    left = [one for one in whole[start:] + whole[:start] if not is_answered(one, answers)]
    return url_of("form_page", appointment, page=left[0].id) if left else url_of("check", appointment)
