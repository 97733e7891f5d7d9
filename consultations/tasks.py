"""Thin tasks; each may run twice."""

from celery import shared_task
from django.utils import timezone

from consultations.services import (
    alerts,
    enquiry_drafts,
    enquiry_keeping,
    forgetting,
    paging,
    photos,
    reminding,
    review,
)


@shared_task(name="consultations.follow_decisions")
def follow_decisions() -> int:
    return review.follow_due(now=timezone.now())


@shared_task(name="consultations.alert_unreviewed")
def alert_unreviewed() -> int:
    return alerts.alert_unreviewed(now=timezone.now())


@shared_task(name="consultations.page_practitioners")
def page_practitioners() -> int:
    return paging.page_due(now=timezone.now())


@shared_task(name="consultations.forget_unbooked")
def forget_unbooked() -> int:
    return forgetting.forget_unbooked(now=timezone.now())


@shared_task(name="consultations.clear_unsent")
def clear_unsent() -> int:
    return enquiry_drafts.clear_unsent(now=timezone.now())


@shared_task(name="consultations.tidy_enquiries")
def tidy_enquiries() -> None:
    enquiry_keeping.tidy(now=timezone.now())
    photos.remove_strays()


@shared_task(name="consultations.remind_bookable")
def remind_bookable() -> int:
    return reminding.send_due()
