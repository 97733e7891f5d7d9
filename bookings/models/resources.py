"""Where, with whom and with what: locations, and everything that can only be in one visit at a time."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Location(models.Model):
    """One address of the clinic, in its own time zone, with its rules for booking ahead."""

    slug = models.SlugField(unique=True)
    name = models.CharField(_("name"), max_length=120)
    timezone = models.CharField(_("time zone"), max_length=64)
    address = models.CharField(_("address"), max_length=240)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    region = models.CharField(_("country"), max_length=2, default="TR")
    step_minutes = models.PositiveSmallIntegerField(_("starts every … minutes"), default=15)
    notice_minutes = models.PositiveIntegerField(_("shortest notice, minutes"), default=120)
    horizon_days = models.PositiveSmallIntegerField(_("bookable ahead, days"), default=180)
    review_lead_hours = models.PositiveSmallIntegerField(_("time to check answers, hours"), default=24)
    offers_freed_times = models.BooleanField(_("offer freed times to the waiting list"), default=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(step_minutes__in=[5, 10, 15, 20, 30, 60]), name="location_step_is_on_the_grid"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Resource(models.Model):
    """What can't be in two visits at once: a practitioner, a room, a device, a patient.

    Writers lock these rows in id order before they touch allocations.
    """

    class Kind(models.TextChoices):
        PRACTITIONER = "practitioner", _("Practitioner")
        ROOM = "room", _("Room")
        DEVICE = "device", _("Device")
        PATIENT = "patient", _("Patient")

    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(_("name"), max_length=160, blank=True)
    slug = models.SlugField(null=True, unique=True)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True, blank=True, related_name="resources")
    active = models.BooleanField(_("in use"), default=True)
    patient = models.OneToOneField(
        "people.Patient", on_delete=models.CASCADE, null=True, blank=True, related_name="resource"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["practitioner", "room", "device", "patient"]),
                name="resource_kind_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="patient", patient__isnull=False)
                | (~models.Q(kind="patient") & models.Q(patient__isnull=True)),
                name="resource_patient_is_a_patient",
            ),
        ]
        indexes = [models.Index(fields=["kind"], condition=~models.Q(kind="patient"), name="resource_of_the_clinic")]

    def __str__(self) -> str:
        return self.name


class Practitioner(models.Model):
    """A resource that treats. `bio` is text by language; `registration` the licence number shown on records."""

    class Gender(models.TextChoices):
        WOMAN = "woman", _("Woman")
        MAN = "man", _("Man")
        OTHER = "other", _("Other")

    resource = models.OneToOneField(Resource, on_delete=models.CASCADE, primary_key=True, related_name="practitioner")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="practitioner"
    )
    title = models.CharField(_("title"), max_length=40, blank=True)
    gender = models.CharField(_("gender"), max_length=8, choices=Gender, blank=True)
    bio = models.JSONField(default=dict, blank=True)
    skills = models.ManyToManyField("treatments.Modality", related_name="practitioners")
    registration = models.CharField(_("registration"), max_length=40, blank=True)

    def __str__(self) -> str:
        return " ".join(filter(None, [self.title, self.resource.name]))


class Room(models.Model):
    resource = models.OneToOneField(Resource, on_delete=models.CASCADE, primary_key=True, related_name="room")
    suits = models.ManyToManyField("treatments.Modality", related_name="rooms")

    def __str__(self) -> str:
        return self.resource.name


class Device(models.Model):
    resource = models.OneToOneField(Resource, on_delete=models.CASCADE, primary_key=True, related_name="device")
    serves = models.ManyToManyField("treatments.Modality", related_name="devices")
    make = models.CharField(_("make"), max_length=80, blank=True)
    model = models.CharField(_("model"), max_length=80, blank=True)
    serial = models.CharField(_("serial number"), max_length=80, blank=True)

    def __str__(self) -> str:
        return self.resource.name
