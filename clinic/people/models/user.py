from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.people.roles import Role


class UserManager(BaseUserManager):
    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        user = self.model(email=self.normalize_email(email).casefold(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        """An owner: there is no account above the roles."""
        return self.create_user(email, password, role=Role.OWNER, **fields)

    def get_by_natural_key(self, username: str) -> "User":
        return self.get(email=username.casefold())


class User(AbstractBaseUser):
    """A staff account. Patients have none: they come by link or one-time code."""

    email = models.EmailField(_("email"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=16, choices=Role)
    language = models.CharField(max_length=8, default="en")
    may_override = models.BooleanField(_("may decide against a no"), default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_is_known")]

    def __str__(self) -> str:
        return self.name
