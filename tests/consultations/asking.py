"""Somebody who asks a practitioner: through the pages, and straight through the services."""

import re

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from clinic.crypto.search import blind_index
from clinic.messaging.models import Message
from clinic.people.access import Actor
from clinic.people.models import User
from consultations.models import Enquiry
from consultations.services.enquiries import answer_enquiry, send_enquiry
from consultations.services.enquiry_drafts import keep_page, prove_phone
from consultations.services.photos import add_photo
from tests.bookings.cast import NOW
from tests.consultations.photos.pictures import jpeg

PHONE = "+905325557701"
CONCERN = {"concerns": ["acne_marks"], "areas": ["face"], "words": "Small hollows on both cheeks since school."}
GOALS = {"goals": "Smoother skin", "tried": "Vitamin C", "health": "", "wish": "answer"}
CONTACT = {"name": "Elif Nur Aydın", "phone": "0532 555 77 01", "email": ""}


def make_draft(*, phone=PHONE, now=NOW, photos=0):
    draft = keep_page(None, page="adult", values={"adult": "yes"}, now=now)
    for _each in range(photos):
        add_photo(draft, data=jpeg((200, 200)), most=6, now=now)
    prove_phone(draft, phone_index=blind_index("phone", phone), now=now)
    draft.refresh_from_db()
    return draft


def asked(*, name="Elif Nur Aydın", phone=PHONE, now=NOW, photos=0, language="en", **content) -> Enquiry:
    draft = make_draft(phone=phone, now=now, photos=photos)
    said = CONCERN | GOALS | content
    return send_enquiry(draft, content=said, name=name, phone=phone, language=language, now=now)


def practitioner(name="Dr Selin Aydın") -> Actor:
    email = f"{re.sub('[^a-z]', '', name.casefold())}@clinic.example"
    user = User.objects.filter(email=email).first() or User.objects.create_user(
        email, "x" * 16, name=name, role="practitioner"
    )
    return Actor("practitioner", user=user)


def answered(enquiry, *, act="answer", text="A course of three would suit you.", actor=None, now=NOW, seen=None):
    seen = seen or enquiry.entries.order_by("-number").first().number
    return answer_enquiry(enquiry.pk, act=act, text=text, seen=seen, actor=actor or practitioner(), now=now)


def upload(data=None, name="cheek.jpg"):
    return SimpleUploadedFile(name, data if data is not None else jpeg((300, 300)), content_type="image/jpeg")


def sent_code() -> str:
    return re.search(r"\b\d{6}\b", Message.objects.filter(kind="sign_in_code").latest("created_at").body)[0]


class Asker:
    """Walks through the pages with one browser."""

    def __init__(self, client):
        self.client = client

    def post(self, page, data=None, **more):
        return self.client.post(reverse(f"ask:{page}", **more), data or {})

    def get(self, page, **more):
        return self.client.get(reverse(f"ask:{page}", **more))

    def words(self, **other):
        """Up to the photos."""
        self.post("start", {"adult": "yes"})
        self.post("concern", CONCERN | {k: v for k, v in other.items() if k in CONCERN})
        return self.post("goals", GOALS | {k: v for k, v in other.items() if k in GOALS})

    def add(self, *files):
        return self.post("photos", {"photos": list(files), "do": "add"})

    def prove(self, **contact):
        self.post("contact", CONTACT | contact)
        return self.post("code", {"code": sent_code()})

    def all(self, *files, **other) -> Enquiry:
        self.words(**other)
        if files:
            self.add(*files)
        self.prove()
        answer = self.post("check")
        assert answer.status_code == 302, answer.content.decode()
        return Enquiry.objects.get(pk=self.client.session["asked"])
