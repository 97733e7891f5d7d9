"""New rows of several tables, written in one round trip."""

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
