"""The owner's pages: every message, when it goes, its words in four languages, and how WhatsApp stands to it."""

from collections.abc import Callable
from typing import Any

from celery import current_app
from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.errors import DomainError, NotFound
from clinic.messaging.channels.content_api import Away, BadCredentials, Refused, Unclear
from clinic.messaging.kinds import KINDS
from clinic.messaging.models import TextEdition
from clinic.messaging.wording import approving, editing, editions, retiming
from clinic.messaging.wording.forms import QuietForm, TextForm, TimingForm
from clinic.messaging.wording.rules import clean, problems
from clinic.messaging.wording.shipped import LANGUAGES, Text
from clinic.messaging.wording.shown import list_context, text_context
from clinic.messaging.wording.timings import RULES, SAME_AS
from clinic.people.access import requires
from clinic.ui.refusals import take_over


@requires("message.texts")
@require_safe
def texts(request: HttpRequest) -> HttpResponse:
    return _list(request, QuietForm(initial=editions.quiet_hours()))


@requires("message.texts")
@require_POST
def quiet_hours(request: HttpRequest) -> HttpResponse:
    form = QuietForm(request.POST)
    if form.is_valid():
        try:
            changed = retiming.change_quiet_hours(**form.cleaned_data, actor=request.actor)
        except DomainError as refusal:
            take_over(form, refusal)
        else:
            notes.success(request, _retimed() if changed else _unchanged())
            return redirect("messaging:texts")
    return _list(request, form, status=422)


@requires("message.texts")
@require_POST
def all_templates(request: HttpRequest) -> HttpResponse:
    """`do=sync` asks the provider now; `do=submit` hands in what is missing, behind the page's back: it may be many."""
    if not approving.needed():
        notes.info(request, _("Templates are not needed here: messages go to the demonstration's phones."))
    elif request.POST.get("do") == "submit":
        _hand_in_all(request)
    else:
        _ask_now(request)
    return redirect("messaging:texts")


@requires("message.texts")
@require_http_methods(["GET", "HEAD", "POST"])
def text(request: HttpRequest, kind: str, language: str) -> HttpResponse:
    """POST with `save` writes; any other POST only shows what was typed on a phone."""
    _must_exist(kind, language)
    if request.method != "POST":
        return _page(request, kind, language)
    form = TextForm(request.POST, language=language)
    if not form.is_valid():
        return _page(request, kind, language, form, status=422)
    typed = Text(form.cleaned_data["subject"], form.cleaned_data["body"])
    if "save" not in request.POST:
        for field, sentences in problems(kind, language, Text(clean(typed.subject), clean(typed.body))).items():
            form.add_error(field, sentences)
        return _page(request, kind, language, form, typed=typed)
    try:
        made = editing.edit_text(
            kind, language, subject=typed.subject, body=typed.body, seen=form.cleaned_data["seen"] or 0,
            actor=request.actor,
        )  # fmt: skip
    except DomainError as refusal:
        take_over(form, refusal)
        return _page(request, kind, language, form, typed=typed, status=refusal.status)
    notes.success(request, _("Saved. It is used from now on, also for messages that wait.") if made else _unchanged())
    return redirect("messaging:text", kind=kind, language=language)


@requires("message.texts")
@require_POST
def restore(request: HttpRequest, kind: str, language: str) -> HttpResponse:
    """An earlier edition (`edition`), or the shipped text."""
    _must_exist(kind, language)
    chosen = request.POST.get("edition", "")
    try:
        if chosen.isascii() and chosen.isdigit() and len(chosen) < 19:
            edition = get_object_or_404(TextEdition, pk=int(chosen), kind=kind, language=language)
            made = editing.restore(edition, actor=request.actor)
        else:
            made = editing.restore_shipped(kind, language, actor=request.actor)
    except DomainError as refusal:
        sentences = [str(one) for found in refusal.fields.values() for one in found] or [str(refusal)]
        notes.error(request, " ".join(sentences))
    else:
        notes.success(
            request, _("Restored. It is used from now on, also for messages that wait.") if made else _unchanged()
        )
    return redirect("messaging:text", kind=kind, language=language)


@requires("message.texts")
@require_POST
def timing(request: HttpRequest, kind: str, language: str) -> HttpResponse:
    _must_exist(kind, language)
    rule = RULES.get((SAME_AS.get(kind, kind), request.POST.get("step", "")))
    if rule is None:
        raise NotFound(_("We have no such message."))
    form = TimingForm(request.POST, rule=rule, moment=editions.moment(*rule.key))
    if form.is_valid():
        try:
            made = retiming.change_timing(*rule.key, moment=form.moment, actor=request.actor)
        except DomainError as refusal:
            take_over(form, refusal)
        else:
            notes.success(request, _retimed() if made else _unchanged())
            return redirect("messaging:text", kind=kind, language=language)
    return _page(request, kind, language, retimed={rule.key: form}, status=422)


@requires("message.texts")
@require_POST
def one_template(request: HttpRequest, kind: str, language: str) -> HttpResponse:
    """Hands in the text in force, or goes on from where that stood."""
    _must_exist(kind, language)
    try:
        row = approving.submit(kind, language, actor=request.actor)
    except DomainError as refusal:
        notes.error(request, str(refusal))
    else:
        notes.success(request, _("With WhatsApp: %(standing)s.") % {"standing": row.get_status_display()})
    return redirect("messaging:text", kind=kind, language=language)


def _must_exist(kind: str, language: str) -> None:
    if kind not in KINDS or language not in LANGUAGES:
        raise NotFound(_("We have no such message."))


def _retimed() -> str:
    return _("Saved. Messages of all future appointments are planned anew within a few minutes.")


def _unchanged() -> str:
    return _("Nothing has changed.")


def _hand_in_all(request: HttpRequest) -> None:
    try:
        current_app.send_task("messaging.submit_templates", expires=600)
    except Exception:  # whatever the broker's client raises
        notes.error(request, _("This cannot be started just now. Try again in a few minutes."))
    else:
        notes.success(request, _("They are being sent for approval. Look again in a few minutes."))


def _ask_now(request: HttpRequest) -> None:
    sentence: Callable[[], str] = lambda: _("The provider cannot be reached. Try again in a minute.")  # noqa: E731
    try:
        changed = approving.sync()
    except BadCredentials:
        notes.error(request, _("The provider does not accept our account. Check its SID and token."))
    except (Away, Unclear, Refused):
        notes.error(request, sentence())
    else:
        said = ngettext("%(n)d template has changed.", "%(n)d templates have changed.", changed) % {"n": changed}
        notes.success(request, said if changed else _unchanged())


def _list(request: HttpRequest, form: QuietForm, *, status: int = 200) -> HttpResponse:
    return render(request, "messaging/texts.html", list_context(form), status=status)


def _page(
    request: HttpRequest,
    kind: str,
    language: str,
    form: TextForm | None = None,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    return render(request, "messaging/text.html", text_context(kind, language, form, **more), status=status)
