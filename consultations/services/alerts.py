"""A visit within a day whose form nobody has decided on: the desk sees it, practitioners are told. Never an automatic yes."""

import datetime as dt

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from bookings.models import Appointment
from bookings.selectors.unreviewed import near_and_unreviewed
from clinic.audit.services import record
from clinic.people.models import User
from clinic.people.roles import Role
from consultations.models import Decision, DecisionEffect, ReviewAlert


def alert_unreviewed(*, now: dt.datetime | None = None) -> int:
    """Writes to every practitioner, once for each version of a visit, and again when it waits anew after a decision;
    returns for how many visits.

    The row is committed first: when this dies before the mail is out, it is not sent twice, and the banner on every page
    says the same. The mail names nobody and nothing: a link, and how many.
    """
    now = now or timezone.now()
    fresh = 0
    for visit in near_and_unreviewed(now=now):
        with transaction.atomic():
            _row, made = ReviewAlert.objects.get_or_create(
                appointment=visit, version=visit.version, defaults={"at": now}
            )
            made = made or _waits_anew(visit, now=now)
            if made:
                record("review.alert", subject=visit.ref, detail={"version": visit.version})
        fresh += made
    if fresh:
        for user in User.objects.filter(role=Role.PRACTITIONER, is_active=True):
            _write(user, fresh)
    return fresh


def _waits_anew(visit: Appointment, *, now: dt.datetime) -> bool:
    """Whether something was decided since the last alert; told once."""
    effects = DecisionEffect.objects.filter(decision__submission__appointment=visit, applied=True)
    decided = effects.exclude(decision__decision__in=[Decision.ASK, Decision.UNDONE]).aggregate(last=Max("at"))["last"]
    alerts = ReviewAlert.objects.filter(appointment=visit, version=visit.version)
    return decided is not None and bool(alerts.filter(at__lt=decided).update(at=now))


def _write(user: User, count: int) -> None:
    with override(user.language):
        subject = _("A form waits for your decision")
        body = _("Hello %(name)s, a visit within the next 24 hours still waits for a practitioner: %(link)s") % {
            "name": user.name,
            "link": settings.PUBLIC_URL + reverse("review:queue"),
        }
    EmailMessage(subject=subject, body=body, to=[user.email]).send(fail_silently=True)
