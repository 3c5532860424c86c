"""Rule 1: the text begins with a command word of the bot, used as one."""

from __future__ import annotations

from bot.understanding import spelling
from bot.understanding.reading import Reading

COMMAND_WORDS = {
    "cheapest": "cheapest", "compare": "compare", "price": "price", "estimate": "estimate",
    "budget": "budget", "fit": "fit", "advise": "advise", "provider": "provider",
    "history": "history", "watch": "watch", "unwatch": "unwatch", "watches": "watches",
    "digest": "digest", "digests": "digests", "sources": "sources", "help": "help",
    "comparar": "compare", "preco": "price", "estimar": "estimate", "estimativa": "estimate",
    "orcamento": "budget", "fornecedor": "provider", "historico": "history",
    "quotes": "quotes", "cotacoes": "quotes", "cotizaciones": "quotes", "rfq": "rfq",
    "contract": "contract", "contrato": "contract", "contracts": "contracts", "contratos": "contracts",
    "availability": "availability", "disponibilidade": "availability",
    "disponibilidad": "availability", "monitorar": "watch", "resumo": "digest", "ajuda": "help",
}  # fmt: skip


_TOKEN_COST = (
    "cost per million tokens", "cost per token", "token cost", "custo por milhao de tokens",
    "custo por token", "coste por millon de tokens", "costo por millon de tokens",
    "coste por token", "costo por token",
)  # fmt: skip


def command(reading: Reading) -> str | None:
    """1. The text begins with a command word that is used as one."""
    words = reading.text.split()
    if not words:
        return None
    if reading.text.lstrip().startswith(_TOKEN_COST):
        return "token_cost"
    first = words[0]
    intent = COMMAND_WORDS.get(first) or _misspelt(first)
    if intent is None:
        return None
    second = words[1] if len(words) > 1 else ""
    if intent == "help":
        alone = (
            len(words) == 1
            or (second in COMMAND_WORDS and len(words) == 2)
            or (second in {"please", "pls", "com", "sobre", "with", "on"} and len(words) <= 3)
        )
        return "help" if alone else None
    if intent == "price" and (second in {"alert", "alerts"} or reading.says("mais baixo*")):
        return None
    if intent == "price" and second in {
        "gap",
        "difference",
        "differences",
        "history",
        "trend",
        "trends",
        "summary",
        "digest",
        "report",
        "drop",
        "drops",
        "sources",
    }:
        return None
    if (
        intent == "history"
        and reading.providers == 1
        and not reading.cards
        and second in {"of", "da", "do", "de"}
    ):
        return "provider"
    if intent == "watch" and second in {"list", "lists"}:
        return "watches"
    if intent == "watch" and second in {"out", "stop", "off"}:
        return "unwatch" if second in {"stop", "off"} else None
    if intent == "digest":
        if (
            second
            in {
                "stop",
                "off",
                "cancel",
                "end",
                "remove",
                "delete",
                "parar",
                "para",
                "cancelar",
                "cancela",
            }
            or second == "desligar"
        ):
            return "digest_stop"
        if second in {"list", "lista"}:
            return "digests"
    if intent in {"estimate", "fit", "provider", "advise"} and len(words) == 1:
        return intent
    if (
        intent == "budget"
        and not reading.sums
        and second in {"option", "options", "friendly", "gpu"}
    ):
        return None
    return intent


def _misspelt(word: str) -> str | None:
    """A command word with one letter wrong; never a word that means something else."""
    near = [] if word in _REAL_WORDS else spelling.meant(word, _SPELT)
    return COMMAND_WORDS[near[0]] if near else None


_EXACT = frozenset({"quotes", "rfq", "contract", "contracts"})
"""Near words of these mean something else: "quoted", "contrast"."""
_SPELT = frozenset(word for word, name in COMMAND_WORDS.items() if name not in _EXACT)
_REAL_WORDS = frozenset(
    "avise avisa avisar prices priced pricey hello fits watched watcher resume budgets providers compares compared compara compare cheapest advice advised advisor source heaps price prece precos resumos provide provided estimates estimated histories monitora monitore monitoras fornecedores ajudar ajudas sources".split()
)
