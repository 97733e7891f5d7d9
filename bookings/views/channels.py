"""How messages leave the house: what is open, what is paused and why, and how much of the day is used."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from bookings.views.pages import leave_toast, page
from bookings.views.thread import when
from clinic.errors import DomainError, Invalid, NotFound
from clinic.messaging import desk as dealing
from clinic.messaging import limits, spend, standing
from clinic.messaging.config import option
from clinic.messaging.models import Channel
from clinic.messaging.standing import NAMES
from clinic.people.access import requires

WHY = {
    limits.SPEND: gettext_lazy("What may be sent in one day is used up. Emergency texts still go."),
    limits.CREDENTIALS: gettext_lazy(
        "The provider refuses our account. Its key may have changed, or the account is closed. After each pause one "
        "message is tried; when it is taken, all go."
    ),
}
HELD = {
    "number_hour": gettext_lazy("one number got very many within an hour"),
    "number_day": gettext_lazy("one number got very many within a day"),
    "prefix_hour": gettext_lazy("very many went to numbers that begin alike"),
}


class LookedForm(forms.Form):
    channel = forms.ChoiceField(choices=[(channel, channel) for channel in NAMES], widget=forms.HiddenInput)
    looked = forms.BooleanField(
        label=gettext_lazy("I have looked at what was sent today, and it may go on."), required=False
    )


@requires("message.channels")
@never_cache
@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    return _show(request)


@requires("message.channels")
@require_POST
def reopen(request: HttpRequest) -> HttpResponse:
    """Somebody has looked and opens a channel again."""
    form = LookedForm(request.POST, auto_id=f"id_{request.POST.get('channel', '')[:10]}_%s")
    if not form.is_valid():
        raise NotFound
    try:
        dealing.open_channel(**form.cleaned_data, actor=request.actor)
    except Invalid as refusal:
        form.add_error("looked", [str(one) for one in refusal.fields["looked"]])
        return _show(request, form=form, status=refusal.status)
    except DomainError as refusal:
        return _show(request, problem=str(refusal), status=refusal.status)
    leave_toast(request, _("It is open again. What waits goes out now."))
    return redirect("desk:channels")


def _show(
    request: HttpRequest, *, form: LookedForm | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    now = timezone.now()
    context = {
        "rows": [_row(one, form) for one in standing.channels(now=now)],
        "uses": _uses(now),
        "held": [{"n": n, "why": HELD.get(code, code)} for code, n in sorted(standing.held_back(now=now).items())],
        "paces": [
            {"name": NAMES[channel], "rate": option(f"{channel}_per_second")}
            for channel in (Channel.WHATSAPP, Channel.SMS)
            if option(f"{channel}_per_second")
        ],
        "day_from": when(limits.window_of(now, limits.DAY), _zone()),
        "day_until": when(spend.midnight_after(now), _zone()),
        "problem": problem,
        "forms": [form],
    }
    return page(request, "desk/channels.html", context, status=status)


def _row(one: standing.Standing, tried: LookedForm | None) -> dict[str, Any]:
    form = None
    if one.paused:
        mine = tried is not None and tried.data.get("channel") == one.channel
        form = tried if mine else LookedForm(initial={"channel": one.channel}, auto_id=f"id_{one.channel}_%s")
    return {
        "standing": one,
        "name": NAMES[one.channel],
        "why": WHY.get(one.reason, gettext_lazy("It was paused.")),
        "spend": one.reason == limits.SPEND,
        "since": when(one.since, _zone()) if one.since else "",
        "until": when(one.until, _zone()) if one.until else "",
        "oldest": when(one.oldest, _zone()) if one.oldest else "",
        "form": form,
    }


def _uses(now) -> list[dict[str, Any]]:
    sent, cost = standing.messages_today(now=now), standing.cost_today(now=now)
    return [
        {"name": _("Messages"), "use": sent, "used": _number(sent.used), "limit": _number(sent.limit),
         "earlier": _number(sent.earlier) if sent.earlier else "", "value": int(sent.used)},
        {"name": _("Cost"), "use": cost, "used": _number(cost.used, 2), "limit": _number(cost.limit, 2),
         "earlier": _number(cost.earlier, 2) if cost.earlier else "", "value": int(cost.used)},
    ]  # fmt: skip


def _number(value: float, places: int = 0) -> str:
    return number_format(value, decimal_pos=places, force_grouping=True)


def _zone() -> str:
    return timezone.get_current_timezone_name()
