"""Thin: load, call one service. Safe to run twice, late, or in two workers at once."""

from datetime import timedelta

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from bookings import messages
from bookings.models import Appointment
from bookings.services import holds, offers
from bookings.services.remembering import forget_old
from bookings.states import State

PLAN_BATCH = 200
BACK_DAYS = 45  # the last message of a visit is planned within this time


@shared_task(name="bookings.expire_holds")
def expire_holds() -> int:
    return holds.lapse_due()


@shared_task(name="bookings.offer_freed_times")
def offer_freed_times() -> int:
    return offers.sweep()


@shared_task(name="bookings.plan_messages")
def plan_messages() -> int:
    """The nightly heal: every appointment's outbox is brought in line, so a lost event mends. Old traces go."""
    forget_old()
    count, after = 0, None
    since = timezone.now() - timedelta(days=BACK_DAYS)
    rows = Appointment.objects.filter(patient__isnull=False, end__gt=since).exclude(state=State.HELD).order_by("pk")
    while batch := list((rows.filter(pk__gt=after) if after else rows).values_list("pk", flat=True)[:PLAN_BATCH]):
        for identifier in batch:
            with transaction.atomic():
                row = (
                    Appointment.objects.select_for_update(of=("self",), no_key=True)
                    .select_related("modality", "location", "patient")
                    .get(pk=identifier)
                )
                done = messages.reconcile(row)
                count += done.inserted + done.cancelled
        after = batch[-1]
    return count
