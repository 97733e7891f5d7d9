"""Rows in hot places: new ones of several tables written in one round trip, and ones read by statements written out."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.models.expressions import DatabaseDefault

_inserts: dict[tuple, tuple[str, list]] = {}


def insert_together(rows: Iterable[Model]) -> None:
    """Inserts new rows in the order given, neighbours of one model as one statement, all in one round trip.

    As `save(force_insert=True)` does for each, but that keys made by the database are not read back and no signal is
    sent. Raises IntegrityError as they do; the caller has the transaction.
    """
    statements, values = [], []
    for model, found in groupby(rows, key=type):
        same = list(found)
        statement, fields = _insert(model, same)
        statements.append(statement)
        for row in same:
            values += [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
            row._state.adding, row._state.db = False, connection.alias
    if statements:
        with connection.cursor() as cursor:
            cursor.execute(";".join(statements), values)


class Columns:
    """The columns of a model in a statement written out as SQL, and instances made of what comes back, as a queryset
    would make them. Fields that are not named are read when somebody asks for them.
    """

    def __init__(self, model: type[Model], *names: str, but: Sequence[str] = ()) -> None:
        own = [field for field in model._meta.concrete_fields if field.attname not in but]
        self.fields = [field for field in own if not names or field.attname in names]
        self.model, self.names = model, [field.attname for field in self.fields]
        self.opened = [
            (at, field.from_db_value) for at, field in enumerate(self.fields) if hasattr(field, "from_db_value")
        ]

    def __len__(self) -> int:
        return len(self.fields)

    def of(self, table: str) -> str:
        """For a SELECT list; ``table`` is its name there."""
        return ", ".join(f'{table}."{field.column}"' for field in self.fields)

    def read(self, values: Sequence[Any]) -> Model | None:
        """None where the primary key is null: an outer join found nothing."""
        values = list(values)
        for at, from_db_value in self.opened:
            values[at] = from_db_value(values[at], None, connection)
        made = self.model.from_db(connection.alias, self.names, values)
        return None if made.pk is None else made


def _insert(model: type[Model], rows: Sequence[Model]) -> tuple[str, list]:
    """The statement for so many rows and the fields whose values it takes. The database fills in the others."""
    own = [field for field in model._meta.concrete_fields if not _by_database(rows[0], field)]
    key = (model, len(rows), tuple(field.attname for field in own))
    if key not in _inserts:
        quote = connection.ops.quote_name
        columns = ", ".join(quote(field.column) for field in own)
        each = "(" + ", ".join(_placeholder(field) for field in own) + ")"
        table = quote(model._meta.db_table)
        _inserts[key] = (f"INSERT INTO {table} ({columns}) VALUES {', '.join([each] * len(rows))}", own)  # noqa: S608
    return _inserts[key]


def _by_database(row: Model, field: Any) -> bool:
    value = row.__dict__.get(field.attname)
    return isinstance(value, DatabaseDefault) or (field.primary_key and value is None)


def _placeholder(field: Any) -> str:
    return field.get_placeholder(None, None, connection) if hasattr(field, "get_placeholder") else "%s"
