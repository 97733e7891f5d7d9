"""A photo check-in for the demo: photos from before a treatment, and how the same skin looks a week and more after it."""

import datetime as dt

from bookings.models import Appointment
from clinic.crypto.search import blind_index
from clinic.people.access import Actor
from consultations.check_ins import OFFERED_AFTER
from consultations.demo.questions import drawn
from consultations.models import Act, Enquiry
from consultations.services.check_ins import send_check_in
from consultations.services.enquiries import answer_enquiry, send_enquiry
from consultations.services.enquiry_drafts import keep_page, prove_phone
from consultations.services.photos import add_photo
from treatments.selectors import CONSULTATION

PHOTOS, TONE = 2, 0
BEFORE = {
    "en": ("My cheeks are uneven. Would needling help?", "Smoother skin"),
    "tr": ("Yanaklarım pürüzlü. İğneleme işe yarar mı?", "Daha pürüzsüz bir cilt"),
    "es": ("Tengo la piel de las mejillas irregular. ¿Me ayudaría el microneedling?", "Una piel más lisa"),
    "ar": ("بشرة خديّ غير متساوية. هل يفيدني الوخز بالإبر؟", "بشرة أنعم"),
}
ANSWER = {
    "en": "It would. Please come in, and we look at it together.",
    "tr": "Evet. Gelin, birlikte bakalım.",
    "es": "Sí. Venga y lo vemos juntos.",
    "ar": "نعم. تفضل بزيارتنا لنراها معًا.",
}
AFTER = {
    "en": "Much calmer, and smoother to the touch.",
    "tr": "Çok daha sakin ve dokununca daha pürüzsüz.",
    "es": "Mucho más tranquila y más lisa al tacto.",
    "ar": "أهدأ بكثير وأنعم عند اللمس.",
}


def load_check_in(*, now: dt.datetime, visit: Appointment | None = None) -> Enquiry | None:
    """After this visit, or after the last treatment of a week ago or more. None where there is none."""
    visit = visit or _some_visit(now)
    if visit is None:
        return None
    patient, language = visit.patient, visit.patient.language
    asked = visit.start - dt.timedelta(days=9)
    words, goals = BEFORE[language]
    draft = keep_page(None, page="adult", values={"adult": "yes"}, now=asked)
    for number in range(PHOTOS):
        add_photo(draft, data=drawn(40 + number, TONE, spots=30), most=PHOTOS, now=asked)
    prove_phone(draft, phone_index=blind_index("phone", patient.phone), now=asked)
    content = {"concerns": ["pores"], "areas": ["cheeks"], "words": words, "goals": goals, "wish": "answer"}
    before = send_enquiry(draft, content=content, name=patient.name, phone=patient.phone, language=language, now=asked)
    treats = Actor("practitioner", user=visit.practitioner.practitioner.user)
    day_after = asked + dt.timedelta(days=1)
    answer_enquiry(before.pk, act=Act.INVITE, text=ANSWER[language], seen=1, actor=treats, now=day_after)
    sent = now - dt.timedelta(hours=3)
    draft = keep_page(None, page="check_in", values={}, now=sent)
    for number in range(PHOTOS):
        add_photo(draft, data=drawn(40 + number, TONE, spots=9), most=PHOTOS, now=sent)
    actor = Actor("patient", patient_id=str(patient.pk))
    return send_check_in(draft, appointment=visit, words=AFTER[language], language=language, actor=actor, now=sent)


def _some_visit(now: dt.datetime) -> Appointment | None:
    over = Appointment.objects.filter(state="done", finished_at__lte=now - OFFERED_AFTER)
    over = over.exclude(modality__slug=CONSULTATION).exclude(patient__adverse_events__isnull=False)
    related = ("patient", "location", "modality", "practitioner__practitioner__user")
    return over.select_related(*related).order_by("-finished_at").first()
