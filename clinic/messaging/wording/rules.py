"""Whether the clinic may use a text it wrote, and if not, what to do about it. Pure.

What a text may never say is in `shipped.complaint`, which is checked again whenever a stored text is read. Here is also
what only somebody who writes can put right: what must not be missing, what people would write back, and its length.
"""

import re
import unicodedata
from collections.abc import Iterator

from django.utils.translation import gettext as _

from clinic.messaging.kinds import BY_TEMPLATE, KINDS
from clinic.messaging.replies.answers import keywords
from clinic.messaging.wording.shipped import VARIABLE, Text, fold, forbidden_word, shipped

LONGEST, LONGEST_SUBJECT = 600, 120
UNSEEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
# What a message cannot do without where the shipped text has it: the way on, the moment, the code, whom to call.
ESSENTIAL = frozenset({"link", "code", "day", "time", "by", "place", "emergency", "phone", "text"})
# "Reply …" by its beginning, as `fold` writes it.
REPLY_VERBS = (
    "reply", "answer", "write", "type", "text", "send",
    "yanit", "cevap", "yaz", "gonder",
    "respond", "contest", "escrib", "envi",
    "رد", "ارد", "ارسل", "اكتب", "اجب",
)  # fmt: skip
NEAR = 3  # words between "reply" and the word that is to be written


def clean(text: str) -> str:
    """Lines as typed, without what nobody can see, spaces at line ends, or more than one empty line in a row."""
    lines = (" ".join(line.split()) for line in UNSEEN.sub(" ", text.replace("\r\n", "\n")).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def required(kind: str, language: str) -> tuple[str, ...]:
    """Variables that may not vanish from this text, in the order of the shipped one."""
    found = VARIABLE.findall(shipped(language).texts[kind].body)
    return tuple(dict.fromkeys(name for name in found if name in ESSENTIAL))


def problems(kind: str, language: str, text: Text) -> dict[str, list[str]]:
    """Field → sentences that say what to do; empty when the text may be used."""
    found = {
        "subject": list(_of_subject(kind, text.subject)),
        "body": list(_of_body(kind, language, text.body)),
    }
    return {field: sentences for field, sentences in found.items() if sentences}


def _of_subject(kind: str, subject: str) -> Iterator[str]:
    yield from _of_any(kind, subject)
    if len(subject) > LONGEST_SUBJECT:
        yield _("Keep the subject to %(number)d characters.") % {"number": LONGEST_SUBJECT}
    if "\n" in subject:
        yield _("Keep the subject to one line.")


def _of_body(kind: str, language: str, body: str) -> Iterator[str]:
    if not body.strip():
        yield _("Write what the message should say, or go back to the shipped text.")
        return
    yield from _of_any(kind, body)
    if len(body) > LONGEST:
        yield _("Keep the text to %(number)d characters. It has %(now)d.") % {"number": LONGEST, "now": len(body)}
    there = set(VARIABLE.findall(body))
    for name in required(kind, language):
        if name not in there:
            yield _("Put %(variable)s back in: without it the message cannot do its work.") % {
                "variable": f"{{{name}}}"
            }
    if missing := _unsaid_numbers(kind, body):
        yield _("Say what the number %(number)s means: people answer with it by text message.") % {"number": missing}
    yield from _of_template(kind, body)


def _of_any(kind: str, text: str) -> Iterator[str]:
    for name in dict.fromkeys(VARIABLE.findall(text)):
        if name not in KINDS[kind].allowed:
            yield _("%(variable)s is not known here. Use one of the variables listed beside the text.") % {
                "variable": f"{{{name}}}"
            }
    plain = VARIABLE.sub(" ", text)
    if re.search(r"[{}]", plain):
        yield _("Take out the single brace, or complete it to a variable such as {first_name}.")
    if word := forbidden_word(plain):
        yield _(
            "Leave out “%(word)s”: anybody may read this on a locked phone. Treatments, areas and answers stay "
            "behind the link."
        ) % {"word": word}
    if kind not in {"resumed", "help"} and (word := stop_word(plain)):
        yield _(
            "Don’t ask people to write “%(word)s” back: the network takes it as an order to stop or start all "
            "messages. Point to the link, or to the numbers."
        ) % {"word": word}


def _of_template(kind: str, body: str) -> Iterator[str]:
    """WhatsApp approves no template in which a variable comes first or two stand together. Last is our own code."""
    if kind not in BY_TEMPLATE:
        return
    if re.match(r"\s*\{", body):
        yield _("Put a word before the first variable: WhatsApp refuses a text that begins with one.")
    if re.search(r"\}\s*\{", body):
        yield _("Put a word between two variables that stand side by side: WhatsApp refuses such a text.")


def _unsaid_numbers(kind: str, body: str) -> str:
    """The first choice's number that the text does not say, in any script's digits; empty when all are there."""
    plain = VARIABLE.sub(" ", body)
    digits = "".join(str(unicodedata.digit(ch)) if unicodedata.digit(ch, -1) >= 0 else ch for ch in plain)
    for number, _choice in enumerate(KINDS[kind].choices, 1):
        if not re.search(rf"(?<!\d){number}(?!\d)", digits):
            return str(number)
    return ""


def stop_word(text: str) -> str:
    """A word that stops or starts messages and that people might write back: in capitals, in quotes, or near "reply"."""
    words = keywords()
    orders = words.stop | words.start
    for sentence in re.split(r"[.!?؟\n]", text):
        tokens = re.findall(r"[“\"'«]?\w+", sentence)
        plain = [fold(token).strip("“\"'«") for token in tokens]
        for place, (token, word) in enumerate(zip(tokens, plain, strict=True)):
            if word not in orders:
                continue
            shouted = len(word) > 1 and token.isupper() or token[0] in '“"«'
            near = plain[max(0, place - NEAR) : place] + plain[place + 1 : place + 2]
            if shouted or any(other.startswith(REPLY_VERBS) for other in near):
                return token.strip("“\"'«")
    return ""
