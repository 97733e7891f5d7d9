"""Everything a thief of the database would have, as text."""

import json

from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection


def tables() -> list[str]:
    return sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)})


def rows_with(word: str) -> list[str]:
    """Tables that hold the word in any column of any row, in whatever case."""
    found = []
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE %s', [f"%{word}%"])
            found += [table] * cursor.fetchone()[0]
    return found


def whole() -> str:
    with connection.cursor() as cursor:
        parts = []
        for table in tables():
            cursor.execute(f'SELECT coalesce(string_agg(t::text, chr(10)), $$$$) FROM "{table}" t')
            parts.append(cursor.fetchone()[0])
    return "\n".join(parts)


def sessions() -> str:
    """Sessions as they read once unpacked: they are signed, not sealed."""
    return json.dumps([SessionStore().decode(row.session_data) for row in Session.objects.all()], default=str)
