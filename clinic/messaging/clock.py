"""The instant by which due times and leases are judged: PostgreSQL's, one for all processes whatever their own clocks say."""

import datetime as dt

from django.db.models import DateTimeField, Expression, Value
from django.db.models.functions import Now


def given(now: dt.datetime | None) -> dt.datetime | None:
    """The caller's instant; None, and the database says. Tests that move the clock move it here."""
    return now


def instant(now: dt.datetime | None = None) -> Expression:
    """For a query: the caller's instant where one was given, else the database's when the statement began."""
    moment = given(now)
    return Value(moment, output_field=DateTimeField()) if moment else Now()
