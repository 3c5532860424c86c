"""A Question put back into words: buttons, follow-ups, and the line "Read as".

The grammar is data of the language packs (`bot/language/*/phrase.toml`): a sentence a kind of
question, and a few words for each thing that a question may state.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from bot.core.question import Question
from bot.core.wording import Wording, card_name, wording
from bot.language import Lang
from knowledge.facts.compliance import title

_HOLES = {"cards": "cards", "stated_cards": "cards", "names": "providers", "model_name": "model", "paid": "paid_price", "topic": "topic"}  # fmt: skip
"""Holes of a sentence that are no part by name, and what they state."""
_INTERCONNECTS = {"infiniband": "InfiniBand", "roce": "RoCE", "ethernet": "Ethernet", "nvlink": "NVLink"}  # fmt: skip
Entry = str | list[str]


def phrase(question: Question, lang: Lang | None = None) -> str:
    """Words for this question in its language (or the given one), which `understand` reads alike."""
    lang = lang or question.lang
    say = wording(lang)
    grammar = say.pack["phrase"]
    parts = dict(_parts(question, say, grammar["parts"]))
    stated = _cards(question, say, joint=_joint(question, say))
    names = [say.provider(name) for name in question.providers]
    special = {
        "cards": stated or grammar["names"]["gpu"],
        "stated_cards": stated,
        "names": say.listing(names),
        "model_name": _model(question.model),
        "topic": _command(question, say),
        "paid": say.money(question.paid_price) if question.paid_price is not None else "",
    }
    for template in _sentences(question, grammar["sentences"]):
        holes = re.findall(r"{(\w+)}", template)
        filled = {hole: special[hole] if hole in special else parts.get(hole, "") for hole in holes}
        if all(filled.values()):
            used = {_HOLES.get(hole, hole) for hole in holes}
            words = [template.format(**filled)]
            if stated and "cards" not in used:
                words.append(stated)
            break
    else:
        return question.text or phrase(question._replace(intent="help"), lang)
    words += [text for name, text in parts.items() if name not in used]
    asks = words[0].endswith("?")
    words[0] = words[0].removesuffix("?")
    return " ".join(words).replace(" ,", ",") + ("?" if asks else "")


def read_as(question: Question, lang: Lang | None = None) -> str:
    """One small line: "Read as: cheapest · 8x H100 SXM · Europe · on demand"."""
    say = wording(lang or question.lang)
    grammar = say.pack["phrase"]
    parts = dict(_parts(question, say, grammar["labels"]))
    topic = grammar["topics"].get(question.topic or "")
    cards = _cards(question, say, joint=", ")
    words = [topic or grammar["intents"][question.intent], cards, *parts.values()]
    parts_said = " · ".join(dict.fromkeys(word for word in words if word))
    if question.unused:
        names = ", ".join(question.unused)
        return say.t("Read as: {parts} (only mentioned: {names})", parts=parts_said, names=names)
    return say.t("Read as: {parts}", parts=parts_said)


def order(name: str, lang: Lang, **values: object) -> str:
    """Words that change an order which stands ("digest stop #3"); `name` is one of the pack's."""
    words: str = wording(lang).pack["phrase"]["orders"][name]
    return words.format(**values)


def _sentences(question: Question, sentences: dict[str, list[str]]) -> Iterator[str]:
    """The templates for this kind of question, the most exact first."""
    names = [question.intent]
    if question.topic:
        names.insert(0, f"{question.intent}_{question.topic}")
    if (question.count or 1) > 1:
        names.insert(0, f"{question.intent}_many")
    for name in names:
        yield from sentences.get(name, ())


def _joint(question: Question, say: Wording) -> str:
    """What stands between several cards: both are compared, either will do."""
    return f" {say.pack['and' if _together(question) else 'or']} "


def _together(question: Question) -> bool:
    """Whether several cards or providers are all meant, not one or the other."""
    from bot.core.command import BY_NAME  # which lean on answers, and these on this

    known = BY_NAME.get(question.intent)
    return known is not None and known.side_by_side


def _cards(question: Question, say: Wording, *, joint: str) -> str:
    """ "8x A100 80 GB SXM", "A100 40 GB and 80 GB", "GPU with at least 48 GB"; "" when none is named."""
    names: dict[str, str] = say.pack["phrase"]["names"]
    cards = [card_name(name) for name in question.accelerators] + list(question.unknown)
    if not cards:
        memory = names["gpu_with"].format(memory=say.memory(question.memory_gb)) if question.memory_gb else ""  # fmt: skip
        counted = names["counted"].format(count=question.count, card=memory or names["gpu"])
        return counted if question.count else memory
    first = [cards[0]]
    if len(question.variants) > 1:
        first.append(joint.join(say.memory(size) for size in question.variants))
    elif question.memory_gb:
        first.append(say.memory(question.memory_gb))
    if question.form_factor:
        first.append(question.form_factor)
    cards[0] = " ".join(first)
    if question.count:
        cards[0] = names["counted"].format(count=question.count, card=cards[0])
    return joint.join(cards)


def _parts(
    question: Question, say: Wording, entries: dict[str, Entry]
) -> Iterator[tuple[str, str]]:
    """What the question states beside its cards, part by part, in the order of the pack."""
    held = _held(question, say, sentence=entries is say.pack["phrase"]["parts"])
    for name, entry in entries.items():
        if name not in held:
            continue
        values = held[name]
        if isinstance(entry, list):
            entry = entry[0 if values["count"] == 1 else 1]  # noqa: PLW2901
        yield name, entry.format(**values)


class _Held:
    """The parts that a question states -> the values that the words of each part need."""

    def __init__(self, say: Wording) -> None:
        self.say = say
        self.words: dict[str, str] = say.pack["phrase"]["names"]
        self.parts: dict[str, dict[str, Any]] = {}

    def named(self, part: str, value: str | None) -> None:
        if value:
            self.parts[part] = {"name": self.words.get(value, value)}

    def listed(self, part: str, values: Sequence[str], last: str = "and") -> None:
        if values:
            names = [self.words.get(value, value) for value in values]
            self.parts[part] = {"names": self.say.listing(names, last=last)}

    def counted(self, part: str, value: float | None) -> None:
        if value is not None:
            thousands = value >= 1024 and value % 1024 == 0
            number = self.say.number
            shown = f"{number(value / 1024)}k" if thousands else number(value)
            self.parts[part] = {"n": shown, "count": value}

    def priced(self, part: str, value: float | None) -> None:
        if value is not None:
            whole = value >= 100 and value % 1 == 0
            self.parts[part] = {"price": self.say.money(value, 0 if whole else None)}

    def flagged(self, part: str, *, value: bool | None) -> None:
        if value:
            self.parts[part] = {}


def _held(question: Question, say: Wording, *, sentence: bool) -> dict[str, dict[str, Any]]:
    """Part -> the values its words need; only parts that the question states."""
    held = _Held(say)
    _hold_offers(held, question, say.in_region if sentence else say.region)
    _hold_job(held, question)
    _hold_order(held, question)
    for part in ("gpu_hours", "years", "egress_tb", "limit"):
        held.counted(part, getattr(question, part))
    for part in ("max_price", "paid_price", "api_price", "api_bill", "kwh_price", "capex_usd"):
        held.priced(part, getattr(question, part))
    held.priced("budget", question.budget_usd)
    if question.hours is not None:
        held.parts["hours"] = {"length": say.hours(question.hours)}
    if question.utilisation is not None:
        held.parts["utilisation"] = {"share": say.percent(question.utilisation)}
    if question.amount is not None:
        held.parts["amount"] = {"n": say.number(question.amount), "code": question.currency or ""}
    elif question.currency:
        held.parts["currency"] = {"code": question.currency}
    held.listed("compliance", [title(name) for name in question.compliance])
    held.listed("circumstances", question.circumstances)
    held.listed("rules", question.rules)
    for part in ("data_sensitivity", "urgency", "action", "per_dollar"):
        held.named(part, getattr(question, part))
    return held.parts


def _hold_offers(held: _Held, question: Question, place: Callable[[str], str]) -> None:
    """Which offers are meant, beside the card."""
    say = held.say
    held.counted("nodes", question.nodes)
    fabric = _INTERCONNECTS.get(question.interconnect or "", question.interconnect)
    held.named("interconnect", fabric)
    held.listed("instance_types", question.instance_types)
    held.listed("own", [card_name(name) for name in question.own])
    held.listed("tier", [question.tier] if question.tier else [])
    held.listed("exclude_tiers", question.exclude_tiers, "nor")
    together = "and" if _together(question) else "or"
    held.listed("providers", [say.provider(name) for name in question.providers], together)
    excluded = [say.provider(name) for name in question.exclude_providers]
    held.listed("exclude_providers", excluded, "nor")
    regions = [question.region] if question.region else question.regions
    held.listed("region", [place(code) for code in regions], "or")
    held.listed("exclude_regions", [place(code) for code in question.exclude_regions], "nor")
    several = question.billing == "reserved" and (question.count or 1) > 1
    held.named("billing", f"{question.billing}_many" if several else question.billing)
    held.listed("exclude_billing", question.exclude_billing, "nor")
    held.flagged("any_region", value=question.any_region)
    held.flagged("any_provider", value=question.any_provider)


def _hold_job(held: _Held, question: Question) -> None:
    """What the GPUs are for."""
    held.named("model", _model(question.model))
    for part in ("workload", "precision", "cache_precision"):
        held.named(part, getattr(question, part))
    for part in ("tokens_per_month", "train_tokens", "input_tokens", "output_tokens"):
        if (volume := getattr(question, part)) is not None:
            held.parts[part] = {"amount": held.say.tokens(volume)}
    for part in (
        "context_tokens", "concurrency", "tokens_per_second", "epochs", "documents", "audio_hours", "images",
    ):  # fmt: skip
        held.counted(part, getattr(question, part))


def _hold_order(held: _Held, question: Question) -> None:
    """What is to be done again, when, and what is to become of what stands."""
    say = held.say
    if question.numbers:
        held.parts["numbers"] = {"names": " ".join(f"#{number}" for number in question.numbers)}
    # "Every month" is a rhythm: it says nothing about which orders are meant.
    held.flagged("everything", value=question.everything and not question.every)
    side = question.direction or ("above" if question.rising else "below")
    held.priced(f"threshold_{side}", question.threshold)
    if question.percent is not None:
        held.parts[f"percent_{side}"] = {"share": say.percent(question.percent / 100)}
    else:
        held.flagged("rising", value=question.rising)
    held.counted("for_days" if question.percent is None else "within_days", question.days)
    held.flagged("remind", value=question.remind)
    held.counted("period_days", question.period_days)
    held.counted("month_day", question.month_day)
    schedule = question.schedule
    if schedule is None or not schedule.weekday:
        held.named("every", question.every)
    for part in ("weekday", "time", "tz") if schedule is not None else ():
        held.named(part, getattr(schedule, part))


def _command(question: Question, say: Wording) -> str:
    """The command that help is asked about, by the word that names it."""
    known = say.pack["commands"].get(question.topic or "")
    return next(iter(known["words"]), question.topic) if known and question.topic else ""


@cache
def _model(slug: str | None) -> str:
    """ "Llama 3 70B" of "llama-3-70b"; a name we do not know stays as it was written."""
    if not slug:
        return ""
    from knowledge.sizing.models import resolve

    known = resolve(slug)
    if known is not None:
        return known.name
    return slug.upper() if re.fullmatch(r"[\d.]+b", slug) else slug
