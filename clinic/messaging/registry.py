"""What higher floors tell the outbox about the things messages refer to. Filled in their AppConfig.ready().

A reference is ``prefix:identifier``, e.g. ``appointment:0f3c…``. The outbox asks only whether a version of it is
still current.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    is_current: Callable[[str, int], bool]
    title: Callable[[str], str]
    wants: Callable[[str, str], bool] = lambda _ref, _kind: True


_references: dict[str, Reference] = {}


def register_reference(
    prefix: str,
    *,
    is_current: Callable[[str, int], bool],
    title: Callable[[str], str] = str,
    wants: Callable[[str, str], bool] = Reference.wants,
) -> None:
    """`is_current(ref, version)` runs inside the claim's transaction: one query, no lock. `title(ref)` names it for
    staff. `wants(ref, kind)` is asked of what takes the place of a message that failed: that may be told long after, and
    whoever changed the reference meanwhile could not take back what was not there.
    """
    _references[prefix] = Reference(is_current, title, wants)


def is_current(ref: str, version: int) -> bool:
    """References nobody registered (one-off messages, answers) stand for themselves and are always current."""
    known = _references.get(ref.partition(":")[0])
    return known is None or known.is_current(ref, version)


def wants(ref: str, kind: str) -> bool:
    known = _references.get(ref.partition(":")[0])
    return known is None or known.wants(ref, kind)


def title(ref: str) -> str:
    known = _references.get(ref.partition(":")[0])
    return known.title(ref) if known else ""
