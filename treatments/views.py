from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.people.access import requires

from . import care as care_days
from . import home as sections
from . import selectors
from .comparators import comparators
from .models import Area, Modality

CONSULTATION = "consult"


def group_name(group: str) -> str:
    return {
        Area.Group.FACE: _("Face"),
        Area.Group.BODY: _("Body"),
        Area.Group.SCALP: _("Scalp"),
    }[group]


@require_safe
@requires("catalogue.read")
def home(request: HttpRequest) -> HttpResponse:
    modalities = list(selectors.list_modalities())
    next_free = sections.next_free([modality.slug for modality in modalities])
    cards = [_card(modality, next_free.get(modality.slug)) for modality in modalities]
    context = {
        "cards": [card for card in cards if card["modality"].slug != CONSULTATION],
        "consultation": next((card for card in cards if card["modality"].slug == CONSULTATION), None),
        "practitioners": sections.practitioners(),
    }
    return render(request, "treatments/home.html", context | _page(request))


@require_safe
@requires("catalogue.read")
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    modality = selectors.get_modality(slug)
    offers = list(modality.offers.all())
    context = {
        "modality": modality,
        "text": modality.text,
        "cheapest": min(offers, key=lambda offer: offer.price, default=None),
        "groups": [
            (group_name(group), list(found)) for group, found in groupby(offers, key=lambda offer: offer.area.group)
        ],
        "minutes": _range(offer.visit_minutes for offer in offers),
        "next_free": sections.next_free([slug] if modality.bookable else []).get(slug),
        "times_url": sections.times_link(slug),
        "is_consultation": slug == CONSULTATION,
        "consultation_url": sections.times_link(CONSULTATION),
    }
    return render(request, "treatments/detail.html", context | _page(request))


@require_safe
@requires("catalogue.read")
def care(request: HttpRequest, slug: str) -> HttpResponse:
    """Before and after. `?day=3` marks the step of the third day after the visit; a wrong value marks none."""
    modality = selectors.get_modality(slug)
    day = request.GET.get("day", "")
    context = {
        "modality": modality,
        "text": modality.text,
        "today": care_days.step_after(int(day)) if day.isascii() and day.isdigit() and len(day) < 5 else None,
    }
    return render(request, "treatments/care.html", context | _page(request))


@require_safe
@requires("catalogue.read")
def compare(request: HttpRequest) -> HttpResponse:
    context = {"modalities": selectors.list_modalities(), "comparators": comparators()}
    return render(request, "treatments/compare.html", context | _page(request))


def _card(modality: Modality, next_free: Any) -> dict[str, Any]:
    offers = list(modality.offers.all())
    return {
        "modality": modality,
        "cheapest": min(offers, key=lambda offer: offer.price, default=None),
        "minutes": _range(offer.visit_minutes for offer in offers),
        "next_free": next_free,
        "times_url": sections.times_link(modality.slug),
    }


def _range(values: Any) -> dict[str, int] | None:
    found = sorted(values)
    return {"min": found[0], "max": found[-1]} if found else None


def _page(request: HttpRequest) -> dict[str, str]:
    return {"canonical": f"{settings.PUBLIC_URL}{request.path}"}
