"""Amounts of work that a question's words state and its fields do not hold.

The reading keeps such fields for a few intents only ("which cards", "is it worth it" and questions that
stay unclear lose them), and an answer about another amount than the one that was said would be wrong.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from bot.core.question import Question
from knowledge.economics import media

_SIZES = {
    "k": 1e3, "mil": 1e3, "thousand": 1e3,
    "m": 1e6, "million": 1e6, "millon": 1e6, "millones": 1e6, "milhao": 1e6, "milhoes": 1e6,
    "b": 1e9, "bn": 1e9, "billion": 1e9, "bilhao": 1e9, "bilhoes": 1e9, "mil millones": 1e9, "mil milhoes": 1e9,
    "t": 1e12, "trillion": 1e12, "trilhao": 1e12, "trilhoes": 1e12, "billon": 1e12, "billones": 1e12,
}  # fmt: skip
_NUMBER = (
    r"(?<![\w.,-])(\d{1,20}(?:[.,]\d{1,20}){0,6})\s*("
    + "|".join(sorted(_SIZES, key=len, reverse=True))
    + r")?\s+(?:(?:de|of)\s+)?"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_WORD = r"(?:[\w.-]+\s+){0,2}?"
_THINGS = {
    "documents": r"(?:documentos?|documents?|docs?|paginas?|pages?|textos?|texts|articles?|articulos?|artigos?|abstracts?|chunks?)\b",
    "images": r"(?:images?|pictures?|imagens?|imagenes|imagem|fotos?|photos?)\b",
    "audio_hours": r"(?:hours?|horas?|hrs?|h)\s+(?:of\s+|de\s+)?(?:\w+\s+)?(?:audios?|speech|sound|recordings?|calls|podcasts?|voice|som|fala|voz|gravac\w+|ligac\w+|llamadas|grabac\w+|reuni\w+|meetings?)\b",
}
_ASKED = {
    name: re.compile(_NUMBER + ("" if name == "audio_hours" else _WORD) + noun)
    for name, noun in _THINGS.items()
}
_MADE = {"documents": "vectors", "images": "pictures", "audio_hours": "speech"}
_DOES = {
    "documents": re.compile(r"embed|vetor|vector|index"),
    "images": re.compile(r"generat|gerar|gera\b|generar|draw|render|diffusion"),
    "audio_hours": re.compile(r"transcri|speech|voz|fala|stt\b|asr\b"),
}
"""What is done with them, where no model says it."""
_TOKENS = re.compile(_NUMBER + r"tokens?\b(?!\s*(?:/|a\s|per\s|por\s|al\s|ao\s|every|each|cada))")
_LEARNING = ("training", "fine-tuning")


_SPANS = {
    "month": 1.0,
    "mes": 1.0,
    "day": 30.0,
    "dia": 30.0,
    "week": 365 / 84,
    "semana": 365 / 84,
    "year": 1 / 12,
    "ano": 1 / 12,
}
_VOLUME = re.compile(
    _NUMBER
    + r"tokens?\s*(?:/|a|per|por|al|ao|every|each|cada)\s*(month|mes|day|dia|week|semana|year|ano)"
)
_IN, _OUT = (
    r"(?:inputs?|entrada|prompts?)\b",
    r"(?:outputs?|saida|salida|answers?|respostas?|respuestas?)\b",
)
_SIDE = r"(?=\s*(?:$|[,;/+&.)?]|and\b|e\b|y\b|with\b|tokens?\b))"
"""What follows "8,192 in": "in europe" is a place."""
_LENGTH = r"(?<![\w.,$-])(\d{1,20}(?:[.,]\d{3}){0,6})\s*(k)?\s*(?:tokens?\s+)?(?:of\s+|de\s+)?"
_BACK = r"\s*(?:tokens?\s*)?(?:of\s+|de\s+|:\s*)?(\d{1,20}(?:[.,]\d{3}){0,6})\s*(k)?\b"
_LENGTHS = {
    "input_tokens": (
        re.compile(_LENGTH + rf"(?:{_IN}|in\b{_SIDE})"),
        re.compile(r"\b" + _IN + _BACK),
    ),
    "output_tokens": (
        re.compile(_LENGTH + rf"(?:{_OUT}|out\b{_SIDE})"),
        re.compile(r"\b" + _OUT + _BACK),
    ),
}
SHORTEST = 32
"""Fewer tokens are a price or a number of cards, and no length of a request."""


class Amount(NamedTuple):
    """So much of what a Question's field counts."""

    field: str
    value: float


def stated(question: Question) -> Amount | None:
    """The amount of work in the words, where no field holds one; or another than the field does."""
    text = _plain(question.text)
    if question.workload in _LEARNING:
        found = _TOKENS.search(text)
        # "billón" is a thousand times an English billion.
        if found and (question.train_tokens is None or (found[2] or "").startswith("billon")):
            return Amount("train_tokens", _value(found))
        return None
    if any(getattr(question, name) is not None for name in _THINGS):
        return None
    made = media.kind(question.model) if question.model else None
    for name, pattern in _ASKED.items():
        if made != _MADE[name] and (question.model or not _DOES[name].search(text)):
            continue  # documents that a language model reads are no vectors
        if found := pattern.search(text):
            return Amount(name, _value(found))
    return None


def served(question: Question) -> dict[str, float]:
    """Of a price of tokens: the volume a month and the lengths of requests that the words state and
    no field holds."""
    text = _plain(question.text)
    out: dict[str, float] = {}
    if question.tokens_per_month is None:
        if found := _VOLUME.search(text):
            out["tokens_per_month"] = _value(found) * _SPANS[found[3]]
        elif question.api_bill and (found := _TOKENS.search(text)) and _value(found) >= 1e6:
            out["tokens_per_month"] = _value(found)  # what the bill of a month pays for
    for name, patterns in _LENGTHS.items():
        found = next((one for pattern in patterns if (one := pattern.search(text))), None)
        if found and getattr(question, name) is None:
            length = float(re.sub(r"[.,]", "", found[1])) * (1000 if found[2] else 1)
            if length >= SHORTEST:
                out[name] = length
    return out


def _value(found: re.Match[str]) -> float:
    """ "1.000" and "20,000" are thousands, "5,5" and "2.5" are not."""
    digits = found[1]
    if _THOUSANDS.fullmatch(digits):
        number = float(re.sub(r"[.,]", "", digits))
    else:
        number = (
            float(digits.replace(",", ".")) if digits.count(",") + digits.count(".") < 2 else 0.0
        )
    return number * _SIZES.get(found[2] or "", 1.0)


def _plain(text: str) -> str:
    """Small letters without accents."""
    parts = unicodedata.normalize("NFD", text.lower())
    return "".join(part for part in parts if not unicodedata.combining(part))
