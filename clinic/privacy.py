"""Keeps secrets and health words out of the logs."""

import logging
import re
import traceback
from types import TracebackType

SECRET_PATHS = re.compile(r"(/(?:b|w|e|p|r|my|resume|hooks/[a-z]+/[a-z]+)/)[A-Za-z0-9_\-]{16,}")
TOLD_BY_CELERY = {"args", "kwargs", "return_value", "traceback"}
UUID = r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
LONG_DIGITS = re.compile(rf"({UUID})|\+?\d[\d \-]{{8,}}\d")


def _but_ids(found: re.Match[str]) -> str:
    """Digits within an id of ours may look like a telephone number, and whoever reads the log needs to find its row."""
    return found[1] or "…"


class PrivateFilter(logging.Filter):
    """Blanks link tokens and telephone numbers in a record's text; drops requests with their bodies.

    Of a Celery task it keeps the name and the kind of error: neither arguments nor results nor the error's message.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("celery") and isinstance(record.args, dict):
            kind = type(record.exc_info[1]).__name__ if record.exc_info and record.exc_info[1] else "…"
            record.args = record.args | dict.fromkeys(TOLD_BY_CELERY & record.args.keys(), "…") | {"exc": kind}
        if record.levelno >= logging.WARNING or record.name.startswith(("django", "granian", "celery")):
            text = SECRET_PATHS.sub(r"\1…", record.getMessage())
            record.msg, record.args = LONG_DIGITS.sub(_but_ids, text), None
        record.request = None
        return True


class PrivateFormatter(logging.Formatter):
    """Writes where an exception came from and of what kind, never its message.

    A message may hold what it stumbled over: a ``KeyError`` its key, PostgreSQL's the whole row.
    """

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None
        return super().format(record)

    def formatException(self, ei: tuple[type, BaseException, TracebackType | None]) -> str:  # noqa: N802
        return "\n".join(_lines(ei[1], seen=set()))


def _lines(error: BaseException, *, seen: set[int]) -> list[str]:
    seen.add(id(error))
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = [*_lines(cause, seen=seen), "then:"] if cause is not None and id(cause) not in seen else []
    frames = [line.rstrip() for line in traceback.format_tb(error.__traceback__)]
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    return [*before, *frames, f"{kind} (message left out)"]
