"""A Question put back into words that `understand` reads the same way: follow-ups and buttons."""

from __future__ import annotations

from bot.question import Lang, Question
from bot.wording import card_name, wording

_VERB: dict[str, tuple[str, str]] = {
    "compare": ("compare", "comparar"),
    "price": ("price", "preço"),
    "estimate": ("estimate", "estimar"),
    "budget": ("budget", "orçamento"),
    "history": ("history", "histórico"),
    "provider": ("provider", "fornecedor"),
    "watch": ("watch", "monitorar"),
    "digest": ("digest", "resumo"),
    "sources": ("sources", "de onde vêm os preços?"),
    "help": ("help", "ajuda"),
    "fit": ("fit", "quais GPUs para"),
}


def phrase(question: Question, lang: Lang | None = None) -> str:
    """Words for this question in its language (or the given one)."""
    lang = lang or question.lang
    pt = lang == "pt"
    words: list[str] = []
    if question.intent in _VERB:
        words.append(_VERB[question.intent][pt])
    elif not pt:
        words.append("cheapest")
    if question.budget_usd is not None:
        words.append(f"{'US$ ' if pt else '$'}{wording(lang).number(question.budget_usd)}")
    words += _cards(question)
    if pt and question.intent == "cheapest":
        words.append("mais barata")
    if question.tier:
        words.append(_tier(question.tier, pt=pt))
    words += _providers(question, pt=pt)
    if question.region:
        words.append(wording(lang).in_region(question.region))
    if question.billing:
        words.append(_billing(question.billing, pt=pt))
    if question.max_price is not None:
        money = wording(lang).money(question.max_price)
        words.append(f"por menos de {money}" if pt else f"under {money}")
    if question.hours is not None:
        words.append(_length(question.hours, pt=pt))
    if question.period_days is not None:
        words.append(f"{question.period_days} dias" if pt else f"{question.period_days}d")
    if question.threshold is not None:
        sign = ">" if question.direction == "above" else "<"
        words.append(f"{sign} {wording(lang).number(question.threshold, 2)}")
    if question.model:
        words.append(question.model)
    if question.limit is not None:
        words.append(f"top {question.limit}")
    return " ".join(words)


def _cards(question: Question) -> list[str]:
    memory = f"{question.memory_gb:g}GB" if question.memory_gb else ""
    if len(question.variants) > 1:
        memory = " vs ".join(f"{size:g}GB" for size in question.variants)
    if not question.accelerators:
        return [f"GPU {memory}"] if memory else []
    names = [card_name(name) for name in question.accelerators]
    if question.count:
        names[0] = f"{question.count}x {names[0]}"
    if len(names) == 1:
        return [part for part in (names[0], memory, question.form_factor or "") if part]
    return [" ".join(part for part in (names[0], memory) if part), *names[1:]]


def _providers(question: Question, *, pt: bool) -> list[str]:
    words = []
    if question.providers:
        joint = " vs " if question.intent == "compare" else " ou " if pt else " or "
        names = joint.join(question.providers)
        bare = question.intent in ("compare", "provider")
        words.append(names if bare else f"{'na' if pt else 'on'} {names}")
    if question.exclude_providers:
        excluded = (" e " if pt else " and ").join(question.exclude_providers)
        words.append(f"{'sem ser' if pt else 'not'} {excluded}")
    return words


def _tier(tier: str, *, pt: bool) -> str:
    return {
        "hyperscaler": ("hyperscaler", "hyperscaler"),
        "microcloud": ("microcloud", "micronuvem"),
        "marketplace": ("marketplace", "marketplace"),
    }[tier][pt]


def _billing(billing: str, *, pt: bool) -> str:
    return {
        "on-demand": ("on demand", "sob demanda"),
        "spot": ("spot", "spot"),
        "reserved": ("reserved", "reservada"),
    }[billing][pt]


def _length(hours: float, *, pt: bool) -> str:
    return f"por {hours:g} horas" if pt else f"for {hours:g} hours"
