"""What has been chosen so far: it travels in the address, so Back, a bookmark and another tab all keep it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bookings import video
from bookings.models import Location, Practitioner
from clinic.errors import DomainError, NotFound
from clinic.zone import write_in
from treatments.models import Modality
from treatments.money import money
from treatments.selectors import CONSULTATION, VisitPlan, get_modality, visit_plan

WISHED = {"woman": gettext_noop("with a woman"), "man": gettext_noop("with a man")}


@dataclass(frozen=True)
class Trip:
    plan: VisitPlan
    practitioner: Practitioner | None
    location: Location
    gender: str = ""
    wish: str = ""
    share: bool = False

    @property
    def slug(self) -> str:
        return self.plan.modality.slug

    @property
    def areas(self) -> dict[str, str]:
        """Slug → group, as the questionnaire takes them."""
        return {area.slug: area.group for area in self.plan.areas}

    @property
    def who(self) -> str | None:
        return self.practitioner.resource.slug if self.practitioner else None

    @property
    def today(self) -> dt.date:
        """The day at the clinic."""
        return timezone.now().astimezone(ZoneInfo(self.location.timezone)).date()

    @property
    def frame(self) -> dict[str, Any]:
        return {"modality": self.slug, "areas": self.areas, "today": self.today}

    @property
    def query(self) -> dict[str, str]:
        chosen = {
            "areas": ",".join(self.areas),
            "practitioner": self.who,
            "gender": self.gender,
            "consult": "1" if self.plan.talk else "",
            "video": "1" if self.plan.video else "",
            "wish": self.wish,
            "share": "1" if self.share else "",
            "location": self.location.slug,
        }
        return {name: value for name, value in chosen.items() if value}

    def url(self, name: str, *, fragment: str = "", query: dict[str, Any] | None = None, **kwargs: Any) -> str:
        path = reverse(f"book:{name}", kwargs={"slug": self.slug, **kwargs})
        return f"{path}?{urlencode(self.query | (query or {}), safe=',')}{fragment}"

    @property
    def facts(self) -> dict[str, Any]:
        """For the line under a heading."""
        return {
            "name": self.plan.modality.name,
            "areas": [area.name for area in self.plan.areas],
            "minutes": self.plan.patient_minutes,
            "price": money(self.plan.price, self.plan.currency),
            "practitioner": str(self.practitioner or (_(WISHED[self.gender]) if self.gender else "")),
            "talk": self.plan.talk > 0,
            "video": self.plan.video,
        }


def trip_of(request: HttpRequest, slug: str) -> Trip | None:
    """The choices in the address; None when they are missing or make no visit. NotFound for an unknown treatment."""
    areas = [part for value in request.GET.getlist("areas") for part in value.split(",") if part]
    try:
        flags = {name: request.GET.get(name) == "1" for name in ("consult", "video")}
        flags["video"] = flags["video"] and video.is_offered()
        plan = visit_plan(modality=slug, areas=areas, **flags)
    except DomainError as refusal:
        if refusal.status == 404:
            raise
        return None
    places = {place.slug: place for place in Location.objects.filter(active=True)}
    location = places.get(request.GET.get("location", "")) or next(iter(places.values()), None)
    if location is None:
        return None
    write_in(location.timezone)
    named = request.GET.get("practitioner", "")
    practitioner = practitioners_for(plan.modality).filter(resource__slug=named).first() if named else None
    gender = request.GET.get("gender", "")
    gender = gender if gender in WISHED and practitioner is None else ""
    wish = wished_treatment(request, slug)
    share = bool(wish) and request.GET.get("share") == "1"
    return Trip(plan, practitioner, location, gender, wish, share)


def wished_treatment(request: HttpRequest, slug: str) -> str:
    """For a consultation: the treatment that led to it, whose answers may be shared; else nothing."""
    wish = request.GET.get("wish", "")
    if slug != CONSULTATION or wish in ("", CONSULTATION):
        return ""
    return wish if Modality.objects.filter(slug=wish, bookable=True).exists() else ""


def practitioners_for(modality: Modality):
    found = Practitioner.objects.filter(skills=modality, resource__active=True).select_related("resource")
    return found.order_by("resource__name")


def bookable(slug: str) -> Modality:
    """The treatment with its texts and offers. NotFound for one that is unknown or not offered online."""
    modality = get_modality(slug)
    if not modality.bookable:
        raise NotFound(_("We have no treatment of that name."), code="unknown_treatment")
    return modality
