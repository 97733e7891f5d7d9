from django.db import models


class Assignment(models.Model):
    """Who at the clinic sees to one patient's thread. No row: whoever comes first."""

    patient = models.OneToOneField("people.Patient", on_delete=models.CASCADE, related_name="assignment")
    user = models.ForeignKey("people.User", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.patient_id} → {self.user_id}"
