"""The demonstration's phones: what a patient would see, and a way to answer that takes the path of a real answer."""

import secrets
import uuid

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from clinic.errors import NotFound
from clinic.messaging.channels import demo
from clinic.messaging.consent import zone_of
from clinic.messaging.models import DemoPhone, DemoText, Message
from clinic.messaging.replies import inbound
from clinic.messaging.states import State
from clinic.people.access import requires

SHOWN = 200
WAITING = 6
STANDING = {
    "queued": _("on its way"),
    "sent": _("sent"),
    "delivered": _("delivered"),
    "read": _("read"),
    "undelivered": _("not delivered"),
}


def _waiting(messages: QuerySet[Message]) -> list[Message]:
    """Messages whose time has not come, each with its reader's zone."""
    found = messages.filter(state=State.PENDING, due_at__gt=timezone.now()).select_related("patient")
    found = list(found[:WAITING])
    for message in found:
        message.zone = zone_of(message.patient, message.facts)
    return found


def _only_in_demo() -> None:
    if settings.MESSAGE_PROVIDER != "demo" or settings.PRODUCTION:
        raise NotFound


def _phone(phone_id: uuid.UUID) -> DemoPhone:
    _only_in_demo()
    return get_object_or_404(DemoPhone.objects.select_related("patient"), pk=phone_id)


@requires("message.demo_phone")
@require_GET
def phones(request: HttpRequest) -> HttpResponse:
    """Every phone that has had a text, latest first."""
    _only_in_demo()
    found = (
        DemoPhone.objects.select_related("patient")
        .annotate(last=Max("texts__at"), new=Count("texts", filter=Q(texts__outgoing=True, texts__status="delivered")))
        .order_by("-last")[:SHOWN]
    )
    found = list(found)
    for phone in found:
        phone.zone = zone_of(phone.patient)
    waiting = _waiting(Message.objects.exclude(patient=None).order_by("-created_at"))
    return render(request, "messaging/phones.html", {"phones": found, "waiting": waiting, "noindex": True})


@requires("message.demo_phone")
@require_GET
def chat(request: HttpRequest, phone_id: uuid.UUID) -> HttpResponse:
    phone = _phone(phone_id)
    texts = list(phone.texts.order_by("-at", "-id")[:SHOWN])[::-1]
    for text in texts:
        text.words, text.standing = demo.without_mark(text), STANDING.get(text.status, "")
    asked = next((text for text in reversed(texts) if text.buttons), None)
    context = {"phone": phone, "texts": texts, "asked": asked, "zone": zone_of(phone.patient), "noindex": True}
    context["waiting"] = _waiting(phone.patient.messages.order_by("due_at")) if phone.patient else []
    fragment = request.htmx and not request.htmx.boosted
    return render(request, "messaging/_chat.html" if fragment else "messaging/phone.html", context)


def _tapped(phone: DemoPhone, fields: QueryDict) -> tuple[str, str] | None:
    """Payload and label of the button that was tapped under one of this phone's texts."""
    if not {"text", "tap"} <= fields.keys():
        return None
    try:
        text = phone.texts.filter(pk=uuid.UUID(fields["text"])).first()
        return tuple(text.buttons[int(fields["tap"])]) if text else None
    except (ValueError, IndexError):
        return None


@requires("message.demo_phone")
@require_POST
def write(request: HttpRequest, phone_id: uuid.UUID) -> HttpResponse:
    """Types or taps an answer: the fields a real webhook would bring, through the same function."""
    phone = _phone(phone_id)
    payload, body = _tapped(phone, request.POST) or ("", request.POST.get("body", ""))
    if body.strip():
        now = timezone.now()
        last = phone.texts.filter(channel__in=["whatsapp", "sms"]).order_by("-at").first()
        channel = last.channel if last else "whatsapp"
        sid = f"SM{secrets.token_hex(16)}"
        demo.read(phone, now=now)
        DemoText.objects.create(
            sid=sid, phone=phone, outgoing=False, channel=channel, body=body[:1600], status="received", at=now
        )
        prefix = "whatsapp:" if channel == "whatsapp" else ""
        fields = {"MessageSid": sid, "From": prefix + phone.address, "Body": body[:1600], "NumMedia": "0"}
        inbound.accept(fields | ({"ButtonPayload": payload, "ButtonText": body[:20]} if payload else {}), now=now)
    return redirect("messaging:phone", phone_id=phone.pk)


@requires("message.demo_phone")
@require_POST
def seen(request: HttpRequest, phone_id: uuid.UUID) -> HttpResponse:
    demo.read(_phone(phone_id))
    return redirect("messaging:phone", phone_id=phone_id)


@requires("message.demo_phone")
@require_POST
def switch(request: HttpRequest, phone_id: uuid.UUID) -> HttpResponse:
    """Turns the phone off or on, or lets it refuse what comes."""
    phone = _phone(phone_id)
    name = request.POST.get("name")
    if name in {"online", "refuses"}:
        setattr(phone, name, not getattr(phone, name))
        phone.save(update_fields=[name])
    return redirect("messaging:phone", phone_id=phone_id)


@requires("message.demo_phone")
@require_POST
def let_go(request: HttpRequest, message_id: uuid.UUID) -> HttpResponse:
    """Lets a message go that waits for its day or for the morning. The sweep sends it like any other."""
    _only_in_demo()
    now = timezone.now()
    with transaction.atomic():
        message = get_object_or_404(Message.objects.select_for_update(), pk=message_id)
        if message.state == State.PENDING and message.due_at > now:
            message.due_at, message.crosses_quiet = now, True
            message.save(update_fields=["due_at", "crosses_quiet", "updated_at"])
    phone = DemoPhone.objects.filter(patient=message.patient_id).first() if message.patient_id else None
    return redirect("messaging:phone", phone_id=phone.pk) if phone else redirect("messaging:phones")
