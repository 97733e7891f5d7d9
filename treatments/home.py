"""What other floors add to the public pages, without treatments knowing them.

`treatments` lies under `bookings` and may not import it. In its `AppConfig.ready()` a higher floor registers:

    from treatments import home
    home.provide_next_free(next_free)          # (slugs: Sequence[str]) -> Mapping[slug, aware datetime]
    home.provide_practitioners(practitioners)  # () -> Sequence[Mapping]: name, title, bio, skills (list of names)
    home.provide_times_link(times_link)        # (slug: str) -> str, the address of "See times"

Each is called once a page, with the active language set, and must take a fixed number of queries. A modality that
has no free time is simply absent from the mapping. Nothing registered: the pages leave those parts out, and
"See times" leads to `/book/<slug>/`. Datetimes must already be in the clinic's time zone; they are shown as they are.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

NextFree = Callable[[Sequence[str]], Mapping[str, datetime]]
Practitioners = Callable[[], Sequence[Mapping[str, Any]]]
TimesLink = Callable[[str], str]

_next_free: NextFree | None = None
_practitioners: Practitioners | None = None
_times_link: TimesLink | None = None


def provide_next_free(provider: NextFree | None) -> None:
    global _next_free
    _next_free = provider


def provide_practitioners(provider: Practitioners | None) -> None:
    global _practitioners
    _practitioners = provider


def provide_times_link(provider: TimesLink | None) -> None:
    global _times_link
    _times_link = provider


def next_free(slugs: Sequence[str]) -> Mapping[str, datetime]:
    return _next_free(slugs) if _next_free and slugs else {}


def practitioners() -> Sequence[Mapping[str, Any]]:
    return _practitioners() if _practitioners else ()


def times_link(slug: str) -> str:
    return _times_link(slug) if _times_link else f"/book/{slug}/"
