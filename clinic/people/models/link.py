import uuid

from django.db import models


class Link(models.Model):
    """A capability in a URL. Only the SHA-256 of its 256-bit token is stored.

    ``subject`` names what it opens, for example ``appointment:<uuid>``; floors above give it meaning.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=32)
    subject = models.CharField(max_length=80)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["subject", "purpose"])]


class SignInCode(models.Model):
    """A six-digit code sent to a patient's phone. Only its keyed hash is stored; one is live per request."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    phone_index = models.CharField(max_length=32)
    patient = models.ForeignKey("people.Patient", on_delete=models.CASCADE, null=True)
    code_hash = models.CharField(max_length=32)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["phone_index", "created_at"])]
        constraints = [models.CheckConstraint(condition=models.Q(tries__lte=5), name="sign_in_code_five_tries")]
