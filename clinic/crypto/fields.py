"""Model fields whose value is stored sealed. Opened only when somebody reads the attribute."""

import datetime as dt
import json
import uuid
from typing import Any

from django.core.exceptions import FieldError
from django.db import models

from clinic.crypto.keyring import keyring


class Sealed(bytes):
    """A sealed value as it lies in the database; what ``values()`` gives instead of the plain text."""

    def __repr__(self) -> str:
        return "<sealed>"


class SealedAttribute:
    """Opens on first read and remembers. Assigning a plain value replaces it."""

    def __init__(self, field: "EncryptedField") -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type) -> Any:
        if instance is None:
            return self
        name = self.field.attname
        if name not in instance.__dict__:
            instance.refresh_from_db(fields=[name])
        value = instance.__dict__[name]
        if isinstance(value, Sealed):
            value = instance.__dict__[name] = self.field.open(value, instance)
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedField(models.BinaryField):
    """Base of the sealed fields. The row's primary key must be a UUID set before saving (AAD needs it).

    Written by ``save()`` and ``bulk_create()``; ``update()`` is refused, as it knows no row. No lookups but isnull.
    """

    def contribute_to_class(self, cls: type, name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, SealedAttribute(self))

    def place(self, instance: models.Model) -> str:
        if not isinstance(instance.pk, uuid.UUID):
            raise FieldError(f"{instance._meta.label}.{self.name} is sealed per row and needs a UUID primary key.")
        return f"{instance._meta.db_table}.{self.column}:{instance.pk.hex}"

    def open(self, value: bytes, instance: models.Model) -> Any:
        return self.from_text(keyring().open(bytes(value), self.place(instance)).decode())

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed | None:
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Sealed):
            return value
        return Sealed(keyring().seal(self.to_text(value).encode(), self.place(model_instance)))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is not None and not isinstance(value, Sealed):
            raise FieldError(f"{self.name} is sealed per row: save the instance instead of updating a queryset.")
        return super().get_db_prep_value(value, connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(value)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is sealed and cannot be searched; use its keyed index.")
        return super().get_lookup(lookup_name)

    def to_python(self, value: Any) -> Any:
        return value

    def _check_str_default_value(self) -> list:
        return []

    def get_default(self) -> Any:
        if self.default is models.NOT_PROVIDED:
            return None
        return self.default() if callable(self.default) else self.default

    def value_to_string(self, obj: models.Model) -> str:
        raise FieldError(f"{self.name} is sealed and is not serialised.")

    def to_text(self, value: Any) -> str:
        raise NotImplementedError

    def from_text(self, text: str) -> Any:
        raise NotImplementedError


class EncryptedTextField(EncryptedField):
    def to_text(self, value: Any) -> str:
        return str(value)

    def from_text(self, text: str) -> str:
        return text


class EncryptedJSONField(EncryptedField):
    def to_text(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def from_text(self, text: str) -> Any:
        return json.loads(text)


class EncryptedDateField(EncryptedField):
    def to_text(self, value: dt.date) -> str:
        return value.isoformat()

    def from_text(self, text: str) -> dt.date:
        return dt.date.fromisoformat(text)
