"""A booking's own page: where it stands, what comes next, and everything that can be done with it."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings.callers import caller_of
from bookings.ical import calendar_file
from bookings.models import Appointment
from bookings.selectors import wishes_of
from bookings.selectors.course_moves import followers_of
from bookings.services import lifecycle, moves
from bookings.states import CancelReason, Clearance, State
from bookings.video import OPEN, door, is_offered, may_be_by_video
from bookings.views.call import call_of, enter
from clinic.dates import clock, say
from clinic.errors import DomainError
from clinic.messaging.consent import may_send
from consultations import journey
from consultations.check_ins import is_offered as is_offered_photos
from consultations.check_ins import takes_photos
from consultations.forms.booking import CLINIC, VIDEO
from consultations.frame import today_of
from consultations.models import Decision, ReviewDecision
from consultations.selectors.adverse import open_event_of
from consultations.selectors.check_ins import told_with_photos
from consultations.selectors.plans import local_start, plan_of_course
from consultations.services.questions import open_question
from consultations.services.reminding import ask_reminder, reminder_token
from consultations.views.details import times_url
from consultations.views.moving_along import asks_first, move_as_answered, not_in_the_way
from consultations.views.onward import onward
from consultations.views.plans_own import url_of as plan_url
from consultations.views.times import asked_day, asked_start, nearest, time_page
from consultations.views.visitor import is_open_here, own_page, url_of
from consultations.views.wrong import told_about
from treatments.care import BEFORE_FROM
from treatments.models import Modality
from treatments.money import money
from treatments.selectors import CONSULTATION

COMING = (State.RESERVED, State.PENDING_REVIEW, State.CONFIRMED)


@own_page("booking.own")
@require_safe
def manage(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    if appointment.state in (State.HELD, State.LAPSED) and appointment.patient_id is None:
        return redirect(url_of("details", appointment))
    opened = is_open_here(request, appointment)
    step = journey.next_step(appointment)
    consult_url = reverse("book:choices", args=[CONSULTATION])
    context = {
        "appointment": appointment,
        "kind": kind_of(appointment),
        "opened": opened,
        "step": step.name if step else "",
        "step_url": url_of(step.name, appointment) if step else "",
        "when": when(appointment),
        "due": _due(appointment),
        "review_by": _local(appointment, appointment.review_due_at),
        "can_change": appointment.is_ahead and appointment.start > timezone.now(),
        "question": open_question(appointment) is not None if appointment.state == State.PENDING_REVIEW else False,
        "map_url": f"https://www.openstreetmap.org/search?query={appointment.location.address.replace(' ', '+')}",
        "call": call_of(appointment, timezone.now(), url=url_of("video", appointment)),
        "can_book_again": can_book_again(appointment),
        "photos_url": _photos_url(appointment, opened=opened),
        "can_remind": kind_of(appointment) == "later" and can_remind(appointment),
        "times_url": times_url(appointment, day=appointment.bookable_from),
        "consult_url": consult_url,
        "video_url": f"{consult_url}?video=1" if is_offered() else "",
        "clinic_phone": appointment.location.phone or settings.CLINIC_PHONE,
        "wrong_url": url_of("wrong", appointment)
        if appointment.state != State.DONE and told_about(appointment)
        else "",
    }
    if opened:
        plan = plan_of_course(appointment.course_id)
        context |= {
            "plan_url": plan_url("own", plan) if plan else "",
            "price": money(appointment.price, appointment.currency),
            "preparation": preparation(appointment) if appointment.state in COMING else [],
            "decision": _told(appointment),
            "agreed": appointment.consents.exists(),
            "care_url": care_url(appointment),
        }
    return render(request, "booking/manage.html", context)


def _photos_url(appointment: Appointment, *, opened: bool) -> str:
    """From the seventh day; and where photos of something wrong can be seen again."""
    told = opened and takes_photos(appointment) and told_with_photos(appointment)
    return url_of("photos", appointment) if told or is_offered_photos(appointment, now=timezone.now()) else ""


def can_book_again(appointment: Appointment) -> bool:
    """After a treatment, unless something is wrong: then the practitioner speaks of what comes next."""
    treated = appointment.state == State.DONE and appointment.modality.slug != CONSULTATION
    return treated and open_event_of(appointment.patient_id) is None


@own_page("booking.own", health=True)
@require_safe
def again(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """To the times of the same treatment on the same areas, where the health questions are asked again."""
    if not can_book_again(appointment):
        return redirect(url_of("manage", appointment))
    areas = ",".join(appointment.areas.values_list("slug", flat=True))
    return redirect(f"{reverse('book:choices', args=[appointment.modality.slug])}?{urlencode({'areas': areas})}")


def kind_of(appointment: Appointment) -> str:
    """Which of the outcomes the page is: confirmed, checking, form, later, not_now, cancelled, done."""
    if appointment.state == State.CANCELLED:
        reasons = {CancelReason.DEFERRED: "later", CancelReason.DECLINED: "not_now"}
        return reasons.get(appointment.cancelled_reason, "cancelled")
    if appointment.state == State.PENDING_REVIEW:
        return "checking"
    if appointment.state == State.RESERVED and journey.is_thinking(appointment):
        return "thinking"
    if appointment.state == State.RESERVED:
        return "later" if appointment.clearance == Clearance.DEFERRED else "form"
    if appointment.state == State.LAPSED:
        return "lapsed"
    if appointment.state in (State.DONE, State.IN_TREATMENT, State.NO_SHOW):
        return "done"
    return "confirmed"


def when(appointment: Appointment) -> dict[str, str]:
    start = _local(appointment, appointment.start)
    return {"day": say(start, "l j F Y"), "time": clock(start)}


def _local(appointment: Appointment, instant: dt.datetime | None) -> dt.datetime | None:
    return instant.astimezone(ZoneInfo(appointment.location.timezone)) if instant else None


def _due(appointment: Appointment) -> dt.datetime | None:
    return _local(appointment, appointment.form_due_at)


def care_url(appointment: Appointment) -> str:
    """The treatment's care page, with today's step marked."""
    days = (timezone.now() - (appointment.finished_at or appointment.end)).days
    return f"{reverse('treatments:care', args=[appointment.modality.slug])}?day={max(days, 0)}"


def preparation(appointment: Appointment) -> list[dict[str, Any]]:
    """The treatment's list before a visit, each step with its date; what has begun already comes first, as one."""
    visit = _local(appointment, appointment.start).date()
    today = _local(appointment, timezone.now()).date()
    text = Modality.objects.only("content").get(pk=appointment.modality_id).text
    now, ahead = [], []
    for step in text.get("before", []):
        first = visit - dt.timedelta(days=BEFORE_FROM[step["key"]])
        if step["key"] != "on_the_day" and first <= today:
            now += step["items"]
            continue
        label = step["title"] if step["key"] == "on_the_day" else _("From %(day)s") % {"day": say(first, "j F")}
        ahead.append({"when": label, "items": step["items"]})
    return ([{"when": _("From now on"), "items": now}] if now else []) + ahead


def _told(appointment: Appointment) -> ReviewDecision | None:
    """The newest decision with words for the patient."""
    decisions = ReviewDecision.objects.filter(submission__appointment=appointment).standing()
    latest = decisions.exclude(decision=Decision.ASK).order_by("-decided_at").first()
    return latest if latest and latest.patient_text else None


@own_page("booking.own")
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """Another time: the new one is taken and the old one freed in one step, or nothing happens."""
    if not appointment.is_ahead or appointment.patient_id is None or appointment.start <= timezone.now():
        return redirect(url_of("manage", appointment))
    problem = None
    way = request.GET.get("way", "") if appointment.by_video or may_be_by_video(appointment) else ""
    by_video = way == VIDEO if way in (VIDEO, CLINIC) else None
    if request.method == "POST":
        start = asked_start(request.POST.get("start", ""))
        try:
            if start is None:
                raise DomainError("start_missing", _("Choose one of the times."), status=422)
            if question := asks_first(request, appointment, start):
                return question
            moved = move_as_answered(request, appointment, start=start, video=by_video)
            said = _("Your visit is now on %(day)s at %(time)s. The earlier time is free again.")
            messages.success(request, said % when(moved))
            return redirect(onward(moved))
        except DomainError as refusal:
            problem = refusal
    asked = {"way": way} if way in (VIDEO, CLINIC) else {}
    plan = moves.plan_for_move(appointment, by_video)
    same_way = plan.video == appointment.by_video
    shown = time_page(
        plan=plan,
        location=appointment.location,
        day=asked_day(request) or (local_start(appointment).date() if appointment.course_id else None),
        url_for=lambda day: f"{url_of('move', appointment)}?{urlencode(asked | {'day': day.isoformat()})}",
        mine=appointment.start if same_way else None,
        reach=appointment.bookable_from,
        **{name: wish for name, wish in wishes_of(appointment).items() if name != "location"},
        **not_in_the_way(appointment),
    )
    context = shown | {
        "appointment": appointment,
        "when": when(appointment),
        "problem": problem,
        "has_errors": bool(problem),
        "nearest": nearest(problem.extra.get("nearest", []), appointment.location) if problem else [],
        "back_url": url_of("manage", appointment),
        "by_video": plan.video,
        "from_day": appointment.bookable_from if can_wait(appointment) else None,
        "other_way_url": _other_way(appointment, plan.video),
    }
    return render(request, "booking/move.html", context, status=problem.status if problem else 200)


def _other_way(appointment: Appointment, by_video: bool) -> str:
    """The same page for a visit in the clinic instead of by video, or the other way round; nothing where there is none."""
    if not by_video and not may_be_by_video(appointment):
        return ""
    return f"{url_of('move', appointment)}?way={CLINIC if by_video else VIDEO}"


@own_page("booking.own")
@require_safe
def video(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """Into the call, while its door is open: the link itself is the key, as somebody about to talk should need no code."""
    if door(appointment, now=timezone.now()) != OPEN:
        return redirect(url_of("manage", appointment))
    return enter(appointment, actor=request.actor)


@own_page("booking.own")
@require_POST
def remind(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """On the day from which they can book, to the number they gave: nothing is asked again."""
    if kind_of(appointment) != "later" or not can_remind(appointment):
        return redirect(url_of("manage", appointment))
    patient = appointment.patient
    row = ask_reminder(
        phone=patient.phone,
        day=appointment.bookable_from,
        zone=appointment.location.timezone,
        language=appointment.language,
        whatsapp=may_send(patient.pk, channel="whatsapp"),
        caller=caller_of(request),
    )
    return redirect("reminder", token=reminder_token(row))


def can_wait(appointment: Appointment) -> bool:
    """Whether the day from which it can be had is still to come."""
    return appointment.bookable_from is not None and appointment.bookable_from > today_of(appointment)


def can_remind(appointment: Appointment) -> bool:
    return bool(appointment.patient_id and appointment.patient.phone) and can_wait(appointment)


@own_page("booking.own")
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    if not appointment.is_ahead or appointment.patient_id is None:
        return redirect(url_of("manage", appointment))
    if request.method == "POST":
        lifecycle.cancel(appointment, reason=CancelReason.PATIENT, actor=request.actor)
        messages.success(request, _("Your visit is cancelled. Nothing is charged."))
        return redirect(url_of("manage", appointment))
    context = {"appointment": appointment, "when": when(appointment), "back_url": url_of("manage", appointment)}
    context["others"] = len(followers_of(appointment))
    return render(request, "booking/cancel.html", context)


@own_page("booking.own")
@require_safe
def calendar(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    if appointment.patient_id is None:
        return redirect(url_of("manage", appointment))
    url = settings.PUBLIC_URL + url_of("manage", appointment)
    response = HttpResponse(calendar_file(appointment, url=url), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{appointment.reference}.ics"'
    return response
