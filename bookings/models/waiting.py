"""The waiting list: who would like which treatment when, and the times they were offered."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.models.appointment import Appointment
from bookings.models.resources import Location, Practitioner, Resource
from bookings.states import ON_THE_LIST, Answer, Clearance, Source, Waiting
from bookings.waiting import PARTS
from treatments.models import Area, Modality


class WaitingEntry(models.Model):
    """Somebody who found no time that suits. Days are local days of the location, both included; Monday is 0.

    `consult`: the visit begins with a consultation. An empty list of weekdays means any. `unanswered` counts offers in a
    row that nobody answered. Whoever left or whose days are over is no longer named: the row stays for the counts,
    `patient` goes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=8, choices=Waiting, default=Waiting.WAITING)
    modality = models.ForeignKey(Modality, on_delete=models.PROTECT, related_name="+")
    areas = models.ManyToManyField(Area, related_name="+")
    consult = models.BooleanField(default=False)
    by_video = models.BooleanField(default=False)
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, null=True, related_name="waiting")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    practitioner = models.ForeignKey(Resource, on_delete=models.PROTECT, null=True, related_name="+")
    gender = models.CharField(max_length=8, choices=Practitioner.Gender, blank=True)
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("to"))
    parts = ArrayField(models.CharField(max_length=9), verbose_name=_("parts of the day"))
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, verbose_name=_("weekdays"))
    clearance = models.CharField(max_length=12, choices=Clearance, default=Clearance.UNKNOWN)
    bookable_from = models.DateField(null=True)
    language = models.CharField(max_length=8, default="en")
    source = models.CharField(max_length=8, choices=Source, default=Source.ONLINE)
    agreed_at = models.DateTimeField()
    unanswered = models.PositiveSmallIntegerField(default=0)
    since = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=Waiting.values), name="waiting_state_is_known"),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="waiting_days_in_order"),
            models.CheckConstraint(
                condition=Q(parts__contained_by=list(PARTS)) & Q(parts__len__gt=0), name="waiting_parts_are_known"
            ),
            models.CheckConstraint(condition=Q(weekdays__contained_by=list(range(7))), name="waiting_weekdays"),
            models.CheckConstraint(condition=Q(practitioner=None) | Q(gender=""), name="waiting_one_wish_for_whom"),
            models.CheckConstraint(
                condition=~Q(clearance__in=[Clearance.DECLINED, Clearance.DEFERRED]), name="waiting_nobody_declined"
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(ON_THE_LIST), patient__isnull=False, ended_at=None)
                | (~Q(state__in=sorted(ON_THE_LIST)) & Q(patient=None, ended_at__isnull=False)),
                name="waiting_names_only_who_waits",
            ),
            models.UniqueConstraint(
                fields=["patient", "modality"],
                condition=Q(state__in=sorted(ON_THE_LIST)),
                name="waiting_once_per_treatment",
            ),
        ]
        indexes = [
            models.Index(fields=["since", "id"], name="waiting_in_line", condition=Q(state__in=sorted(ON_THE_LIST))),
        ]

    @property
    def ref(self) -> str:
        """How links and the audit name it."""
        return f"waiting:{self.pk}"


class WaitingOffer(models.Model):
    """One time that was kept for an entry: a hold of its own, exclusive by the constraint on allocations.

    At most one is open per entry, and an entry is `offered` exactly while one is (migration 0006).
    """

    entry = models.ForeignKey(WaitingEntry, on_delete=models.CASCADE, related_name="offers")
    appointment = models.OneToOneField(Appointment, on_delete=models.PROTECT, related_name="offer")
    start = models.DateTimeField(db_column="starts_at")
    until = models.DateTimeField()
    made_at = models.DateTimeField()
    by_hand = models.BooleanField(default=False)
    answer = models.CharField(max_length=10, choices=Answer, default=Answer.OPEN, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(answer__in=Answer.values), name="offer_answer_is_known"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="offer_answered_at_a_time",
            ),
            models.UniqueConstraint(fields=["entry"], condition=Q(answer=""), name="offer_one_at_a_time"),
        ]
        indexes = [models.Index(fields=["until"], name="offer_open", condition=Q(answer=""))]
