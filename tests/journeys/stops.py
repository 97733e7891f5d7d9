"""Every page in every state that has a template of its own: where to go, as whom, and what to do there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from bookings.links import waiting_path
from clinic.messaging import consent, limits
from tests.consultations.photos.pictures import jpeg
from tests.journeys.steps import go_on
from tests.journeys.world import World

BOOK = "?areas=face&location=moda"


@dataclass(frozen=True)
class Stop:
    name: str
    who: str
    address: Callable[[World], str]
    do: tuple[Callable[[Page], None], ...] = ()


def press(selector: str) -> Callable[[Page], None]:
    def pressed(page: Page) -> None:
        page.locator(selector).locator("visible=true").first.click()

    return pressed


def fill(**values: str) -> Callable[[Page], None]:
    def filled(page: Page) -> None:
        for name, value in values.items():
            page.locator(f"main [name={name}]").fill(value)

    return filled


def choose_file(name: str, file: str, data: bytes) -> Callable[[Page], None]:
    payload = {"name": file, "mimeType": "image/jpeg", "buffer": data}
    return lambda page: page.locator(f"[name={name}]").set_input_files(payload)


def paused(_world: World) -> str:
    """Text messages stand still, and one has waited since."""
    now = timezone.now()
    limits.pause("sms", reason=limits.SPEND, until=now + timedelta(hours=3), now=now)
    return "/desk/messages/channels/"


def opened(_world: World) -> str:
    limits.reset("sms")
    return "/desk/messages/channels/"


def stopped(world: World) -> str:
    patient = world.visits["done"].patient
    consent.stop(patient.phone_index, reason="keyword")
    return f"/desk/messages/{patient.pk}/"


def sees(selector: str) -> Callable[[Page], None]:
    return lambda page: expect(page.locator(selector).first).to_be_visible()


def send_plainly(page: Page) -> None:
    """Presses the first time of the day as a browser without scripts would."""
    with page.expect_navigation():
        page.evaluate(
            """() => {
                const button = document.querySelector(`button[name=start][value*="${location.search.slice(-10)}T"]`);
                const kept = document.createElement("input");
                Object.assign(kept, { type: "hidden", name: "start", value: button.value });
                button.form.append(kept);
                HTMLFormElement.prototype.submit.call(button.form);
            }"""
        )


def choose_picture(page: Page) -> None:
    choose_file("photos", "cheek.jpg", jpeg((600, 800)))(page)


send, refused = go_on, sees(".errors, .notice.tone-warn, .notice.tone-clay")
worry = (press("[name=soon][value=dark_marks]"), send)


def by_phone(name: str, page: str = "") -> Callable[[World], str]:
    """Somebody calls the desk about a worry."""
    return lambda world: f"/events/report/{world.visits[name].patient_id}/{page}"


def at(address: str) -> Callable[[World], str]:
    return lambda world: address


def own(name: str, page: str = "") -> Callable[[World], str]:
    return lambda world: world.own(name, page)


def desk(name: str, page: str = "") -> Callable[[World], str]:
    return lambda world: world.desk(name, page)


def book(page: str, slug: str = "pen", more: str = "") -> Callable[[World], str]:
    return at(f"/book/{slug}/{page}{BOOK}{more}")


PUBLIC = [
    Stop("home", "visitor", at("/")),
    Stop("home, languages open", "visitor", at("/"), (press(".is-language summary"),)),
    Stop("home, help open", "visitor", at("/"), (press(".is-help summary"),)),
    Stop("treatment", "visitor", at("/treatments/pen/")),
    Stop("treatment without needles", "visitor", at("/treatments/peel/")),
    Stop("consultation", "visitor", at("/treatments/consult/")),
    Stop("care", "visitor", at("/treatments/rf/care/")),
    Stop("compare", "visitor", at("/compare/")),
    Stop("style guide", "visitor", at("/look/")),
    Stop("style guide for staff", "visitor", at("/look/staff/")),
    Stop("a link that is over", "visitor", at("/b/" + "x" * 43 + "/")),
]
CHOOSE = [
    Stop("choices", "visitor", at("/book/pen/")),
    Stop("choices, none", "visitor", at("/book/pen/"), (send, refused)),
    Stop("choices of a consultation", "visitor", at("/book/consult/")),
    Stop("suitability 1", "visitor", book("suitability/about_you/")),
    Stop("suitability 1, none", "visitor", book("suitability/about_you/"), (send, refused)),
    Stop("suitability 2, a date open", "visitor", book("suitability/skin_today/"), (press("[value='sun:burn']"),)),
    Stop(
        "suitability 2, no date",
        "visitor",
        book("suitability/skin_today/"),
        (press("[value='sun:burn']"), send, refused),
    ),
    Stop("suitability 3", "fine", book("suitability/medicines_history/")),
    Stop("time", "fine", book("time/")),
    Stop("time, another week", "fine", book("time/", more="&day=2027-05-26")),
    Stop("time, a day without any", "fine", book("time/", more="&day=2027-05-16")),
    Stop("time, nobody soon", "fine", book("time/", "laser", "&practitioner=murat-tekin")),
    Stop("time, a practitioner looks", "thinner", book("time/")),
    Stop("time, from a day on", "burnt", book("time/")),
    Stop("time, one is kept", "keeping", book("time/")),
    Stop("waiting list", "fine", book("waiting/")),
    Stop("waiting list, nothing typed", "fine", book("waiting/"), (send, refused)),
    Stop("on the waiting list", "fine", book("waiting/joined/")),
    *(
        Stop(f"waiting list, {name}", "visitor", lambda w, name=name: waiting_path(w.waiting[name]))
        for name in ("waits", "offered", "took")
    ),
    Stop(
        "waiting list, over",
        "visitor",
        lambda w: waiting_path(w.waiting["leaves"]),
        (press("[value=leave]"), sees(".outcome")),
    ),
    Stop("later", "burnt", book("later/")),
    Stop("remind me", "burnt", book("remind/")),
    Stop("remind me, nothing typed", "burnt", book("remind/"), (send, refused)),
    Stop("reminder", "visitor", lambda w: w.reminder_path),
    Stop("reminder taken back", "visitor", at("/r/gone/")),
    Stop("choices of a consultation, answers to share", "keloid", at("/book/consult/?areas=face&wish=pen&video=1")),
    Stop("not now", "keloid", book("not-now/")),
    Stop("not now, not even a talk", "young", book("not-now/", "consult")),
]
ASK = [
    Stop("ask", "visitor", at("/ask/")),
    Stop("ask, nothing chosen", "visitor", at("/ask/"), (send, refused)),
    Stop("ask, under 18", "visitor", at("/ask/under-18/")),
    Stop("ask, concern", "asking", at("/ask/concern/")),
    Stop("ask, concern, nothing typed", "asking from the start", at("/ask/concern/"), (send, refused)),
    Stop("ask, goals", "asking", at("/ask/goals/")),
    Stop("ask, photos", "asking", at("/ask/photos/")),
    Stop("ask, photos, none yet", "asking without photos", at("/ask/photos/")),
    Stop(
        "ask, photos, not one",
        "asking without photos",
        at("/ask/photos/"),
        (choose_file("photos", "scan.pdf", b"%PDF-1.7"), send, refused),
    ),
    Stop("ask, contact", "asking", at("/ask/contact/")),
    Stop("ask, contact, wrong", "asking without photos", at("/ask/contact/"), (fill(phone="12"), send, refused)),
    Stop(
        "ask, code",
        "asking without photos",
        at("/ask/contact/"),
        (fill(name="Zoe Lane", phone="0532 555 89 01"), send, sees("[name=code]")),
    ),
    Stop("ask, check", "asking", at("/ask/check/")),
    Stop("ask, urgent", "asking in need", at("/ask/urgent/")),
    Stop("ask, deleted", "visitor", at("/ask/deleted/")),
    Stop("ask, sent", "asking", at("/ask/check/"), (press("main form .actions .button"), sees(".outcome"))),
    *(
        Stop(f"question, {name}", "patient", lambda w, name=name: w.question(name))
        for name in ("waits", "answered", "more", "closed", "alarm")
    ),
    Stop("question, nothing added", "patient", lambda w: w.question("more"), (send, refused)),
    Stop("question, only the link", "visitor", lambda w: w.question("waits")),
    Stop("question, delete", "patient", lambda w: w.question("waits", "delete/")),
    Stop("question, delete after an answer", "patient", lambda w: w.question("answered", "delete/")),
]
BOOKING = [
    Stop("details", "patient", own("held", "details/")),
    Stop("details, wrong", "patient", own("held", "details/"), (fill(phone="12"), send, refused)),
    Stop("details, the time is over", "patient", own("over", "details/")),
    *(
        Stop(f"form, {page}", "patient", own("form", f"form/{page}/"))
        for page in ("you", "treated_skin", "skin_tone", "earlier_treatments", "creams_medicines", "health")
    ),
    Stop("form, allergies", "patient", own("form", "form/allergies_implants/")),
    Stop("form, anything else", "patient", own("form", "form/anything_else/")),
    Stop("form, nothing chosen", "patient", own("form", "form/skin_tone/"), (send, refused)),
    Stop("form, no birthday", "patient", own("form", "form/you/"), (send, refused)),
    Stop("form, a page of the short set", "patient", own("form", "form/skin_today/")),
    Stop("check", "patient", own("check", "check/")),
    Stop("check, a doubt", "patient", own("doubt", "check/"), (refused,)),
    Stop("consent", "patient", own("consent", "consent/")),
    Stop("consent, not ticked", "patient", own("consent", "consent/"), (send, refused)),
    Stop("consent, whole text", "patient", own("consent", "consent/text/")),
    *(
        Stop(f"booking, {name}", "patient", own(name))
        for name in ("form", "consent", "confirmed", "pending", "asked", "reopened", "precautions", "arrived")
    ),
    *(
        Stop(f"booking, {n}", "patient", own(n))
        for n in ("deferred", "declined", "cancelled", "done", "no_show", "lapsed")
    ),
    Stop("booking, by video", "patient", own("call")),
    Stop("move, by video", "patient", own("call", "move/")),
    Stop("booking, only the link", "visitor", own("confirmed")),
    Stop("booking declined, only the link", "visitor", own("declined")),
    Stop("code", "visitor", own("form", "code/")),
    Stop("code, sent", "coded", own("confirmed", "code/"), (press("[name=send]"), sees("[name=code]"))),
    Stop("code, wrong", "coded", own("confirmed", "code/"), (fill(code="1"), send, refused)),
    Stop("has anything changed", "patient", own("confirmed", "changed/")),
    Stop(
        "nothing has changed", "patient", own("confirmed", "changed/"), (press("[value=same]"), sees(".notice.tone-ok"))
    ),
    Stop("what has changed", "patient", own("reopened", "changed/topics/")),
    Stop("what has changed, nothing", "patient", own("reopened", "changed/topics/"), (send, refused)),
    Stop("form, only what changed", "patient", own("narrowed", "form/skin_today/")),
    Stop("check, the rest is kept", "patient", own("narrowed", "check/")),
    Stop("a question", "patient", own("asked", "question/")),
    Stop("a question, no answer", "patient", own("asked", "question/"), (send, refused)),
    Stop("what one agreed to", "patient", own("confirmed", "consents/")),
    Stop("consent taken back", "patient", own("precautions", "consents/"), (sees(".notice.tone-warn"),)),
    Stop(
        "consent, signed", "patient", own("done", "consents/"), (press("a[href*='/consents/']"), sees(".fingerprint"))
    ),
    Stop("something is wrong", "visitor", own("done", "wrong/")),
    Stop("something is wrong, nothing chosen", "visitor", own("done", "wrong/"), (send, refused)),
    Stop("something is wrong, told", "visitor", own("done", "wrong/"), (*worry, sees("[name=words]"))),
    Stop(
        "something is wrong, a wrong number", "visitor", own("done", "wrong/"), (*worry, fill(phone="1"), send, refused)
    ),
    Stop("something is wrong, all told", "visitor", own("done", "wrong/"), (*worry, send, sees(".outcome"))),
    Stop("booking, a photo is asked for", "patient", own("settled")),
    Stop("photos", "patient", own("healed", "photos/")),
    Stop("photos, none", "patient", own("healed", "photos/"), (send, refused)),
    Stop(
        "photos, not one",
        "patient",
        own("healed", "photos/"),
        (choose_file("photos", "scan.pdf", b"%PDF-1.7"), send, refused),
    ),
    Stop(
        "photos, chosen", "patient", own("healed", "photos/"), (choose_picture, press("[value=add]"), sees(".thumbs"))
    ),
    Stop("photos, one waits", "patient", own("settled", "photos/")),
    Stop("photos, something is wrong already", "patient", own("done", "photos/")),
    Stop("photos, sent", "patient", own("settled", "photos/sent/")),
    Stop("photos, sent to whoever sees to it", "patient", own("done", "photos/sent/")),
    Stop(
        "photos, with words of trouble", "patient", own("done", "photos/"), (fill(words="Pus"), send, sees(".outcome"))
    ),
    Stop("my photos", "patient", lambda w: w.question("check_in")),
    Stop("my photos, only the link", "visitor", lambda w: w.question("check_in")),
    Stop("my photos, delete", "patient", lambda w: w.question("check_in", "delete/")),
    Stop("move", "patient", own("confirmed", "move/")),
    Stop("cancel", "patient", own("confirmed", "cancel/")),
    Stop("my sign-in", "visitor", at("/my/sign-in/")),
    Stop("my sign-in, wrong", "visitor", at("/my/sign-in/"), (fill(phone="12"), send, refused)),
    Stop("my code", "visitor", at("/my/sign-in/"), (fill(phone="0532 555 02 02"), send, sees("[name=code]"))),
    Stop("my bookings", "mine", at("/my/")),
    Stop("my bookings, none", "nothing", at("/my/")),
]
STAFF = [
    Stop("staff sign-in", "visitor", at("/staff/sign-in/")),
    Stop("staff sign-in, wrong", "visitor", at("/staff/sign-in/"), (send, refused)),
    Stop("demo phones", "visitor", at("/demo/phone/")),
    Stop("demo phone", "visitor", at("/demo/phone/"), (press("a.card-link"), sees("#chat"))),
    Stop(
        "demo phone, buttons", "visitor", lambda w: f"/demo/phone/{w.phone('confirmed').pk}/", (sees(".bubble button"),)
    ),
    Stop("review, what may be taken back", "practitioner", at("/review/"), (sees(".undo-list"),)),
    Stop("review, mine", "practitioner", at("/review/?mine=1")),
    Stop("permit", "practitioner", lambda w: f"/review/permit/{w.visits['pending'].patient_id}/"),
    Stop(
        "permit, nothing",
        "practitioner",
        lambda w: f"/review/permit/{w.visits['pending'].patient_id}/",
        (send, refused),
    ),
    Stop("permit, no right", "owner of none", lambda w: f"/review/permit/{w.visits['pending'].patient_id}/"),
    Stop("rules", "practitioner", at("/rules/")),
    Stop("rules of one treatment", "practitioner", at("/rules/?treatment=rf")),
    Stop("rules, not signed", "practitioner", at("/rules/"), (send, refused)),
    Stop("day", "desk", at("/desk/2027-05-11/?view=grid")),
    Stop("day, rooms too", "desk", at("/desk/2027-05-11/?view=grid&columns=all&density=comfortable")),
    Stop("day, list", "desk", at("/desk/2027-05-11/?view=list")),
    Stop("day, nobody", "desk", at("/desk/2027-05-29/?view=list&columns=people")),
    Stop("day, closed", "desk", at("/desk/2027-05-19/?view=grid")),
    Stop("day, view menu", "desk", at("/desk/2027-05-11/?view=grid"), (press(".view-menu summary"),)),
    Stop(
        "day, keys",
        "desk",
        at("/desk/2027-05-11/?view=grid"),
        (press(".view-menu summary"), press("[data-dialog=shortcuts]"), sees("#shortcuts")),
    ),
    Stop("day, a visit open", "desk", lambda w: f"/desk/2027-05-11/?view=grid&open={w.visits['soon'].pk}"),
    Stop("visit, confirmed", "desk", desk("confirmed")),
    Stop("visit, arrived", "desk", desk("arrived")),
    Stop("visit, to review", "desk", desk("stopped")),
    Stop("visit, form due", "desk", desk("form")),
    Stop("visit, cancelled", "desk", desk("cancelled")),
    Stop("visit, held", "desk", desk("held")),
    Stop("visit, by video", "practitioner", desk("call")),
    Stop("move a visit by video", "desk", desk("call", "move/")),
    Stop("shared answers", "practitioner", lambda w: f"/review/shared/{w.visits['call'].pk}/"),
    Stop("new, a consultation", "desk", at("/desk/new/?treatment=consult&areas=face&date=2027-05-12")),
    Stop(
        "checked in beside the day, and back",
        "desk",
        lambda w: f"/desk/2027-05-11/?view=list&open={w.visits['soon'].pk}",
        (
            press("#visit [href$='/check-in/']"),
            press("#visit [value=no]"),
            sees(".toast"),
            sees(".agenda-row.is-arrived"),
            press("#visit form[action$='/step-back/'] button"),
            sees("#visit [href$='/check-in/']"),
        ),
    ),
    Stop("toast", "desk", desk("form"), (press("form[action$='/send-form/'] button"), sees(".toast"))),
    Stop("check-in", "desk", desk("soon", "check-in/")),
    Stop("check-in, stopped", "desk", desk("stopped", "check-in/"), (refused,)),
    Stop("move at the desk", "desk", desk("confirmed", "move/")),
    Stop(
        "move at the desk, impossible",
        "desk",
        desk("confirmed", "move/?date=2027-05-14"),
        (press(".other-time summary"), fill(time="07:00"), press(".other-time button"), refused),
    ),
    Stop("cancel at the desk", "desk", desk("confirmed", "cancel/")),
    Stop("cancel at the desk, by whom", "desk", desk("confirmed", "cancel/"), (press(".is-danger"), refused)),
    Stop("search", "desk", at("/desk/search/")),
    Stop("search, found", "desk", at("/desk/search/?q=ya")),
    Stop("search, several", "desk", at("/desk/search/?q=0532555")),
    Stop("search, nobody", "desk", at("/desk/search/?q=qqqq")),
    Stop("messages", "desk", at("/desk/messages/")),
    Stop("messages of a practitioner", "practitioner", at("/desk/messages/")),
    Stop("messages with somebody", "desk", lambda w: f"/desk/messages/{w.visits['confirmed'].patient_id}/"),
    Stop(
        "messages, no answer chosen",
        "practitioner",
        lambda w: f"/desk/messages/{w.visits['done'].patient_id}/",
        (press("form[action$='/write/'] .button"), refused),
    ),
    Stop("messages with somebody who stopped them", "desk", stopped),
    Stop("how messages go out, paused", "desk", paused),
    Stop("how messages go out, not looked", "desk", paused, (press(".wait form .button"), refused)),
    Stop("how messages go out", "desk", opened),
    Stop("waiting list at the desk", "desk", at("/desk/waiting/")),
    Stop(
        "waiting list, who fits",
        "desk",
        at("/desk/waiting/?start=2027-05-14T17%3A00%2B03%3A00&end=2027-05-14T20%3A00%2B03%3A00"),
    ),
    Stop("offer a time", "desk", lambda w: f"/desk/waiting/{w.waiting['silent'].pk}/offer/"),
    Stop(
        "offer a time, why not",
        "desk",
        lambda w: f"/desk/waiting/{w.waiting['silent'].pk}/offer/?date=2027-05-12&time=06:00",
        (refused,),
    ),
    Stop("remove from the waiting list", "desk", lambda w: f"/desk/waiting/{w.waiting['silent'].pk}/remove/"),
    Stop("add to the waiting list", "desk", at("/desk/waiting/new/?treatment=peel")),
    Stop("add to the waiting list, nothing typed", "desk", at("/desk/waiting/new/"), (press("[value=add]"), refused)),
    Stop("patient", "desk", lambda w: f"/desk/p/{w.visits['precautions'].patient_id}/"),
    Stop("new", "desk", at("/desk/new/")),
    Stop("new, times", "desk", at("/desk/new/?treatment=pen&areas=face&date=2027-05-12")),
    Stop("new, nothing typed", "desk", at("/desk/new/?treatment=pen&areas=face"), (press("[value=book]"), refused)),
    Stop(
        "new, known already",
        "desk",
        at("/desk/new/?treatment=pen&areas=face&date=2027-05-12"),
        (fill(name="Elif Kaya", phone="0532 555 02 00"), press("#id_start label"), press("[value=book]"), refused),
    ),
    Stop("plan a course", "desk", lambda w: f"/desk/courses/new/?patient={w.visits['precautions'].patient_id}"),
    Stop(
        "plan a course, plans",
        "desk",
        lambda w: f"/desk/courses/new/?patient={w.visits['no_show'].patient_id}&treatment=peel&areas=neck&sessions=4",
    ),
    Stop(
        "course",
        "desk",
        lambda w: f"/desk/courses/new/?patient={w.visits['no_show'].patient_id}&treatment=peel&areas=neck&sessions=4",
        (press(".course-plans button"), sees(".course-sessions")),
    ),
    Stop(
        "move with the later ones?",
        "desk",
        lambda w: f"/desk/a/{w.visits['session'].pk}/move/?date={w.too_close[:10]}",
        (
            lambda page: page.locator(f"button[name=start][value*='{page.url[-10:]}T']").first.click(),
            sees("[name=along]"),
        ),
    ),
    Stop(
        "move with the later ones, without scripts",
        "desk",
        lambda w: f"/desk/a/{w.visits['session'].pk}/move/?date={w.too_close[:10]}",
        (send_plainly, sees("[name=along]")),
    ),
    Stop("week", "desk", at("/desk/week/selin-aydin/2027-05-11/")),
    Stop("day sheet", "desk", at("/desk/2027-05-11/sheet/")),
    Stop("refused", "desk", at("/review/")),
    Stop("reviews", "practitioner", at("/review/")),
    Stop("review", "practitioner", lambda w: w.review("pending")),
    Stop("review, decided", "practitioner", lambda w: w.review("asked")),
    Stop("review, nothing chosen", "practitioner", lambda w: w.review("pending"), (send, refused)),
    Stop("adverse events", "practitioner", at("/events/")),
    Stop("adverse events, closed", "practitioner", at("/events/?show=closed")),
    Stop("an adverse event", "practitioner", lambda w: w.event("done")),
    Stop(
        "an adverse event, no words",
        "practitioner",
        lambda w: w.event("done"),
        (press("#done ~ form .button"), refused),
    ),
    Stop("an adverse event, closed", "practitioner", lambda w: w.event("no_show")),
    Stop("visit, done, a worry is open", "desk", desk("done")),
    Stop("a worry by phone", "desk", by_phone("precautions")),
    Stop("a worry by phone, nothing ticked", "desk", by_phone("precautions"), (send, refused)),
    Stop("a worry by phone, one is open", "desk", by_phone("done")),
    Stop("a worry by phone, sent", "desk", by_phone("arrived"), (*worry, sees("main dl"))),
    Stop("a worry by phone, an emergency", "desk", by_phone("done", "sent/")),
    Stop("an adverse event, new", "practitioner", lambda w: f"/events/new/{w.visits['done'].patient_id}/"),
    Stop("paging", "practitioner", at("/events/paging/")),
    Stop("paging, no number", "practitioner", at("/events/paging/"), (press("[name=remove]"), sees(".notice"))),
    Stop(
        "paging, tested",
        "practitioner",
        at("/events/paging/"),
        (press("form[action$='/test/'] button"), sees("main dl")),
    ),
    Stop("paging, a wrong number", "practitioner", at("/events/paging/"), (fill(phone="12"), send, refused)),
    Stop("adverse events, no number", "practitioner", at("/events/")),
    Stop("paging, the owner’s", "owner", at("/events/paging/")),
    Stop(
        "paging, the owner’s, a wrong number",
        "owner",
        at("/events/paging/"),
        (press("main details summary"), press("main details[open] .button"), refused),
    ),
    Stop("questions", "practitioner", at("/enquiries/")),
    Stop("questions, mine", "practitioner", at("/enquiries/?show=mine")),
    Stop("questions, done", "practitioner", at("/enquiries/?show=done")),
    Stop("a patient's question", "practitioner", lambda w: w.asked("waits")),
    Stop("a patient's question, answered", "practitioner", lambda w: w.asked("answered")),
    Stop("a patient's question, closed", "practitioner", lambda w: w.asked("closed")),
    Stop("a patient's question, an alarm", "practitioner", lambda w: w.asked("alarm")),
    Stop(
        "a patient's question, no words",
        "practitioner",
        lambda w: w.asked("waits"),
        (press("#answer ~ form .actions .button"), refused),
    ),
    Stop(
        "a patient's question, preview",
        "practitioner",
        lambda w: w.asked("waits"),
        (
            press("[name=act][value=invite]"),
            fill(text="A course of three would suit you."),
            press("[name=preview]"),
            sees("#preview"),
        ),
    ),
    Stop("a patient's photo", "practitioner", lambda w: w.photo_page("waits")),
    Stop("a photo check-in", "practitioner", lambda w: w.asked("check_in")),
    Stop("reviews, none", "owner of none", at("/review/")),
]


def plan(name: str, page: str = "") -> Callable[[World], str]:
    return lambda world: world.plan(name, page)


def new_plan(world: World) -> str:
    row = world.visits["done"]
    return f"/plans/new/?patient={row.patient_id}&about=appointment:{row.pk}"


def choose_nothing(page: Page) -> None:
    page.locator("[name=modality]").select_option("")


choose, another = press(".plan-cards .button"), press(".plan-visits a.button")
PLANS = [
    Stop("my plan, only the link", "visitor", plan("proposed")),
    Stop("my plan, code sent", "coded", plan("proposed", "code/"), (press("[name=send]"), sees("[name=code]"))),
    Stop("my plan, code wrong", "coded", plan("proposed", "code/"), (fill(code="1"), send, refused)),
    *(Stop(f"my plan, {name}", "patient", plan(name)) for name in ("proposed", "accepted", "booked", "back")),
    Stop("my plan, no question typed", "patient", plan("proposed"), (press("[value=ask]"), refused)),
    Stop("my plan, times", "patient", plan("accepted", "times/")),
    Stop("my plan, other days", "patient", plan("accepted", "times/?find=1&weekdays=1&parts=evening")),
    Stop("my plan, no such day", "patient", plan("accepted", "times/?find=1&weekdays=9"), (refused,)),
    Stop("my plan, chosen", "patient", plan("accepted", "times/"), (choose, sees(".plan-visits"))),
    Stop(
        "my plan, another time",
        "patient",
        plan("accepted", "times/"),
        (choose, sees(".plan-visits"), another, sees("#others")),
    ),
    Stop("booking, a session", "patient", own("planned")),
    Stop("cancel a session", "patient", own("planned", "cancel/")),
    Stop(
        "move the later ones along?",
        "patient",
        lambda w: w.own("planned", f"move/?day={w.planned_late}"),
        (press("#day ~ form [name=start]"), sees("[name=along]")),
    ),
]
STAFF += [
    Stop("plans", "practitioner", at("/plans/")),
    Stop("plans, none", "owner of none", at("/plans/")),
    Stop("plan, new", "practitioner", new_plan),
    Stop("plan, new, nothing chosen", "practitioner", new_plan, (choose_nothing, send, refused)),
    *(
        Stop(f"plan, {name}", "practitioner", lambda w, name=name: f"/plans/{w.plans[name].pk}/")
        for name in ("draft", "proposed", "accepted", "booked", "back")
    ),
    Stop(
        "plan, sent with faults",
        "practitioner",
        lambda w: f"/plans/{w.plans['draft'].pk}/",
        (press("button.button[value=send]"), refused),
    ),
    Stop("plan, changed", "practitioner", lambda w: f"/plans/{w.plans['accepted'].pk}/?change=1"),
    Stop("course of a plan", "desk", lambda w: f"/desk/courses/{w.plans['booked'].course_id}/"),
    Stop("visit of a plan", "practitioner", desk("arrived")),
]
TEXT = "/settings/messages/reminder_24h/{}/"
STAFF += [
    Stop("message texts", "owner", at("/settings/messages/")),
    Stop(
        "message texts, quiet hours refused",
        "owner",
        at("/settings/messages/"),
        (fill(start="02:00"), press("form[action$='quiet-hours/'] .button"), refused),
    ),
    Stop("a message's text", "owner", at(TEXT.format("en"))),
    Stop("a message's text in Arabic", "owner", at(TEXT.format("ar"))),
    Stop(
        "a message's text, refused",
        "owner",
        at(TEXT.format("en")),
        (fill(body="Your laser"), press("[name=save]"), refused),
    ),
    Stop("a text with two moments", "owner", at("/settings/messages/prepare_7d/es/")),
    Stop("a code's text", "owner", at("/settings/messages/sign_in_code/tr/")),
]
STOPS = PUBLIC + CHOOSE + ASK + BOOKING + PLANS + STAFF
