"""The provider's doors. Signed, idempotent, unordered; what is not known is answered politely so that it is not sent
again.
"""

import uuid

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from clinic.messaging.models import InboundEvent
from clinic.messaging.replies import inbound
from clinic.messaging.signatures import is_signed
from clinic.messaging.status import apply_status
from clinic.people.access import requires

EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@csrf_exempt
@requires("message.webhook")
@require_POST
def status(request: HttpRequest, attempt_id: uuid.UUID) -> HttpResponse:
    """A status of one attempt. Kept and merged in one transaction; the same status again changes nothing."""
    if not is_signed(request):
        return HttpResponseForbidden()
    fields = request.POST
    sid = (fields.get("MessageSid") or fields.get("SmsSid") or "")[:64]
    word = (fields.get("MessageStatus") or fields.get("SmsStatus") or "")[:20]
    if sid and word:
        now = timezone.now()
        with transaction.atomic():
            event = InboundEvent(
                kind="status", provider_id=sid, status=word, raw=fields.dict(), received_at=now, processed_at=now
            )
            InboundEvent.objects.bulk_create([event], ignore_conflicts=True)
            apply_status(attempt_id, provider_id=sid, status=word, error_code=fields.get("ErrorCode", ""), now=now)
    return HttpResponse(status=204)


@csrf_exempt
@requires("message.webhook")
@require_POST
def message(request: HttpRequest) -> HttpResponse:
    """Something a person wrote or tapped."""
    if not is_signed(request):
        return HttpResponseForbidden()
    inbound.accept(request.POST.dict())
    return HttpResponse(EMPTY, content_type="text/xml")
