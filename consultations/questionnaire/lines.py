"""Where in a TOML file an entry stands, so that an error can name the line (tomllib does not say)."""

import re

HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?")
KEY = re.compile(r"^\s*([A-Za-z0-9_.\-\"]+)\s*=")
IDENTIFIER = re.compile(r"^\s*id\s*=\s*\"([^\"]*)\"")


class Lines:
    """Line numbers by dotted path: ``question.sun`` for an entry of ``[[question]]``, ``reasons.sun_tan.patient``."""

    def __init__(self, text: str) -> None:
        self._line: dict[str, int] = {}
        prefix, entry = "", 0
        for number, line in enumerate(text.splitlines(), start=1):
            if header := HEADER.match(line):
                prefix = header[2]
                entry = number if header[1] == "[[" else 0
                if not entry:
                    self._line[prefix] = number
            elif entry and (named := IDENTIFIER.match(line)):
                prefix = f"{prefix}.{named[1]}"
                self._line[prefix] = entry
                entry = 0
            elif key := KEY.match(line):
                self._line[f"{prefix}.{key[1]}" if prefix else key[1]] = number

    def of(self, path: str) -> int:
        """The line of the path, or of the nearest thing around it; 1 if nothing is known."""
        while path:
            if path in self._line:
                return self._line[path]
            path = path.rpartition(".")[0]
        return 1
