"""The instant by which holds are judged: PostgreSQL's, one for all processes, read after the locks are held."""

from datetime import datetime

from django.db import connection


def database_now(read: datetime | None = None) -> datetime:
    """`read` is an instant of the same clock that came with another answer: then nothing is asked."""
    if read is not None:
        return read
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def judged(now: datetime | None) -> datetime:
    """The caller's instant where one was given, else the database's."""
    return now or database_now()
