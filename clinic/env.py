"""Strict readers of the process environment. A value that is present but wrong stops the start."""

import os
from pathlib import Path


class EnvironmentProblem(SystemExit):
    """One sentence about a variable that is missing or unreadable; ends the process with status 1."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"Needlepoint cannot start: {sentence}")


TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    """The variable NAME, or the content of the file that NAME_FILE points to (container secrets)."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as problem:
            raise EnvironmentProblem(
                f"{name}_FILE points to {path}, which cannot be read ({problem.strerror})."
            ) from None
    return os.environ.get(name, default).strip()


def boolean(name: str, default: bool) -> bool:
    value = text(name).casefold()
    if not value:
        return default
    if value in TRUE | FALSE:
        return value in TRUE
    raise EnvironmentProblem(f"{name} is {value!r}; use on or off.")


def integer(name: str, default: int, *, least: int = 0) -> int:
    value = text(name)
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or int(value) < least:
        raise EnvironmentProblem(f"{name} is {value!r}; use a whole number of at least {least}.")
    return int(value)


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A comma-separated list."""
    value = text(name)
    return [part.strip() for part in value.split(",") if part.strip()] if value else list(default)


def prices(name: str) -> dict[str, float]:
    """Cents by country, like ``TR:3.5,DE:9,*:12``; ``*`` is every other country and must be there."""
    found = {}
    for part in words(name):
        country, _colon, cents = part.partition(":")
        try:
            found[country.strip()] = float(cents)
        except ValueError:
            raise EnvironmentProblem(f"{name} has {part!r}; write a country and cents, like TR:3.5.") from None
    if "*" not in found or any(not 0 <= cents < 10_000 for cents in found.values()):
        raise EnvironmentProblem(f"{name} needs a price for every country: end it with *:12 or the like.")
    return found


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in allowed:
        raise EnvironmentProblem(f"{name} is {value!r}; use one of {', '.join(allowed)}.")
    return value


def postgres(url: str) -> dict:
    """A Django database entry from ``postgresql://user:password@host:port/name?option=value``."""
    from urllib.parse import parse_qsl, unquote, urlsplit

    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise EnvironmentProblem("DATABASE_URL must look like postgresql://user:password@host:5432/name.")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(options.pop("host", "") or parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }
