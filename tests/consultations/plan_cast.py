"""Plans: a consultation that has been, a practitioner who plans from it, and a patient who says yes."""

from types import SimpleNamespace

from bookings.models import Practitioner
from bookings.selectors.courses import plan_series
from clinic.people.access import Actor
from clinic.people.models import User
from consultations.models import Plan
from consultations.selectors import plans
from consultations.services import plans as services
from consultations.views.plans_own import _page
from tests.bookings.cast import NOW, confirmed

MIXED = ("pen", "peel", "pen", "peel", "pen")


def practitioner(slug: str) -> Actor:
    user = User.objects.filter(email=f"{slug}@plans.example").first() or User.objects.create_user(
        f"{slug}@plans.example", "a long enough word", name=slug.title(), role="practitioner"
    )
    Practitioner.objects.filter(resource__slug=slug).update(user=user)
    return Actor("practitioner", user=user)


def drafted(*series: str, areas=("face",), **typed) -> dict:
    rows = [{"modality": slug, "areas": list(areas), "least": "", "most": ""} for slug in series or MIXED]
    return {"goal": "Calmer scars on both cheeks", "note": "", "sessions": rows} | typed


def planned(patient, *series: str, actor=None, now=NOW, start="2027-03-01 15:00", **typed) -> SimpleNamespace:
    """A plan that was sent from a consultation: plan, version, actor."""
    actor = actor or practitioner("ayse")
    visit = confirmed(start, "consult", patient=patient, practitioner="ayse", now=now)
    about = {"patient": patient, "about": visit.ref, "location": visit.location}
    plan = services.save_draft(None, draft=drafted(*series, **typed), actor=actor, **about)
    version = services.propose(plan, actor=actor, now=now)
    return SimpleNamespace(plan=again(plan), version=version, actor=actor, visit=visit)


def again(plan: Plan) -> Plan:
    return plans._plans().get(pk=plan.pk)


def say(plan: Plan, said: str, *, text: str = "", now=NOW, **other):
    """What the patient says with the page of today before them."""
    page = _page(again(plan))
    words = {"seen": str(page["version"].pk), "shown": page["shown"], "shown_hash": page["shown_hash"]} | other
    return services.answer(plan, said=said, text=text, language="en", now=now, **words)


def proposals(plan: Plan, now=NOW, **wish):
    visits, gaps = plans.series_of(plans.current_version(again(plan)))
    where = {"location": plan.location.slug, "patient_id": plan.patient_id, "course": True}
    return plan_series(visits=visits, gaps=gaps, now=now, **where | wish).plans


def accepted(patient, *series: str, **typed) -> SimpleNamespace:
    made = planned(patient, *series, **typed)
    say(made.plan, "accept")
    return made
