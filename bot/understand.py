"""Words -> Question. Pure, no network, no model: finders take what they know out of the text,
then the ordered rules of `bot.understanding.intent` decide what is wanted.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from bot.question import Question
from bot.understanding import (
    cards,
    circumstances,
    counts,
    cues,
    intent,
    language,
    models,
    money,
    numbers,
    places,
    sellers,
    spans,
    spelling,
    standing,
    terms,
)
from bot.understanding.clean import clean, fold, without_users
from bot.understanding.command_word import COMMAND_WORDS
from bot.understanding.draft import CARD, SELLER, Draft, Pattern, has_any, padded
from bot.understanding.reading import Reading, pattern

# Intents whose Question holds nothing but the intent, and those that keep what is asked about.
_BARE = frozenset({"out_of_scope", "greeting", "help"})
_ABOUT = frozenset({"sources", "watches", "digests", "digest_stop"})
_SUBJECT = ("accelerators", "memory_gb", "region", "billing", "providers", "exclude_providers")
_MAX_WORDS = 250
"""A question has a subject within its first words; a pasted document is not read to the end."""


_FORGET = frozenset({"forget me", "please forget me", "esqueca-me", "me esqueca", "me esquece"})
"""Said alone, and in no other words: it removes what is kept of the asker."""


_WHY = Pattern(
    r"(?:but |and |ok,? |e |mas )?(?:why|how come|por ?que|porque|pq)(?: so| is that| that| not| isso| nao)?"
    r"(?: (?P<rule>[a-z][a-z0-9]*(?:-[a-z0-9]+)+))?"
)


def _why(folded: str) -> tuple[str, ...] | None:
    """Rules whose reason is asked for: () for those of the last answer, None for no such question."""
    if not folded.startswith(("why", "how come", "por", "pq", "but", "and", "ok", "e ", "mas")):
        return None
    match = _WHY.fullmatch(folded)
    if match is None:
        return None
    named = match.group("rule")
    if named is None:
        return ()
    from knowledge.advice import load

    return (named,) if any(rule.id == named for rule in load()) else None


def understand(text: str) -> Question:
    """What the text states, by the contract of `parse --json`. Never raises."""
    cleaned = clean(text)
    folded = fold(cleaned)
    words = folded.split(" ")
    if len(words) > _MAX_WORDS:
        folded = " ".join(words[:_MAX_WORDS])
    folded = spelling.mend(folded[:1500])
    pt = language.of(folded, cleaned)
    asks_why = _why(folded)
    if asks_why is not None:
        english = folded.startswith(("why", "but", "and", "how"))
        return Question("advise", "en" if english else "pt", cleaned, topic="why", rules=asks_why)
    if folded.strip(" .!") in _FORGET:
        return Question("forget", lang="pt" if "esque" in folded else "en", text=cleaned)
    draft = Draft(folded=folded, rest=without_users(folded), pt=pt)
    spans.find_zone(draft)
    models.find(draft)
    circumstances.find(draft)
    cards.find(draft)
    terms.find_limit(draft)
    looks_back = spans.find_period(draft)
    _details(draft)
    sums = money.find(draft)
    schedules = _may_schedule(draft)
    if schedules:
        spans.find_schedule(draft)
    sellers.find(draft)
    places.find(draft)
    counts.find(draft)
    spans.find_length(draft)
    terms.find_billing(draft)
    terms.find_tier(draft)
    terms.find_workload(draft)
    spaced = padded(folded)
    spends = bool(sums) and pattern(cues.MONEY_TIME).search(spaced) is not None
    totals = [one for one in sums if money.is_total(one, spends=spends)]
    rates = [one for one in sums if one not in totals]
    reading = Reading(
        text=spaced,
        rest=padded(draft.rest.replace(CARD, " ").replace(SELLER, " ")),
        draft=draft,
        sums=len(totals),
        paid=any(one.side is None for one in rates),
        limits=tuple(one.side for one in rates if one.side),
        looks_back=looks_back,
    )
    wanted, _ = intent.decide(reading)
    return _question(wanted, cleaned, draft, rates, totals, reading)


@lru_cache(maxsize=1024)
def understood(text: str) -> Question:
    """`understand`, remembered: a turn asks it of one text more than once."""
    return understand(text)


_SCHEDULE_CUE = Pattern(
    r"\b(?:digest|digests|summary|summaries|report|reports|recap|roundup|newsletter|bulletin|briefing|resumo|resumao|resumos|relatorios?|boletim|informe|every|each|weekly|daily|toda|todas|todo|todos|semanal|diari[oa]|mensal|send|post|manda|envia|posta|publica|mondays|tuesdays|wednesdays|thursdays|fridays|weekdays|cada)\b"
)


_COST_A_MONTH = Pattern(
    r"\b(?:mensal|monthly|semanal|weekly|diari[oa]|daily)\b.*\b(?:cost|bill|spend)|\b(?:custo|conta|gasto|fatura|valor)s?\b.*\b(?:mensal|semanal|diari[oa])"
)


def _may_schedule(draft: Draft) -> bool:
    if _COST_A_MONTH.search(draft.folded):
        return False
    return _SCHEDULE_CUE.search(draft.folded) is not None and not re.search(
        r"\b(?:hours?|horas?|h) (?:a|per|por|each|every|ao|cada) (?:day|dia|week|semana)\b",
        draft.folded,
    )


_PERCENT = Pattern(
    r"(?<![\d.])(\d{1,3}(?:[.,]\d+)?)\s?(?:%|percent|por cento)(?:\s(?:use|utili[sz]ation|usage|of the time|busy|de uso|do tempo|de utilizacao))?"
)
_USE = Pattern(r"use|utili|usage|of the time|busy|de uso|do tempo")
_KWH = Pattern(
    r"(?:us\$|\$)?\s?(\d+(?:[.,]\d+)?)\s?(?:us\$|\$|usd|dollars?|cents?|centavos|dolares)?\s?(?:/|per|a|por|o)\s?kwh"
)


def _details(draft: Draft) -> None:
    """Shares of use, electricity prices, percent drops: not scored, used by advice and watches."""
    kwh = _KWH.search(draft.rest) if "kwh" in draft.rest else None
    if kwh:
        price = float(kwh.group(1).replace(",", "."))
        draft.found["kwh_price"] = price / 100 if "cent" in kwh.group() else price
        draft.take_match(kwh)
    percent = (
        _PERCENT.search(draft.rest) if has_any(draft.rest, ("%", "percent", "por cento")) else None
    )
    if percent:
        share = float(percent.group(1).replace(",", "."))
        if _USE.search(percent.group()):
            draft.found["utilisation"] = min(1.0, share / 100)
        else:
            draft.found["percent"] = share
        draft.take_match(percent)


def _question(
    wanted: str,
    cleaned: str,
    draft: Draft,
    rates: list[money.Sum],
    totals: list[money.Sum],
    reading: Reading,
) -> Question:
    found: dict[str, Any] = {
        name: value for name, value in draft.found.items() if not name.startswith("_")
    }
    lang = "pt" if draft.pt else "en"
    if wanted in _BARE:
        return Question(intent=wanted, lang=lang, text=cleaned, **_bare(wanted, reading))  # type: ignore[arg-type]
    if wanted in _ABOUT:
        kept = {name: found[name] for name in _SUBJECT if name in found}
        return Question(intent=wanted, lang=lang, text=cleaned, **kept)  # type: ignore[arg-type]
    topic = _topic(wanted, reading)
    _place_money(wanted, found, rates, totals, draft, buys=topic == "buy")
    _by_intent(wanted, found, draft)
    unused = () if "action" in found else _unused(draft)
    if unused:
        found["unused"] = unused
    if topic:
        found["topic"] = topic
    return Question(intent=wanted, lang=lang, text=cleaned, **found)  # type: ignore[arg-type]


def _bare(wanted: str, reading: Reading) -> dict[str, Any]:
    if wanted == "help":
        topic = next(
            (COMMAND_WORDS[word] for word in reading.text.split()[1:] if word in COMMAND_WORDS),
            None,
        )
        return {"topic": topic} if topic else {}
    return {}


_BARE_PRICE = Pattern(r"(?<![\d.,$])\d{1,3}[.,]\d{1,2}(?![\d.,]|\s?%)")


def _bare_price(draft: Draft) -> money.Sum | None:
    """A decimal that nothing else took: "watch h200 2.50" can only mean a price."""
    match = _BARE_PRICE.search(draft.rest)
    amount = numbers.value(match.group(), pt=draft.pt) if match else None
    return money.Sum(amount, rate=True, side=None, signed=False) if amount else None


def _place_money(
    wanted: str,
    found: dict[str, Any],
    rates: list[money.Sum],
    totals: list[money.Sum],
    draft: Draft,
    *,
    buys: bool = False,
) -> None:
    """A price's role follows from the intent: a threshold, a ceiling, or what somebody pays."""
    limited = [one for one in rates if one.side]
    plain = [one for one in rates if not one.side]
    if wanted == "watch":
        first = next(iter(limited or plain), None) or _bare_price(draft)
        if first:
            found["threshold"] = first.amount
            found["direction"] = first.side or "below"
        return
    if wanted == "budget":
        if totals:
            found["budget_usd"] = totals[0].amount
        elif rates:
            found["budget_usd"] = rates[0].amount
        below = next((one for one in limited if one.side == "below" and totals), None)
        if below:
            found["max_price"] = below.amount
        return
    if buys:
        if totals:
            found["capex_usd"] = totals[0].amount
        return
    if wanted == "advise":
        paid = next(iter(plain or limited), None)
        if paid:
            found["paid_price"] = paid.amount
        elif totals:
            hours = found.get("hours") or (
                found["period_days"] / 30 * 730 if found.get("period_days") else 730
            )
            found["paid_price"] = round(totals[0].amount / hours / (found.get("count") or 1), 4)
        return
    below = next((one for one in limited if one.side == "below"), None)
    if below:
        found["max_price"] = below.amount
    elif wanted == "cheapest" and plain and plain[0].signed:
        found["max_price"] = plain[0].amount


def _by_intent(wanted: str, found: dict[str, Any], draft: Draft) -> None:
    """Fields that only some intents state."""
    if wanted == "history":
        if "period_days" not in found:
            spans_hours = found.pop("hours", None)
            if spans_hours:
                found["period_days"] = _days_of(spans_hours)
        found.pop("hours", None)
    elif "period_days" in found and wanted != "advise":
        found.pop("period_days")
    elif wanted == "advise":
        found.pop("period_days", None)
    if wanted != "digest":
        found.pop("schedule", None)
        found.pop("every", None)
    if wanted in {"watch", "unwatch", "digest"}:
        found.pop("hours", None)
    standing_order = standing.order(draft.folded)
    if standing_order and standing_order[0] == wanted:
        found["action"] = standing_order[1]
    if wanted == "advise" and found.get("hours") and re.search(r"\byears?|anos?\b", draft.folded):
        found["years"] = round(found["hours"] / 8760, 3)
    if wanted in {"advise", "provider", "history", "fit"} and (
        flags := circumstances.flags(draft.folded)
    ):
        found["circumstances"] = flags
    if wanted == "provider":
        for name in ("workload", "max_price", "unknown"):
            found.pop(name, None)
    if wanted not in {
        "estimate",
        "compare",
        "advise",
        "budget",
        "provider",
        "price",
        "cheapest",
        "fit",
    }:
        found.pop("hours", None)


def _days_of(hours: float) -> int:
    for unit, length in spans.HOURS.items():
        if unit != "hour" and hours % length == 0:
            return round(hours / length * spans.DAYS[unit])
    return max(1, round(hours / 24))


_TOPICS = (
    ("quote", "overpay*|fair|too much|too expensive|too high|good deal|ripped off|reasonable|pagando|pagar caro|caro|cara|justo|razoavel|preco bom|bom preco|quoted|decent price|cotac*|paying"),
    ("buy", "buy|buying|own|owning|on-prem*|on prem*|comprar|compra|proprias|proprio|propria|proprios|purchase"),
    ("timing", "wait*|esperar|now or|right time|good time|sign now|melhor hora|boa hora|hora de assinar"),
    ("alternatives", "alternative*|alternativa*|tpu|tpus|trainium|amd|mi300x|instead of nvidia|gaudi|non-nvidia|inferentia"),
    ("concentration", "one provider|single provider|two providers|second provider|um so provedor|um provedor|dois provedores|multi-cloud|multicloud|split across|all our eggs|um so fornecedor"),
    ("sizing", cues.SIZING),
    ("tier", "microcloud*|micro cloud*|neocloud*|neo cloud*|hyperscaler*|gpu cloud*|big three|big 3|micronuve*|nuve* alternativa*|hiperescalador*|nuve* tradiciona*|grandes nuvens|marketplace*|leave aws|sair da aws|move off|leave azure|leave google|sair da azure|sair do google"),
    ("billing", "reserv*|spot|on-demand|on demand|commit*|lock in|lock-in|sob demanda|preempti*|contrato|contract|sign*|assinar"),
    ("gpu-need", "need|cpu|cpus|necessary|necessari*|precis*|sem gpu|without gpu*|overkill|exagero|xgboost|embedding*"),
)  # fmt: skip


def _topic(wanted: str, reading: Reading) -> str | None:
    """What a recommendation is about; the first that fits."""
    if wanted == "fit" and reading.says(cues.SIZING):
        return "sizing"
    if wanted != "advise":
        return None
    if reading.paid or (reading.sums and not reading.says("buy*|comprar|own*|propri*")):
        return "quote"
    for name, phrases in _TOPICS:
        if reading.says(phrases):
            return name
    return "gpu-need" if reading.has("workload") else None


_CONTENT = Pattern(r"[a-z][a-z0-9-]{3,}")


def _unused(draft: Draft) -> tuple[str, ...]:
    """Content words that nothing took: said back, so that nobody thinks they counted."""
    rest = draft.rest.replace(CARD, " ").replace(SELLER, " ")
    words = [word for word in _CONTENT.findall(rest) if word not in COMMAND_WORDS]
    if words:
        from bot.understanding.vocabulary import KNOWN

        words = [word for word in words if word not in KNOWN]
    return tuple(dict.fromkeys(words))[:8]
