"""A database of its own on the server DATABASE_URL names, made anew for a run and dropped after it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import django


@contextmanager
def scratch() -> Iterator[None]:
    """Sets Django up on an empty, migrated `…_bench` database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    os.environ["RATE_LIMITS"] = "off"
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


def url() -> str:
    """The scratch database as a DATABASE_URL, for a web server of its own."""
    from urllib.parse import quote

    from django.db import connection

    database = connection.settings_dict
    login = quote(database["USER"]) + (f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else "")
    host = quote(database["HOST"] or "127.0.0.1", safe="")
    return f"postgresql://{login}@{host}:{database['PORT'] or 5432}/{database['NAME']}"
