"""What bookings adds to the public pages: who works here, and when each treatment is next free."""

import contextlib
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.utils import timezone

from bookings.models import Location, Practitioner
from bookings.selectors.free_times import free_starts
from clinic.errors import DomainError
from treatments import home
from treatments.models import in_language
from treatments.selectors import visit_plan

LOOK_AHEAD = dt.timedelta(days=13)
KEPT_SECONDS = 60
USUAL_AREAS = ("face", "scalp")


def practitioners() -> list[dict[str, Any]]:
    """Active practitioners with their skills. Two queries."""
    rows = (
        Practitioner.objects.filter(resource__active=True)
        .select_related("resource")
        .prefetch_related("skills")
        .order_by("resource_id")
    )
    return [
        {
            "name": str(row),
            "title": row.title,
            "bio": in_language(row.bio) if row.bio else "",
            "skills": [skill.name for skill in row.skills.all()],
            "initials": "".join(word[0] for word in row.resource.name.split()[:2]),
        }
        for row in rows
    ]


def next_free(slugs: Sequence[str]) -> Mapping[str, dt.datetime]:
    """The earliest start of each treatment in the coming two weeks, in the clinic's zone; a minute old at most.

    A hint on a card and never a promise: the time page asks again.
    """
    keys = {slug: f"next-free:{slug}" for slug in slugs}
    try:
        known = cache.get_many(keys.values())
    except Exception:  # noqa: BLE001 - a cache that is away must not close the shop window
        known = {}
    missing = [slug for slug in slugs if keys[slug] not in known]
    fresh = {keys[slug]: _earliest(slug) for slug in missing}
    if fresh:
        with contextlib.suppress(Exception):
            cache.set_many(fresh, KEPT_SECONDS)
    found = known | fresh
    return {slug: found[key] for slug, key in keys.items() if found.get(key)}


def _earliest(slug: str) -> dt.datetime | str:
    location = Location.objects.filter(active=True).first()
    if location is None:
        return ""
    today = timezone.now().astimezone(ZoneInfo(location.timezone)).date()
    for area in USUAL_AREAS:
        try:
            plan = visit_plan(modality=slug, areas=[area])
        except DomainError:
            continue
        starts = free_starts(plan=plan, first=today, last=today + LOOK_AHEAD).starts
        return min(starts).astimezone(ZoneInfo(location.timezone)) if starts else ""
    return ""


def register() -> None:
    home.provide_practitioners(practitioners)
    home.provide_next_free(next_free)
