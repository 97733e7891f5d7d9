"""Words in a message that bring help sooner. Pure; the words are data. They widen care, never reassure."""

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from clinic.messaging.wording.shipped import CONTENT, LANGUAGES, fold

ORDER = ("emergency", "same_day", "soon")
TOKEN = re.compile(r"\w+")
APOSTROPHES = re.compile("['’‘`´ʼ＇]")
TORN_OFF = re.compile(r"\b(ca|wo|do|is|are|was|has|does|did|could)n? t\b")
LATIN_DOUBLED = re.compile(r"([a-z])\1+")
DRAWN_OUT = re.compile(r"(\D)\1{2,}")
PERSIAN_KEYS = str.maketrans("یکہھۀ", "يكههه")
ARABIC_PREFIXES = ("وال", "بال", "فال", "كال", "لل", "ال", "و", "ب", "ف", "ل")
LENIENT = 7
"""Letters from which on a beginning forgives one slip of the finger."""


@dataclass(frozen=True)
class Part:
    """One of `words` stands in the text; or none of them, where `absent`. Each is one or more words in a row."""

    words: tuple[tuple[str, ...], ...]
    absent: bool

    def holds(self, text: "Text") -> bool:
        return any(text.has(each) for each in self.words) != self.absent


Sign = tuple[Part, ...]


class Text:
    """What somebody wrote, as words at their places; an Arabic word also without the particles written onto it."""

    def __init__(self, text: str) -> None:
        self._known: dict[str, frozenset[int]] = {}
        self._by_letter: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for place, word in enumerate(TOKEN.findall(plain(text))):
            bare = {word[len(prefix) :] for prefix in ARABIC_PREFIXES if word.startswith(prefix)}
            for reading in {word} | {one for one in bare if len(one) > 1}:
                self._by_letter[reading[0]].append((place, reading))

    def has(self, words: tuple[str, ...]) -> bool:
        places = self._places(words[0])
        for step, word in enumerate(words[1:], start=1):
            places = frozenset(place for place in places if place + step in self._places(word))
        return bool(places)

    def _places(self, pattern: str) -> frozenset[int]:
        if pattern not in self._known:
            anywhere = pattern.startswith("*")
            lists = self._by_letter.values() if anywhere else [self._by_letter.get(pattern[0], [])]
            self._known[pattern] = frozenset(place for some in lists for place, word in some if _is(pattern, word))
        return self._known[pattern]


def urgency_of(text: str) -> str:
    """emergency, same_day, soon, or nothing. All languages are tried: people write in the one they think in."""
    return _first(text)[0]


def language_of(text: str) -> str:
    """The language in which the most urgent sign stands; empty where there is none."""
    return _first(text)[1]


def worst(levels: Iterable[str]) -> str:
    """The most urgent of them; empty ones count least."""
    return min(levels, key=lambda level: ORDER.index(level) if level else len(ORDER))


def plain(text: str) -> str:
    """Without accents, letter case, apostrophes, marks that are not seen, and letters that are drawn out or doubled."""
    text = "".join(ch for ch in APOSTROPHES.sub("", text) if unicodedata.category(ch) != "Cf")
    text = fold(text).replace("'", "").translate(PERSIAN_KEYS)
    text = TORN_OFF.sub(lambda match: match[0].replace(" ", ""), text)
    return LATIN_DOUBLED.sub(r"\1", DRAWN_OUT.sub(r"\1", text))


def _first(written: str) -> tuple[str, str]:
    text = Text(written)
    for level in ORDER:
        for language, signs in _signs()[level].items():
            if any(all(part.holds(text) for part in sign) for sign in signs):
                return level, language
    return "", ""


@cache
def _signs() -> dict[str, dict[str, tuple[Sign, ...]]]:
    data = tomllib.loads((CONTENT / "red_flags.toml").read_text(encoding="utf-8"))
    return {level: {code: tuple(map(_sign, data[level][code])) for code in LANGUAGES} for level in ORDER}


def _sign(entry: str) -> Sign:
    return tuple(_part(part.strip()) for part in entry.split("+"))


def _part(part: str) -> Part:
    words = part.removeprefix("!").split("|")
    return Part(tuple(tuple(map(_pattern, each.split())) for each in words), part.startswith("!"))


def _pattern(word: str) -> str:
    """As what people write is made plain, with its marks."""
    return "*" * word.startswith("*") + plain(word.strip("*.")) + "." * word.endswith(".")


def _is(pattern: str, word: str) -> bool:
    bare = pattern.strip("*.")
    if pattern.startswith("*"):
        return word.endswith(bare) if pattern.endswith(".") else bare in word
    if pattern.endswith("."):
        return word == bare
    return word.startswith(bare) or (len(bare) >= LENIENT and _begins_nearly(bare, word))


def _begins_nearly(beginning: str, word: str) -> bool:
    """Whether one letter is wrong, missing, too many, or two have changed places; the first letter is right."""
    at = next((i for i, (one, other) in enumerate(zip(beginning, word, strict=False)) if one != other), len(word))
    wanted, left = beginning[at:], word[at:]
    return at > 0 and (
        left.startswith(wanted[1:])
        or left[1:].startswith(wanted[1:])
        or left[1:].startswith(wanted)
        or (left[:2] == wanted[1::-1] and left[2:].startswith(wanted[2:]))
    )
