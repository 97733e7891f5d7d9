"""Who can stand before the product. A leaf: imports nothing of ours."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Roles of staff accounts."""

    DESK = "desk", _("Front desk")
    PRACTITIONER = "practitioner", _("Practitioner")
    OWNER = "owner", _("Owner")


ANYONE, PATIENT, PROVIDER = "anyone", "patient", "provider"
STAFF = frozenset({Role.DESK.value, Role.PRACTITIONER.value, Role.OWNER.value})
