"""What buttons carry, and the names they go by.

A button's value is readable by anybody who sees the message, so it holds a question as text and
nothing more; who may see what is decided again at every click. Names carry a version: a card
from an older one is told apart and answered kindly.
"""

from __future__ import annotations

from typing import NamedTuple

from bot.core.question import Lang
from bot.core.text import clean
from bot.language import lang_of
from bot.slack.text import literal

VERSION = "1"
ASK = "qm.ask.v1"
"""Answered in place of the card."""
ASIDE = "qm.aside.v1"
"""Answered beside the card, which stays."""
MORE = "qm.more.v1"
"""The overflow menu: answered in place."""
REFINE = "qm.refine.v1"
SHARE = "qm.share.v1"
VERDICT = "qm.verdict.v1"
FORM = "qm.form.v1"
PREFERENCE = "qm.preference.v1"
CARD = "qm.card.v1"
REASON = "qm.reason.v1"
FIND = "find_gpus"
"""The global shortcut."""
PRICE_THIS = "price_this"
"""The message shortcut."""
ACTIONS = (ASK, ASIDE, MORE, REFINE, SHARE, VERDICT, FORM, PREFERENCE, CARD)
MAX_VALUE = 2000
MAX_OPTION_VALUE = 150
MAX_QUESTION = 1500


class Click(NamedTuple):
    question: str
    lang: Lang
    user: str
    """Who asked for the card; empty when nobody did (a digest)."""


def write(question: str, lang: Lang, user: str = "") -> str:
    user = user if user.isalnum() and user.isascii() else ""
    return f"{VERSION}|{lang}|{user[:30]}|{literal(question, MAX_QUESTION)}"


def read(value: object) -> Click | None:
    """None for what another version or somebody else wrote. Anything may come in here."""
    if not isinstance(value, str) or len(value) > MAX_VALUE:
        return None
    parts = value.split("|", 3)
    if len(parts) != 4 or parts[0] != VERSION or not clean(parts[3]):
        return None
    return Click(clean(parts[3]), lang_of(parts[1]) or "en", parts[2] if parts[2].isalnum() else "")
