"""How many questions about their plans wait for the practitioner who looks at the page."""

from django import template

from clinic.people.access import actor_of, may
from consultations.selectors.plans import questions_waiting

register = template.Library()


@register.simple_tag(takes_context=True)
def plan_questions(context: template.Context) -> int:
    """0 for anybody who writes no plans. One query for a practitioner."""
    request = context.get("request")
    actor = actor_of(request) if request else None
    return questions_waiting(actor) if actor and actor.user and may(actor, "plan.write") else 0
