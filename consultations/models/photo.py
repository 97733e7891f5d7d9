import uuid

from django.db import models


class Photo(models.Model):
    """One photo of somebody's skin. The picture itself is a sealed file under ``key``; see ``consultations/photos/store.py``.

    ``owner`` names what it belongs to, as ``kind:uuid`` (``draft:…``, ``enquiry:…``). ``taken_at`` is what somebody said,
    not what the camera wrote: that is gone. The choices are the patient's, apart from each other, and withdrawable.
    """

    class Kind(models.TextChoices):
        CONCERN = "concern", "sent with a question"
        BEFORE = "before", "before a treatment"
        AFTER = "after", "after a treatment"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.CharField(max_length=64)
    patient = models.ForeignKey("people.Patient", on_delete=models.PROTECT, null=True, related_name="photos")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.CONCERN)
    key = models.CharField(max_length=48, unique=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    taken_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField()
    teaching = models.BooleanField(default=False)
    marketing = models.BooleanField(default=False)

    class Meta:
        ordering = ["added_at", "id"]
        indexes = [models.Index(fields=["owner", "added_at"])]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=["concern", "before", "after"]), name="photo_kind_known")
        ]

    @property
    def ref(self) -> str:
        return f"photo:{self.pk}"
