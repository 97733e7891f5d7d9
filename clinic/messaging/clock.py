"""The instant by which due times and leases are judged: PostgreSQL's, one for all processes whatever their own clocks say."""

import datetime as dt

from django.db.models import DateTimeField, Expression, Value
from django.db.models.functions import Now


def instant(now: dt.datetime | None = None) -> Expression:
    """For a query: the caller's instant where one was given, else the database's when the statement began."""
    return Value(now, output_field=DateTimeField()) if now else Now()
