import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from clinic.crypto import EncryptedJSONField


class SharedAnswers(models.Model):
    """What somebody who came to a consultation from another treatment chose to show the practitioner, as it was asked.

    Never read by the rules again, and never a form of that treatment: it only saves them saying it twice. Sealed; the
    treatment and its areas are those they had wished for.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.OneToOneField("bookings.Appointment", on_delete=models.CASCADE, related_name="shared")
    questionnaire = models.ForeignKey("consultations.QuestionnaireVersion", on_delete=models.PROTECT)
    modality = models.CharField(max_length=32)
    areas = ArrayField(models.CharField(max_length=32))
    language = models.CharField(max_length=8)
    as_asked = EncryptedJSONField()
    findings = EncryptedJSONField()
    shared_at = models.DateTimeField()
