"""The keys of an installation without any configuration: made once, kept outside the database."""

import base64
import json
import secrets
from collections.abc import Mapping

from clinic.embedded.places import Places, Refusal, write_private

NAMES = ("SECRET_KEY", "FIELD_KEYS", "SEARCH_KEY")


def fresh() -> dict[str, str]:
    def key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    return {"SECRET_KEY": secrets.token_urlsafe(64), "FIELD_KEYS": f"k1:{key()}", "SEARCH_KEY": key()}


def keys(places: Places, environ: Mapping[str, str]) -> dict[str, str]:
    """SECRET_KEY, FIELD_KEYS and SEARCH_KEY; those set in the environment win.

    Keys are never made anew beside data that older ones encrypted: nobody could read it again.
    """
    given = {name: environ[name] for name in NAMES if environ.get(name)}
    missing = [name for name in NAMES if name not in given and not environ.get(f"{name}_FILE")]
    if not missing:
        return given
    path = places.keys / "keys.json"
    if not path.exists():
        if (places.data / "PG_VERSION").exists():
            raise Refusal(
                f"{path} is missing, and without it nobody can read the data in {places.data}; put it back from your "
                "backup, or set VAR_DIR to a new folder."
            )
        write_private(path, json.dumps(fresh(), indent=1) + "\n")
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return {name: kept[name] for name in missing} | given
    except (ValueError, KeyError, OSError):
        raise Refusal(f"{path} cannot be read; put it back from your backup.") from None
