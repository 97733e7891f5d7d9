"""A database of its own on the server DATABASE_URL names, made anew for a run and dropped after it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import django

PLAIN = {"RATE_LIMITS": "off", "DEBUG": "off"}  # DEBUG writes every statement down, which costs as much as sending it


@contextmanager
def scratch() -> Iterator[None]:
    """Sets Django up on an empty, migrated `…_bench` database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    os.environ |= PLAIN
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    django.setup()
    from django.db import connection, connections

    name = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = f"{name}_bench"
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connections.close_all()
        connection.creation.destroy_test_db(name, verbosity=0)


@contextmanager
def copied(suffix: str) -> Iterator[str]:
    """The scratch database as it is now under another name; its address, for a web server. Dropped at the end."""
    from django.db import connection, connections

    name = f"{connection.settings_dict['NAME']}_{suffix}"
    connections.close_all()  # a database can't be copied while somebody is in it
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{connection.settings_dict["NAME"]}"')
    try:
        yield url(name)
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def url(name: str = "") -> str:
    """The scratch database, or another beside it, as a DATABASE_URL, for a web server of its own."""
    from urllib.parse import quote

    from django.db import connection

    database = connection.settings_dict
    login = quote(database["USER"]) + (f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else "")
    host = quote(database["HOST"] or "127.0.0.1", safe="")
    return f"postgresql://{login}@{host}:{database['PORT'] or 5432}/{name or database['NAME']}"
