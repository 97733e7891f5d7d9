"""A clinic in which every page has something to show: one visit in each state, and browsers that may see it."""

import datetime as dt
import time

from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import BrowserContext

from bookings.links import manage_path
from bookings.models import Appointment, Closure, WaitingEntry
from bookings.selectors import free_starts
from bookings.selectors.courses import plan_course
from bookings.selectors.waiting import best_offer, get_entry
from bookings.services import holds, lifecycle, offers, waiting
from bookings.services.courses import book_course
from bookings.states import CancelReason
from clinic.crypto.search import blind_index
from clinic.messaging.models import DemoPhone, Message
from clinic.messaging.replies import inbound
from clinic.people.access import Actor
from clinic.people.models import User
from consultations.answers_cookie import answers_cookie
from consultations.demo import plans as demo_plans
from consultations.demo.check_ins import load_check_in
from consultations.demo.loader import quiet_answers
from consultations.demo.questions import load_questions
from consultations.enquiry_links import enquiry_path
from consultations.frame import areas_of
from consultations.models import AdverseEvent, Enquiry, Plan
from consultations.plan_links import plan_path
from consultations.questionnaire import current
from consultations.questionnaire.definition import SHORT
from consultations.selectors.enquiries import photos_of
from consultations.selectors.questionnaire import published_version
from consultations.services import adverse, intake, review
from consultations.services import plans as services
from consultations.services.changes import choose_topics, report_change
from consultations.services.consent import withdraw
from consultations.services.enquiries import answer_enquiry
from consultations.services.enquiry_drafts import keep_page, prove_phone
from consultations.services.photos import add_photo
from consultations.services.reminding import ask_reminder, reminder_token
from consultations.services.sharing import Sharing, share_answers
from tests.consultations.asking import CONCERN, CONTACT, GOALS, PHONE, asked
from tests.consultations.photos.pictures import jpeg
from treatments.selectors import visit_plan

ON_THE_LIST = {
    "waits": "Zeynep Şahin",
    "offered": "Ceren Tunç",
    "took": "Elif Kaya",
    "silent": "Mert Aksoy",
    "leaves": "Onur Bilgin",
}
THINNER = {"blood_thinner": "yes", "blood_thinner_name": "Apixaban"}


class World:
    def __init__(self, diary, clock, clinic):
        self.diary, self.clock, self.clinic = diary, clock, clinic
        self.visits: dict[str, Appointment] = {}
        self.waiting: dict[str, WaitingEntry] = {}
        self.questions: dict[str, Enquiry] = {}
        self.plans: dict[str, Plan] = {}
        self._make()

    def _make(self):
        make, keep = self.diary.visit, self.visits
        keep["lapsed"] = make("Tuğba Ergin", fate="reserved", days=8)
        holds.lapse_due(now=self.clock.now + dt.timedelta(days=2))
        keep["form"] = make("Elif Kaya", fate="reserved", days=6)
        keep["check"] = make("Ayşe Demir", fate="reserved", days=6, practitioner="nuria-ruiz")
        keep["doubt"] = make("Hande Öztürk", fate="reserved", days=7)
        keep["confirmed"] = make("Zeynep Şahin", days=3, pick=0, practitioner="layla-haddad")
        keep["soon"] = make("Ceren Tunç", days=0, pick=0.9, practitioner="nuria-ruiz")
        keep["stopped"] = make("Mert Aksoy", fate="pending", days=0, pick=0.9, **THINNER)
        keep["arrived"] = make("Buse Kılıç", days=0, pick=0.35)
        keep["pending"] = make("Burak Çelik", fate="pending", days=6, pick=0.2, **THINNER)
        keep["asked"] = make("Defne Arslan", fate="pending", days=7, pick=0.1, **THINNER)
        keep["reopened"] = make("Gizem Koç", days=8, practitioner="layla-haddad")
        keep["undoable"] = make("Esra Keskin", fate="pending", days=9, pick=0.5, practitioner="layla-haddad", **THINNER)
        keep["narrowed"] = make("Damla Uslu", days=9, pick=0.3, practitioner="layla-haddad")
        keep["deferred"] = make("Cem Yalçın", fate="pending", days=9, pick=0.9, **THINNER)
        keep["declined"] = make("Serkan Polat", fate="pending", days=9, pick=0.1, scars="unsure")
        keep["precautions"] = make("Melis Uçar", fate="pending", days=10, practitioner="nuria-ruiz", **THINNER)
        keep["cancelled"] = make("Onur Bilgin", fate="confirmed", days=2, practitioner="nuria-ruiz")
        keep["done"] = make("Aslı Kurt", fate="done", days=-1)
        keep["settled"] = make("Sophie Turner-Hale", fate="done", days=-14, pick=0)
        keep["healed"] = make("Priya Raman", fate="done", days=-14, pick=0.4)
        keep["no_show"] = make("Emre Doğan", fate="no_show", days=-1, pick=0.9)
        keep["consent"] = make("Pelin Aydoğan", fate="reserved", days=13)
        self._decide()
        self._fill_in()
        lifecycle.cancel(keep["cancelled"], reason=CancelReason.PATIENT, now=self.clock.now)
        report_change(keep["narrowed"], actor=self.actor("narrowed"))
        choose_topics(keep["narrowed"], topics=["sun"], actor=self.actor("narrowed"))
        intake.keep_answers(keep["narrowed"], answers={"sun": "fake_tan", "skin_type": "II"})
        withdraw(keep["precautions"], choice="treatment", actor=self.actor("precautions"), now=self.clock.now)
        report_change(keep["reopened"], actor=self.actor("reopened"))
        keep["call"] = self.call("Burak Çelik")
        self.reminder = ask_reminder(
            phone="+905325550999", day=dt.date(2027, 6, 1), zone="Europe/Istanbul", language="en"
        )
        keep["held"] = self.hold("selin-aydin", days=14)
        keep["over"] = self.hold("selin-aydin", days=14, now=self.clock.now - dt.timedelta(minutes=11))
        Closure.objects.create(
            location=self.clinic, date_from=dt.date(2027, 5, 19), date_to=dt.date(2027, 5, 19), reason="Gençlik Bayramı"
        )
        for row in keep.values():
            row.refresh_from_db()
        self.clock.work()
        self._wait()
        self._plan()
        self._propose()
        self._write()
        self._ask()

    def _plan(self):
        """Three sessions, and a time for the second at which the third would be too close."""
        plan, day = visit_plan(modality="peel", areas=["legs"]), self.clock.now.date() + dt.timedelta(days=20)
        chosen = plan_course(plan=plan, sessions=3, earliest=day, staff=True).plans[0].sessions
        course = book_course(plan=plan, patient=self.diary.people["Aslı Kurt"], starts=chosen)
        self.visits["session"] = course.appointments.select_related("patient", "location").get(session=2)
        self.too_close = (chosen[1].start + dt.timedelta(days=7)).isoformat()

    def _propose(self):
        """Treatment plans: one being written, too near; one sent, with a question; one accepted, one booked, one over."""
        actor = Actor("practitioner", user=User.objects.get(email=demo_plans.AUTHOR))
        before = self.clock.now - dt.timedelta(hours=1)
        for name, whose in {"proposed": "done", "accepted": "no_show", "booked": "arrived", "back": "stopped"}.items():
            made = demo_plans.propose(self.visits[whose], demo_plans.MIXED, actor=actor, now=before)
            self.plans[name] = made
        near = [{"modality": "pen", "areas": ["face"]}, {"modality": "pen", "areas": ["face"], "least": "20"}]
        about = {"patient": self.visits["declined"].patient, "about": self.visits["declined"].ref}
        self.plans["draft"] = services.save_draft(
            None, draft={"goal": "", "sessions": near}, actor=actor, location=self.clinic, **about
        )
        demo_plans.answer(self.plans["proposed"], "ask", "shown", text="Does it hurt?", now=before)
        for name in ("accepted", "booked"):
            demo_plans.accept(self.plans[name], now=before)
        demo_plans.book(self.plans["booked"], now=self.clock.now)
        self.plans["booked"].refresh_from_db()
        course = self.plans["booked"].course.appointments.select_related("patient", "location").order_by("session")
        self.visits["planned"], third = course[1], course[2]
        self.planned_late = (third.start - dt.timedelta(days=7)).date().isoformat()
        services.withdraw(self.plans["back"], actor=actor, now=before)

    def _wait(self):
        """On the list: one who waits, one to whom a time is offered, one who took it, one who does not answer."""
        day = self.clock.now.date() + dt.timedelta(days=1)
        for name, who in ON_THE_LIST.items():
            self.waiting[name] = waiting.join(
                plan=visit_plan(modality="consult", areas=["face"]),
                location=self.clinic,
                patient=self.diary.people[who],
                first=day,
                last=day + dt.timedelta(days=12),
                parts=["evening"] if name == "waits" else ["morning", "afternoon"],
                weekdays=[1, 4] if name == "waits" else [],
            )
        for name in ("offered", "took"):
            row = get_entry(self.waiting[name].pk)
            given = offers.offer(row, start=best_offer(row), by_hand=True)
            if name == "took":
                offers.accept(row, offer_id=given.pk)
        WaitingEntry.objects.filter(pk=self.waiting["silent"].pk).update(unanswered=3)

    def _ask(self):
        """One waits with photos, one is answered, one was asked for more, one is closed, one sounds like an emergency."""
        selin = Actor("practitioner", user=User.objects.get(practitioner__resource__slug="selin-aydin"))
        keep = self.questions
        keep["waits"], keep["answered"] = load_questions(now=self.clock.now)
        keep["check_in"] = load_check_in(now=self.clock.now, visit=self.visits["settled"])
        for number, (name, act) in enumerate({"more": "more", "closed": "close", "alarm": ""}.items()):
            words = {"words": "I cannot breathe well"} if name == "alarm" else {}
            row = asked(
                name="Zoe Lane", phone=f"+90532555880{number}", now=self.clock.now - dt.timedelta(days=6), **words
            )
            if act:
                answer_enquiry(row.pk, act=act, text="Which cream was it?", seen=1, actor=selin, now=self.clock.now)
            keep[name] = row

    def draft(self, *pages, photos=0):
        """A question somebody has begun, up to these pages."""
        typed = {"adult": {"adult": "yes"}, "concern": CONCERN, "goals": GOALS, "contact": CONTACT}
        typed["alarm"] = CONCERN | {"words": "I cannot breathe well"}
        row = None
        for page in ("adult", *pages):
            row = keep_page(row, page="concern" if page == "alarm" else page, values=typed[page], now=self.clock.now)
        for _each in range(photos):
            add_photo(row, data=jpeg((600, 800)), most=6, now=self.clock.now)
        if "contact" in pages:
            prove_phone(row, phone_index=blind_index("phone", PHONE), now=self.clock.now)
        return row

    def question(self, name, page=""):
        return enquiry_path(self.questions[name]) + page

    def asked(self, name, page=""):
        return f"/enquiries/{self.questions[name].pk}/{page}"

    def photo_page(self, name):
        return self.asked(name, f"photo/{photos_of(self.questions[name].ref)[1].pk}/")

    def _write(self):
        """What patients wrote: an alarm, something about health, a question. And a message that nobody could deliver."""
        for name, words in {
            "done": "My lips are swollen and I have trouble breathing",
            "no_show": "I take antibiotics now, is that all right?",
            "confirmed": "Is there parking near you?",
        }.items():
            to = f"whatsapp:{self.visits[name].patient.phone}"
            inbound.accept(
                {"MessageSid": f"SM{name:0>32}", "From": to, "Body": words, "NumMedia": "0"}, now=self.clock.now
            )
        selin = Actor("practitioner", user=User.objects.get(email="selin@dermastudio.example"))
        over = self.clock.now - dt.timedelta(days=2)
        row = adverse.report(
            self.visits["no_show"].patient, appointment=None, source="staff", signs=["bumps"], actor=selin, now=over
        )
        adverse.describe(
            row.pk, severity="mild", onset=over.date(), device="Pen 4", lot="L-204", regulator_told_on=None, actor=selin
        )
        adverse.close(row.pk, outcome="settled", text="Gone after a week.", actor=selin, now=self.clock.now)
        Message.objects.filter(ref=self.visits["precautions"].ref, kind__startswith="booking_confirmed").update(
            state="needs_person"
        )

    def event(self, name):
        """The adverse event of this visit's patient: open for `done`, closed for `no_show`."""
        return f"/events/{AdverseEvent.objects.get(patient=self.visits[name].patient_id).pk}/"

    def _decide(self):
        said = {
            "asked": {"decision": "ask", "question": "Which dose do you take, and since when?"},
            "deferred": {
                "decision": "defer",
                "reason": "Wait for the check-up.",
                "bookable_from": dt.date(2027, 7, 1),
                "patient_text": "After your check-up in June.",
            },
            "declined": {"decision": "decline", "reason": "Keloid likely.", "patient_text": "Let us look at it first."},
            "precautions": {
                "decision": "precautions",
                "precautions": "Shallow passes only.",
                "patient_text": "Keep taking it.",
                "desk_note": "Allow 10 minutes more.",
            },
        }
        for name, words in said.items():
            row = self.visits[name]
            user = User.objects.get(practitioner__resource=row.practitioner_id)
            review.decide(row.submissions.get(), seen=None, actor=Actor("practitioner", user=user), **words)
        selin = Actor("practitioner", user=User.objects.get(email="selin@dermastudio.example"))
        row = self.visits["undoable"]
        review.decide(row.submissions.get(), seen=None, actor=selin, decision="approve", wait=review.UNDO)

    def _fill_in(self):
        """Forms that wait to be sent, and one that waits for consent."""
        for name, other in {"check": {}, "doubt": {"changing_mole": "yes"}, "consent": {}}.items():
            row = self.visits[name]
            answers = rest_of_form(row, **other)
            intake.keep_answers(row, answers=answers)
            if name == "consent":
                intake.submit(
                    row, answers=answers, version=published_version().version, language="en", actor=self.actor(name)
                )

    def hold(self, practitioner, *, days, now=None):
        plan, day = visit_plan(modality="pen", areas=["face"]), self.clock.now.date() + dt.timedelta(days=days)
        start = free_starts(plan=plan, first=day, last=day, practitioner=practitioner).starts[0]
        return holds.hold_slot(plan=plan, start=start, practitioner=practitioner, now=now or self.clock.now)

    def call(self, name):
        """A consultation by video later today, before which somebody has shared what they answered for a treatment."""
        plan, day = visit_plan(modality="consult", areas=["face"], video=True), self.clock.now.date()
        asked = {"practitioner": "selin-aydin", "staff": True}
        start = next(one for one in free_starts(plan=plan, first=day, last=day, **asked).starts if one > self.clock.now)
        row = holds.hold_slot(plan=plan, start=start, patient=self.diary.people[name], **asked)
        answers = {"pregnant": "no", "scars": "keloid", "acne": "none"}
        share_answers(row, sharing=Sharing("pen", {"face": "face"}), answers=answers, today=day, language="tr")
        row = lifecycle.reserve(row, patient=self.diary.people[name])
        row = lifecycle.record_clearance(row, clearance="cleared")
        return lifecycle.confirm(row)

    def actor(self, name):
        return Actor("patient", patient_id=str(self.visits[name].patient_id))

    def own(self, name, page=""):
        return manage_path(self.visits[name]) + page

    @property
    def reminder_path(self):
        return f"/r/{reminder_token(self.reminder)}/"

    def desk(self, name, page=""):
        return f"/desk/a/{self.visits[name].pk}/{page}"

    def plan(self, name, page=""):
        return plan_path(self.plans[name]) + page

    def phone(self, name):
        return DemoPhone.objects.get(patient=self.visits[name].patient)

    def review(self, name):
        return f"/review/{self.visits[name].submissions.latest('submitted_at').pk}/"

    # browsers

    def opens_all(self, context: BrowserContext, home: str):
        """This browser has shown a code for every booking; it keeps one time."""
        now = int(time.time())
        self.remember(
            context,
            home,
            opened={
                str(row.pk): [now, now] for rows in (self.visits, self.plans, self.questions) for row in rows.values()
            },
        )

    def remember(self, context: BrowserContext, home: str, **facts):
        session = SessionStore()
        session.update(facts)
        session.create()
        context.add_cookies([{"name": "session", "value": session.session_key, "url": home}])

    def answered(self, context: BrowserContext, home: str, **other):
        """The short set's answers, sealed in the browser."""
        answers = {one.id: one.fine[0] for one in current().questions if one.stage == SHORT} | other
        value = answers_cookie._seal(answers, time.time() + 7200)
        context.add_cookies([{"name": "answers", "value": value, "url": f"{home}/book/"}])


def rest_of_form(row, **other):
    return quiet_answers("pen", areas_of(row), born=dt.date(1988, 3, 27), **other)
