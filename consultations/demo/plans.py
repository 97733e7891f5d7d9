"""Two treatment plans in the demo: one that waits for its patient's answer, one that was accepted and booked."""

import datetime as dt

from django.utils.translation import override

from bookings.models import Appointment
from bookings.selectors.courses import plan_series
from clinic.people.access import Actor
from clinic.people.models import User
from consultations.models import Plan, PlanAnswerKind
from consultations.selectors import plans as selectors
from consultations.services import plans as services
from consultations.views import plan_words
from treatments.money import money

AUTHOR, AUTHOR_SLUG = "selin@dermastudio.example", "selin-aydin"
MIXED, NEEDLING = ("pen", "peel", "pen", "peel", "pen"), ("pen", "pen", "pen")
GOAL = {
    "en": "Softer acne scars on your cheeks, and a more even tone.",
    "tr": "Yanaklardaki akne izlerinin yumuşaması ve daha eşit bir cilt tonu.",
    "es": "Suavizar las marcas de acné de las mejillas y un tono más uniforme.",
    "ar": "تنعيم آثار حب الشباب على الخدين ولون بشرة أكثر تجانسًا.",
}
NOTE = {
    "en": "We begin gently. Please keep using sun cream every day.",
    "tr": "Nazikçe başlıyoruz. Lütfen her gün güneş kremi kullanmaya devam edin.",
    "es": "Empezamos con suavidad. Siga usando crema solar cada día.",
    "ar": "نبدأ بلطف. يرجى الاستمرار في استخدام واقي الشمس يوميًا.",
}


def load_plans(*, now: dt.datetime) -> list[Plan]:
    """For the next two patients whom the author sees, each a day and a half ago."""
    actor = Actor("practitioner", user=User.objects.get(email=AUTHOR))
    theirs = Appointment.objects.filter(practitioner__practitioner__user=actor.user, patient__plans=None)
    coming = theirs.filter(state="confirmed", start__gt=now).select_related("patient", "location").order_by("start")
    people = {visit.patient_id: visit for visit in reversed(coming)}
    made = []
    for visit, series in zip(list(people.values())[::-1], (MIXED, NEEDLING), strict=False):
        made.append(propose(visit, series, actor=actor, now=now - dt.timedelta(hours=36)))
    if len(made) > 1:
        accept(made[1], now=now - dt.timedelta(hours=30))
        book(made[1], now=now)
    return made


def propose(visit: Appointment, series: tuple[str, ...], *, actor: Actor, now: dt.datetime, **typed: str) -> Plan:
    language = visit.patient.language
    draft = {
        "goal": GOAL.get(language, GOAL["en"]),
        "note": NOTE.get(language, NOTE["en"]),
        "sessions": [{"modality": slug, "areas": ["face"]} for slug in series],
    } | typed
    about = {"patient": visit.patient, "about": visit.ref, "location": visit.location}
    plan = services.save_draft(None, draft=draft, actor=actor, **about)
    services.propose(plan, actor=actor, now=now)
    return plan


def accept(plan: Plan, *, now: dt.datetime) -> None:
    """As the patient would, with the words of their page before them."""
    language = plan.patient.language
    version = plan.versions.latest("number")
    sessions = selectors.sessions_of(version)
    with override(language):
        total = money(version.total, version.currency)
        rows = plan_words.lines(sessions, selectors.visits_for(sessions), total=version.total)
        words = plan_words.shown(version, rows, total)
    answer(plan, PlanAnswerKind.ACCEPT, words, now=now)


def answer(plan: Plan, said: str, words: str, *, now: dt.datetime, text: str = "") -> None:
    services.answer(
        plan,
        said=said,
        seen=str(plan.versions.latest("number").pk),
        shown=words,
        shown_hash=services.hash_of(words),
        language=plan.patient.language,
        text=text,
        actor=Actor("patient", patient_id=str(plan.patient_id)),
        now=now,
    )


def book(plan: Plan, *, now: dt.datetime) -> None:
    """The best proposal; where there is none the plan stays accepted."""
    visits, gaps = selectors.series_of(plan.versions.latest("number"))
    where = {"location": plan.location.slug, "patient_id": plan.patient_id, "course": True}
    found = plan_series(visits=visits, gaps=gaps, prefer=AUTHOR_SLUG, now=now, **where).plans
    if found:
        actor = Actor("patient", patient_id=str(plan.patient_id))
        services.book(plan, starts=found[0].sessions, language=plan.patient.language, actor=actor, now=now)
