"""Ready-made questions for a person to pick, in each of our languages."""

from __future__ import annotations

from typing import Any, NamedTuple

from bot.core.text import clean, shorten
from bot.core.wording import Wording, wording
from bot.language import LANGS, Lang

LONGEST = 200


class Blank(NamedTuple):
    """What a person fills in."""

    name: str
    description: str
    required: bool


def _all(say: Wording) -> dict[str, tuple[str, str, tuple[Blank, ...]]]:
    """Name -> title, the words with places for what is filled in, and those."""
    gpu = Blank("gpu", say.t("GPU, with memory and form if known"), required=True)
    return {
        "find-gpu": (
            say.t("Find the cheapest GPU"),
            say.t("Find the cheapest offers for {need}. Show provider, price per GPU-hour, day and source of each, say which prices are old, and what to check before renting."),
            (Blank("need", say.t("GPU, how many, where, for how long"), required=True),),
        ),
        "check-quote": (
            say.t("Check a quote"),
            say.t("I was quoted {price} per GPU-hour for {gpu} by {provider}. Is that fair? Place it in the market with figures and sources, and tell me what to ask before signing."),
            (gpu, Blank("price", say.t("Price per GPU-hour in US dollars"), required=True),
             Blank("provider", say.t("Provider"), required=True)),
        ),
        "plan-purchase": (
            say.t("Plan a purchase"),
            say.t("We need GPUs for this: {situation}. Weigh renting on demand, spot, reserving and buying, name the assumptions, and give figures with source and day."),
            (Blank("situation", say.t("The work, its length, how steady it is, constraints"), required=True),),
        ),
    }  # fmt: skip


def listed() -> list[dict[str, Any]]:
    """Every prompt in every language, in a fixed order."""
    return [
        {
            "name": _name(name, lang),
            "title": title,
            "description": words,
            "arguments": [
                {"name": one.name, "description": one.description, "required": one.required}
                for one in blanks
            ],
        }
        for lang in LANGS
        for name, (title, words, blanks) in _all(wording(lang)).items()
    ]


def made(name: str, given: object) -> dict[str, Any] | None:
    """The prompt with its places filled; None for an unknown one, or when something is missing."""
    found = next(
        (
            (lang, known)
            for lang in LANGS
            for known in _all(wording(lang))
            if _name(known, lang) == name
        ),
        None,
    )
    if found is None or not isinstance(given, dict):
        return None
    title, words, blanks = _all(wording(found[0]))[found[1]]
    names = {one.name for one in blanks}
    if set(given) != names or not all(isinstance(value, str) and value.strip() for value in given.values()):  # fmt: skip
        return None
    # Filled in by hand: a place inside of what was given is no place.
    for key in names:
        words = words.replace("{" + key + "}", "\0" + key + "\0")
    for key in names:
        words = words.replace("\0" + key + "\0", shorten(clean(given[key]), LONGEST))
    text = {"type": "text", "text": words}
    return {"description": title, "messages": [{"role": "user", "content": text}]}


def _name(name: str, lang: Lang) -> str:
    return name if lang == LANGS[0] else f"{name}-{lang}"
