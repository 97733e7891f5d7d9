"""Thin tasks. Each may run twice or at the same time as itself."""

from celery import shared_task
from django.utils import timezone

from clinic.messaging import forget as forgetting
from clinic.messaging import reconcile as settling
from clinic.messaging import sweep as sending
from clinic.messaging.config import option
from clinic.messaging.models import Heartbeat


def beat(component: str) -> None:
    Heartbeat.objects.update_or_create(component=component, defaults={"at": timezone.now()})


@shared_task(name="messaging.sweep")
def sweep() -> dict[str, int]:
    done = dict(sending.sweep())
    beat("sweep")
    return done


@shared_task(name="messaging.reconcile")
def reconcile() -> int:
    settled = settling.reconcile(threads=option("lookers"))
    beat("reconcile")
    return settled.bound + settled.resent + settling.poll()


@shared_task(name="messaging.heartbeat")
def heartbeat() -> None:
    beat("beat")


@shared_task(name="messaging.forget")
def forget() -> int:
    return forgetting.forget()
