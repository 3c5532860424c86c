"""What the asker wants. `RULES` is the one ordered list; the first that applies decides.

Cues are phrases between single blanks, looked up in the folded text; a trailing "*" lets a word
run on ("cheap*" is cheaper and cheapest).
"""

from __future__ import annotations

from collections.abc import Callable

from bot.understanding import cues, kept, outside, standing
from bot.understanding.command_word import command
from bot.understanding.reading import Reading

Rule = tuple[str, Callable[[Reading], str | None]]


def _sources(reading: Reading) -> str | None:
    if (
        reading.says(cues.SOURCES)
        and not reading.cards
        and not reading.has("model")
        and not reading.sums
    ):
        if reading.providers and not reading.says(
            "price*|preco*|data|dados|numbers|figures|numeros|valores|quotes"
        ):
            return None
        if reading.has("workload") and not reading.says("price*|preco*"):
            return None
        if reading.says("second source|open source|sources of supply|source of capacity"):
            return None
        return "sources"
    if (
        reading.says(cues.SOURCES)
        and reading.cards
        and reading.says(
            "how old*|how fresh*|how recent*|how current*|how stale*|de quando*|come from|comes from|coming from|de onde vem|de onde sa*|de onde tir*|source*|fonte*|last updated|last refresh*|quando foi atualiz*|atualizad*"
        )
    ):
        return "sources"
    return None


def _budget(reading: Reading) -> str | None:
    """5. A sum of money in all, unless somebody already pays it."""
    if not reading.sums and not reading.has("currency"):
        return None
    if reading.says(cues.PAID) and not reading.says(cues.SPENDS):
        return None
    if reading.says(cues.BUYS):
        return None
    return "budget"


def _history(reading: Reading) -> str | None:
    """6. It looks back."""
    if reading.limits and not reading.looks_back:
        return None
    if reading.sums:
        return None
    if reading.has("model") and not reading.cards:
        return None
    if (
        reading.looks_back
        and (
            reading.subject
            or reading.says(cues.PRICE)
            or reading.providers
            or reading.says(cues.HISTORY)
        )
        and not reading.paid
    ):
        return "history"
    if reading.says(cues.HISTORY) and (reading.subject or reading.says(cues.PRICE)):
        if (
            reading.providers == 1
            and not reading.cards
            and not reading.says(cues.PRICE)
            and not reading.says(cues.GPU_WORDS)
        ):
            return None
        if reading.says(
            "should we wait|should i wait|wait or|vale esperar|worth waiting|esperar ou"
        ):
            return None
        return "history"
    return None


def _fit(reading: Reading) -> str | None:
    """7. A named model, or a model size, and the GPU or memory it needs."""
    if not reading.has("model"):
        return None
    asks_need = reading.says(cues.NEED_ASKED)
    what = reading.says(cues.FIT_ASKED)
    if asks_need and not what:
        return None
    if what or not reading.has("hours"):
        if (
            not what
            and reading.cards
            and reading.says(cues.SUPERLATIVE)
            and not reading.says(cues.FIT)
        ):
            return None
        return "fit"
    return "fit" if reading.says(cues.FIT) and not reading.says(cues.ESTIMATE) else None


def _advise(reading: Reading) -> str | None:
    """8. A recommendation; one named provider's safety or background is `provider`."""
    found = reading.draft.found
    one_seller = reading.providers == 1 and not found.get("exclude_providers")
    against = reading.has("_billings") or reading.has("_tiers")
    if reading.paid and (reading.says(cues.ADVISE) or reading.says(cues.QUOTED)):
        return "advise"
    if reading.says(
        "overpay*|pagando caro|pagando demais|pagar caro|paying too much|fair|justo|caro demais|ripped off|good deal"
    ) and (reading.cards or reading.paid or reading.sums):
        return "advise"
    if reading.says(cues.SIZING) and reading.says("or|ou|vs|versus|than|instead of"):
        return "advise"
    if reading.says(cues.OWN) and reading.says(cues.RENT) and not reading.sums:
        if not reading.says(cues.SUPERLATIVE) or reading.says("cheaper"):
            return "advise"
    asks_seller = reading.says(cues.PROVIDER)
    safety = reading.says(cues.SAFETY)
    if one_seller and not safety and reading.says("should we|should i|devemos|devo|deveriamos"):
        return "advise"
    if (
        one_seller
        and not reading.cards
        and not reading.has("workload")
        and asks_seller
        and not reading.paid
        and not reading.has("tier")
        and not against
    ):
        if not reading.says(
            "should we leave|should we move|leave|move off|moving off|switch from|sair da|sair do|migrar|trocar|stay on|stay with|worth|vale a pena|compensa|price*|preco*|cost*|cust*|how much|quanto|faz sentido|makes sense|make sense"
        ) or reading.says(
            "safe|risk*|bankrupt*|confiave*|confiar|trust*|falir|falencia|quebrar|seguro|segura|reliable|go under|sla|ownership|owns|dono|dona"
        ):
            return "provider"
    if (
        one_seller
        and asks_seller
        and reading.says(
            "safe|risk*|bankrupt*|confiave*|falir|falencia|quebrar|seguro|segura|reliable|reliability|trust*|go under|goes under|sla|uptime|who owns|dono|dona|tell me about|me fala|legit|shut down|shuts down|saude|health"
        )
        and not reading.paid
        and not reading.says("should we leave|overpay*")
        and not (reading.has("tier"))
    ):
        return "provider"
    if reading.says(cues.ADVISE):
        if (
            reading.cards
            and not reading.says(cues.NEED_VERBS)
            and reading.says("affordable")
            and not against
        ):
            return None
        if (
            reading.says(cues.SUPERLATIVE) or reading.providers > 1 or reading.cards > 1
        ) and not _strong_advice(reading):
            return None
        return "advise"
    if against and not reading.says(
        "price*|cost*|how much|quanto|preco*|compare*|compara*|history|custa*"
    ):
        return "advise"
    if against and (reading.says("better|melhor|or|ou|should")):
        return "advise"
    if (
        reading.says(
            "which is better|which one is better|qual e melhor|o que e melhor|better for|melhor pra|melhor para|is better"
        )
        and reading.cards
    ):
        return "advise"
    return None


def _strong_advice(reading: Reading) -> bool:
    return reading.says(cues.ADVISE_STRONG)


def _provider(reading: Reading) -> str | None:
    if (
        reading.providers == 1
        and not reading.cards
        and not reading.has("memory_gb")
        and not reading.has("hours")
    ):
        if reading.says(cues.PROVIDER) and not reading.says(
            "price*|preco*|cost*|quanto|how much|cheapest|mais barat*"
        ):
            return "provider"
        content = [word for word in reading.rest.split() if word.isalpha()]
        if not content:
            return "provider"
    return None


def _compare(reading: Reading) -> str | None:
    """9. Two or more named providers or GPUs, put side by side."""
    many = reading.providers > 1 or reading.cards > 1
    if not many:
        return None
    if reading.says(cues.COMPARE) or reading.says("or|ou"):
        return "compare"
    if reading.says(cues.PRICE) and not reading.says("cheapest|mais barat*|lowest"):
        return "compare"
    if reading.cards > 1 and not reading.says(cues.SUPERLATIVE) and not reading.has("hours"):
        return "compare"
    if reading.providers > 1 and not reading.says(cues.SUPERLATIVE):
        return "compare"
    return None


def _estimate(reading: Reading) -> str | None:
    """10. A length of time with a GPU."""
    if reading.has("hours") and (
        reading.subject or reading.has("count") or reading.says(cues.ESTIMATE)
    ):
        return "estimate"
    return None


def _ranking(reading: Reading) -> str | None:
    """11. A superlative or a price ceiling; otherwise a price word; a bare GPU."""
    best = reading.says("best|minimum|melhor|menor") and reading.says(cues.PRICE)
    if best or reading.says(cues.SUPERLATIVE) or reading.has("max_price") or reading.limits:
        if (
            reading.subject
            or reading.providers
            or reading.limits
            or reading.has("tier")
            or reading.has("region")
            or reading.has("billing")
            or reading.says(cues.PRICE)
        ):
            return "cheapest"
    if reading.says(cues.PRICE) and (reading.subject or reading.providers):
        return "price"
    if reading.cards or reading.has("memory_gb") or reading.has("unknown"):
        return "cheapest"
    if reading.subject and (
        reading.has("region")
        or reading.has("count")
        or reading.has("billing")
        or reading.has("tier")
        or reading.has("workload")
        or reading.says("rent*|alug*")
    ):
        return "cheapest"
    return None


def _lone_advice(reading: Reading) -> str | None:
    """A workload alone ("xgboost on 200 GB?") asks whether it needs a GPU."""
    if reading.has("workload") and not reading.has("hours"):
        return "advise"
    if reading.has("tier") or reading.has("_tiers"):
        return "advise"
    return None


def _filter_alone(reading: Reading) -> str | None:
    """ "in europe?", "spot": a filter for the conversation's last question, and nothing else."""
    if not any(
        reading.has(name)
        for name in ("region", "regions", "billing", "tier", "count", "exclude_providers")
    ):
        return None
    from bot.understanding.vocabulary import KNOWN

    return (
        None
        if any(word not in KNOWN for word in reading.rest.split() if len(word) > 2)
        else "cheapest"
    )


# Names that stand in questions of every kind: one of them alone tells nothing.
_EVERYDAY = frozenset(
    "aws azure gcp ibm alibaba tencent oci akamai lambda salad modal together latitude".split()
)


def _about_provider(reading: Reading) -> str | None:
    """One provider of GPUs in words that no rule knows: most likely it is asked about."""
    named = reading.draft.found.get("providers", ())
    return "provider" if len(named) == 1 and named[0] not in _EVERYDAY else None


def _standing_order(reading: Reading) -> str | None:
    """1. Pause, resume, snooze, send now: what stands already is changed."""
    found = standing.order(reading.text.strip())
    return found[0] if found else None


RULES: tuple[Rule, ...] = (
    ("1 what stands is changed", _standing_order),
    ("1 command word", command),
    ("2 out of scope", outside.scope),
    ("what stands already", kept.watches),
    ("greeting", outside.small_talk),
    ("what the bot can do", outside.about_bot),
    ("3 watch", kept.watch),
    ("4 digest", kept.digest),
    ("where prices come from", _sources),
    ("5 budget", _budget),
    ("6 history", _history),
    ("7 fit", _fit),
    ("8 advise or provider", _advise),
    ("9 compare", _compare),
    ("one provider alone", _provider),
    ("10 estimate", _estimate),
    ("11 cheapest or price", _ranking),
    ("a workload alone", _lone_advice),
    ("a filter alone", _filter_alone),
    ("one provider and nothing known", _about_provider),
)


def decide(reading: Reading) -> tuple[str, str]:
    """The intent and the rule that decided it; anything else is out of scope."""
    for name, rule in RULES:
        intent = rule(reading)
        if intent:
            return intent, name
    return "out_of_scope", "nothing else"
