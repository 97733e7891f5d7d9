"""Thin: load, call one service. Safe to run twice, late, or in two workers at once."""

from celery import shared_task

from bookings.services import healing, holds, offers
from bookings.services.remembering import forget_old


@shared_task(name="bookings.expire_holds")
def expire_holds() -> int:
    return holds.lapse_due()


@shared_task(name="bookings.offer_freed_times")
def offer_freed_times() -> int:
    return offers.sweep()


@shared_task(name="bookings.plan_messages")
def plan_messages(why: str = healing.NIGHTLY) -> int:
    """Every appointment's outbox is brought in line, nightly and when the clinic changed a moment. Old traces go."""
    forget_old()
    done = healing.heal(why=why)
    return done.inserted + done.cancelled
