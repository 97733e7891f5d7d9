"""Messages: what waits for a person, one patient's thread, and the answers. Looking changes nothing; buttons do."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from bookings.messages import facts_of
from bookings.models import Appointment
from bookings.selectors import desk, inbox
from bookings.views import words
from bookings.views.answer_forms import AnswerForm, AssignForm, WriteForm
from bookings.views.channels import HELD
from bookings.views.pages import leave_toast, page
from bookings.views.thread import HURRY, PRIVATE_KINDS, closed_words, stops_of, thread_with, when, without_links
from clinic.audit.services import record
from clinic.errors import DomainError, NotFound
from clinic.messaging import desk as dealing
from clinic.messaging.kinds import FREE_TEXT
from clinic.messaging.models import Channel, Message, Reply
from clinic.messaging.replies import answering, assigning
from clinic.messaging.wording.texts import first_name
from clinic.people.access import may, requires
from clinic.people.models import Patient, User
from clinic.ui.refusals import take_over

SHOWS = {"": gettext_lazy("All"), "mine": gettext_lazy("Mine"), "free": gettext_lazy("Nobody’s")}


@requires("message.thread")
@never_cache
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    return _show_inbox(request)


@requires("message.thread")
@never_cache
@require_safe
def thread(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _show_thread(request, inbox.get_correspondent(pk, actor=request.actor))


@requires("message.thread")
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Marks the posted replies as read, as far as this person may read them. Back to the thread, or to what waits."""
    replies = _posted(request)
    if not replies:
        leave_toast(request, _("Somebody has already read it."))
        return redirect("desk:messages")
    answering.mark_read(replies, actor=request.actor)
    patient = replies[0].patient
    leave_toast(request, _("Marked as read."))
    return redirect("desk:thread", patient.pk) if patient and "stay" in request.POST else redirect("desk:messages")


@requires("message.answer")
@require_POST
def answer(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    patient = inbox.get_correspondent(pk, actor=request.actor)
    facts = _facts(patient, _next(patient))
    form = AnswerForm(request.POST, facts=facts, language=patient.language)
    if form.is_valid():
        try:
            answering.answer(patient, **form.cleaned_data, facts=facts, actor=request.actor)
            return _answered(request, patient)
        except DomainError as refusal:
            take_over(form, refusal)
    return _show_thread(request, patient, answer=form, status=422)


@requires("message.write")
@require_POST
def write(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    patient = inbox.get_correspondent(pk, actor=request.actor)
    form = WriteForm(request.POST)
    if form.is_valid():
        try:
            answering.write(patient, **form.cleaned_data, signed=request.actor.user.name, actor=request.actor)
            return _answered(request, patient)
        except DomainError as refusal:
            take_over(form, refusal)
    return _show_thread(request, patient, write=form, status=422)


@requires("message.answer")
@require_POST
def assign(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Whose thread it is from now on."""
    patient = inbox.get_correspondent(pk, actor=request.actor)
    form = AssignForm(request.POST, staff=assigning.staff_for_threads(), whose=_whose(patient))
    if form.is_valid():
        try:
            assigning.assign(patient, **form.cleaned_data, actor=request.actor)
            leave_toast(request, _("Noted."))
            return redirect("desk:thread", patient.pk)
        except DomainError as refusal:
            take_over(form, refusal)
    return _show_thread(request, patient, assign=form, status=422)


DEALT = {"again": dealing.send_again, "by_hand": dealing.done_by_hand}


@requires("message.answer")
@require_POST
def settle(request: HttpRequest, message_id: uuid.UUID) -> HttpResponse:
    """A person decides on a message: it goes out again, or it was said some other way."""
    message = inbox.get_stuck(message_id, actor=request.actor)
    choice = request.POST.get("choice")
    if choice not in DEALT:
        raise NotFound
    try:
        DEALT[choice](message, actor=request.actor)
    except DomainError as refusal:
        return _show_inbox(request, problem=str(refusal), status=refusal.status)
    leave_toast(request, _("It goes out again now.") if choice == "again" else _("Noted: done by hand."))
    return redirect("desk:messages")


def _show_inbox(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    closed = not may(request.actor, "message.health")
    waiting = inbox.waiting(request.actor)
    owners = assigning.assigned(one.patient.pk for one in waiting if one.patient)
    show = request.GET.get("show", "") if request.GET.get("show") in SHOWS else ""
    rows = [_row(one, closed=closed, owners=owners) for one in waiting]
    rows = [row for row in rows if _belongs(row, show, request.actor.user)]
    here = reverse("desk:messages")
    context = {
        "tabs": [(name, word, f"{here}?show={name}" if name else here) for name, word in SHOWS.items()],
        "show": show,
        "urgent": [row for row in rows if row["hurry"]],
        "unread": [row for row in rows if not row["hurry"]],
        "stuck": [_stuck_row(one, closed=closed) for one in inbox.stuck(request.actor)[: inbox.SHOWN]],
        "problem": problem,
    }
    return page(request, "desk/messages.html", context, status=status)


def _show_thread(
    request: HttpRequest,
    patient: Patient,
    *,
    answer: AnswerForm | None = None,
    write: WriteForm | None = None,
    assign: AssignForm | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, zone = request.actor, timezone.get_current_timezone_name()
    if may(actor, "message.health"):
        record("thread.read", subject=f"patient:{patient.pk}", actor=actor)
    visit = _next(patient)
    bubbles = thread_with(patient, zone=zone, actor=actor)
    unread = [one for one in bubbles if one["unread"]]
    context = {
        "patient": patient,
        "next": words.next_visit(visit),
        "stops": stops_of(patient, zone=zone),
        "thread": [one for one in bubbles if not one["ahead"]],
        "ahead": [one for one in bubbles if one["ahead"]],
        "hurry": next((HURRY[word] for word in HURRY if any(one["urgency"] == word for one in unread)), None),
        "unread": [one["id"] for one in unread if may(actor, "message.health") or not one["private"]],
        "withheld": sum(1 for one in unread if one["private"]) if not may(actor, "message.health") else 0,
        "answer": answer or AnswerForm(facts=_facts(patient, visit), language=patient.language),
        "write": (write or WriteForm()) if may(actor, "message.write") else None,
        "assign": assign or AssignForm(staff=assigning.staff_for_threads(), whose=_whose(patient)),
        "open": patient.pk in desk.treated_by(actor, [patient.pk]),
    }
    return page(request, "desk/thread.html", context | {"forms": [answer, write, assign]}, status=status)


def _belongs(row: dict[str, Any], show: str, user: User) -> bool:
    """Urgent ones stand on every list: whoever sees one first acts."""
    if not show or row["hurry"]:
        return True
    return row["owner"] == user if show == "mine" else row["owner"] is None


def _row(one: inbox.Waiting, *, closed: bool, owners: dict[uuid.UUID, User]) -> dict[str, Any]:
    last = one.last
    return {
        "owner": owners.get(one.patient.pk) if one.patient else None,
        "waiting": one,
        "hurry": HURRY.get(one.urgency),
        "since": when(one.since, timezone.get_current_timezone_name()),
        "text": closed_words() if closed and last.private else without_links(last.words),
        "closed": closed and last.private,
        "withheld": closed and any(reply.private for reply in one.replies),
        "ids": [reply.pk for reply in one.replies if not (closed and reply.private)],
    }


def _stuck_row(message: Message, *, closed: bool) -> dict[str, Any]:
    text = without_links(message.body)
    if message.kind in PRIVATE_KINDS:
        text = _("A code to sign in.")
    elif closed and message.kind == FREE_TEXT:
        text = closed_words("out")
    return {
        "message": message,
        "text": text,
        "due": when(message.due_at, timezone.get_current_timezone_name()),
        "doubt": message.channel != Channel.DESK,
        "again": dealing.may_go_again(message),
        "why": HELD.get(message.error_code, ""),
    }


def _whose(patient: Patient) -> User | None:
    return assigning.assigned([patient.pk]).get(patient.pk)


def _next(patient: Patient) -> Appointment | None:
    return desk.next_visits([patient.pk]).get(patient.pk)


def _facts(patient: Patient, visit: Appointment | None) -> dict[str, Any]:
    """What prepared answers may say: the way to the clinic, and the next visit where there is one."""
    known = facts_of(visit) if visit else {"place": desk.pick_location()[0].address}
    return known | {"first_name": first_name(patient.name)}


def _posted(request: HttpRequest) -> list[Reply]:
    wanted = []
    for text in request.POST.getlist("reply"):
        try:
            wanted.append(uuid.UUID(text))
        except ValueError:
            continue
    return list(inbox.readable(request.actor).filter(pk__in=wanted))


def _answered(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Who answers has read what stood there."""
    answering.mark_read([one for one in _posted(request) if one.patient_id == patient.pk], actor=request.actor)
    leave_toast(request, _("Your answer to %(name)s is on its way.") % {"name": patient.name})
    return redirect("desk:thread", patient.pk)
