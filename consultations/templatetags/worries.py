"""A patient's worry on pages of the floor below: the way to report one, and how one that is open stands."""

from typing import Any

from django import template
from django.urls import reverse

from clinic.people.access import actor_of, may
from clinic.people.models import Patient
from consultations.adverse_words import standing_words
from consultations.selectors.adverse_standing import standing_of

register = template.Library()


@register.inclusion_tag("events/_worry.html", takes_context=True)
def worry(context: template.Context, patient: Patient) -> dict[str, Any]:
    """Nothing for anybody who may not report. One query, a second one while nobody has looked."""
    request = context.get("request")
    actor = actor_of(request) if request else None
    if actor is None or not may(actor, "event.report"):
        return {}
    standing, writes = standing_of(patient.pk), may(actor, "event.write")
    return {
        "url": reverse("events:new" if writes else "events:report", args=[patient.pk]),
        "writes": writes,
        "standing": standing,
        "words": standing_words(standing) if standing else "",
        "standing_url": reverse("events:reported", args=[patient.pk]),
    }
