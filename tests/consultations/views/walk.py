"""A patient without scripts: follows the pages' own forms and links, from the treatment to the outcome."""

import datetime as dt

from django.test import Client

from bookings.models import Appointment
from consultations.questionnaire import current
from consultations.questionnaire.definition import Kind

DETAILS = {"name": "Elif Nur Aydın", "phone": "0532 555 77 01", "email": "elif@example.com"}
BORN = dt.date(1988, 3, 27)
SHORT = ("about_you", "skin_today", "medicines_history")


class Walk:
    def __init__(self, client: Client, slug: str = "pen", areas: str = "face") -> None:
        self.client, self.slug, self.query = client, slug, f"areas={areas}&location=moda"

    def book(self, name: str, query: str = "") -> str:
        return f"/book/{self.slug}/{name}{'/' if name else ''}?{self.query}{query}"

    def short(self, **ticks):
        """Answers the three pages; ``ticks``: page id → ticks and follow-ups, "none" where nothing is given."""
        pages = SHORT if self.slug != "consult" else SHORT[:1]
        for page in pages:
            response = self.client.post(
                self.book(f"suitability/{page}"), ticks.get(page, {"ticks": ["none"]}), follow=False
            )
            if response.status_code != 302 or "suitability" not in response["Location"]:
                return response
        return response

    def times(self):
        return self.client.get(self.book("time"))

    def hold(self, start: str | None = None) -> Appointment:
        start = start or self.times().context["earliest"]["value"]
        response = self.client.post(self.book("hold"), {"start": start})
        assert response.status_code == 302, response.content.decode()[:2000]
        self.base = response["Location"].removesuffix("details/")
        return Appointment.objects.latest("created_at")

    def reserve(self, **changes) -> Appointment:
        response = self.client.post(self.base + "details/", DETAILS | changes)
        assert response.status_code == 302, response.content.decode()[:2000]
        return Appointment.objects.get(patient__isnull=False, state="reserved")

    def form(self, **other) -> None:
        """Every page of the rest with its fine answers, but for ``other``."""
        url = self.client.get(self.base + "form/")["Location"]
        for _page in range(20):
            if url.endswith("/check/"):
                return
            url = self.answer(url, **other)["Location"]
        raise AssertionError("the form has no end")

    def answer(self, url: str, **other):
        return self.client.post(url, page_data(url.rstrip("/").split("/")[-1], **other))

    def send(self):
        check = self.client.get(self.base + "check/")
        return self.client.post(self.base + "check/", {"version": check.context["version"]})

    def consent(self, **changes):
        page = self.client.get(self.base + "consent/")
        given = {"shown": page.context["words"].hash, "agree": "on", "name": "Elif Nur Aydın"}
        return self.client.post(self.base + "consent/", given | changes)

    def all(self, **other) -> Appointment:
        self.short()
        row = self.hold()
        self.reserve()
        self.form(**other)
        self.send()
        self.consent()
        row.refresh_from_db()
        return row


def page_data(page: str, **other) -> dict[str, str]:
    data: dict[str, str] = {}
    for question in current().questions:
        if question.page != page:
            continue
        if question.kind == Kind.DATE:
            data |= parts(question.id, BORN)
        elif question.kind == Kind.SINGLE:
            data[question.id] = question.fine[0]
    return data | {name: value for name, value in other.items() if not isinstance(value, dict)}


def parts(name: str, day: dt.date) -> dict[str, str]:
    return {f"{name}_{number}": str(part) for number, part in enumerate((day.day, day.month, day.year))}
