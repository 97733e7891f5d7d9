import uuid

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.models.course import Course
from bookings.models.resources import Location, Practitioner, Resource
from bookings.states import ACTIVE, AHEAD, CLEARED, CONFIRMED_GROUP, CancelReason, Clearance, Source, State
from clinic.crypto import EncryptedTextField
from treatments.models import Area, Modality


class Appointment(models.Model):
    """A visit. `bookings.services.lifecycle` is the only door to `state`; nothing else assigns it.

    Half-open times in UTC: the room is taken for [start, end), practitioner and device for
    [treatment_start, treatment_end), the patient for [start, treatment_end). A visit that begins with a consultation
    takes the practitioner for [start, talk_end) too; one by video has no room and no device. A move raises `version`, so
    that messages and buttons of the time before can be told from those of the new one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=12, unique=True)
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=16, choices=State, default=State.HELD)
    clearance = models.CharField(max_length=12, choices=Clearance, default=Clearance.UNKNOWN)
    bookable_from = models.DateField(null=True)
    # The last local day of a visit for which the answers behind `clearance` count.
    cleared_until = models.DateField(null=True)
    cleared_at = models.DateTimeField(null=True)  # when screening or a practitioner last spoke
    decided_at = models.DateTimeField(null=True)  # the same where it was a practitioner
    # The first local day of a visit after the time to think that follows a consent.
    reflection_ends = models.DateField(null=True)
    modality = models.ForeignKey(Modality, on_delete=models.PROTECT, related_name="appointments")
    areas = models.ManyToManyField(Area, through="AppointmentArea", related_name="appointments")
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, null=True, related_name="appointments")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, null=True, related_name="appointments")
    session = models.PositiveSmallIntegerField(null=True)  # its number in the course, from 1 on
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="appointments")
    practitioner = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey(Resource, on_delete=models.PROTECT, null=True, related_name="+")
    device = models.ForeignKey(Resource, on_delete=models.PROTECT, null=True, related_name="+")
    by_video = models.BooleanField(default=False)
    practitioner_gender = models.CharField(max_length=8, choices=Practitioner.Gender, blank=True)  # as wished for
    start = models.DateTimeField(db_column="starts_at")
    talk_end = models.DateTimeField(db_column="talk_ends_at", null=True)
    treatment_start = models.DateTimeField(db_column="treatment_starts_at")
    treatment_end = models.DateTimeField(db_column="treatment_ends_at")
    end = models.DateTimeField(db_column="ends_at")
    hold_expires_at = models.DateTimeField(null=True)
    hold_extensions = models.PositiveSmallIntegerField(default=0)
    form_due_at = models.DateTimeField(null=True)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=8, default="en")
    source = models.CharField(max_length=8, choices=Source, default=Source.ONLINE)
    link_generation = models.PositiveSmallIntegerField(default=1)
    state_since = models.DateTimeField(default=timezone.now)
    moved_at = models.DateTimeField(null=True)
    review_due_at = models.DateTimeField(null=True)
    confirmed_by_patient_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancelled_reason = models.CharField(max_length=16, choices=CancelReason, blank=True)
    interval_reason = EncryptedTextField(_("why nearer to another visit than usual"), null=True)
    desk_note = EncryptedTextField(_("note for the desk"), default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="appointment_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(CONFIRMED_GROUP)) | Q(clearance__in=sorted(CLEARED)),
                name="appointment_confirmed_is_cleared",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.HELD) | Q(hold_expires_at__isnull=False), name="appointment_hold_ends"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.RESERVED) | Q(form_due_at__isnull=False), name="appointment_form_is_due"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[State.HELD, State.LAPSED, State.CANCELLED]) | Q(patient__isnull=False),
                name="appointment_has_a_patient",
            ),
            models.CheckConstraint(
                condition=Q(start__lte=F("treatment_start"))
                & Q(treatment_start__lt=F("treatment_end"))
                & Q(treatment_end__lte=F("end")),
                name="appointment_phases_in_order",
            ),
            models.CheckConstraint(
                condition=Q(talk_end__isnull=True)
                | (Q(talk_end__gt=F("start")) & Q(talk_end__lte=F("treatment_start"))),
                name="appointment_talk_comes_first",
            ),
            models.CheckConstraint(
                condition=Q(course__isnull=True, session__isnull=True)
                | Q(course__isnull=False, session__isnull=False, session__gte=1),
                name="appointment_session_of_a_course",
            ),
            models.UniqueConstraint(
                fields=["course", "session"], condition=Q(state__in=sorted(ACTIVE)), name="course_session_once"
            ),
            models.CheckConstraint(
                condition=Q(by_video=False, room__isnull=False)
                | Q(by_video=True, room__isnull=True, device__isnull=True),
                name="appointment_in_a_room_or_by_video",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.CANCELLED) | ~Q(cancelled_reason=""), name="appointment_cancelled_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["location", "start"], name="appointment_day"),
            models.Index(fields=["practitioner", "start"], name="appointment_practitioner_day"),
            models.Index(fields=["patient", "start"], name="appointment_patient", condition=Q(patient__isnull=False)),
            models.Index(fields=["hold_expires_at"], name="appointment_held", condition=Q(state=State.HELD)),
            models.Index(fields=["form_due_at"], name="appointment_form_due", condition=Q(state=State.RESERVED)),
            models.Index(fields=["start"], name="appointment_in_review", condition=Q(state=State.PENDING_REVIEW)),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def ref(self) -> str:
        """How messages, links and the audit name it."""
        return f"appointment:{self.pk}"

    @property
    def is_later_session(self) -> bool:
        """Whether its form waits until the visit itself is near."""
        return self.session is not None and self.session > 1

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def is_ahead(self) -> bool:
        """May still be moved or cancelled."""
        return self.state in AHEAD


class AppointmentArea(models.Model):
    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE)
    area = models.ForeignKey(Area, on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["appointment", "area"], name="appointment_area_once")]


class Allocation(models.Model):
    """One resource for a time that one appointment needs it. The database lets no two active ones overlap.

    `active` and `expires_at` follow the appointment by trigger; nothing else writes them after the insert.
    """

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="allocations")
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="allocations")
    during = DateTimeRangeField()
    active = models.BooleanField(default=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["appointment", "resource", "during"], name="allocation_once")]
