"""Fields of a Question, put together from what each mention is there for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.understanding import features
from bot.understanding.linear import Weights
from bot.understanding.reading import DAYS, HOURS, Mention, Reading
from bot.understanding.roles import FIELDS, Role


def fields(
    reading: Reading,
    intent: str,
    chosen: list[Role],
    weights: Weights,
    before: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Question fields by name from the chosen roles."""
    found: dict[str, Any] = {}
    allowed = FIELDS[intent]
    _subject(found, reading, chosen)
    count = _count(found, chosen)
    if count is not None:
        found["count"] = int(count)
    _lengths(found, chosen, intent)
    held = {
        name: before[name]
        for name in ("count", "nodes", "accelerators")
        if before and name in before
    }
    _money(found, reading, chosen, intent, weights, held)
    _job(found, reading, chosen)
    _schedule(found, reading, intent)
    if intent in ("provider", "advise", "fit"):
        found["topic"] = _topic(reading, found, intent, weights)
        allowed = allowed | {"topic"}
    return {
        name: value
        for name, value in found.items()
        if name in allowed and value not in (None, (), [])
    }


def _of(chosen: list[Role], kinds: tuple[str, ...], role: str = "wanted") -> list[Mention]:
    return [one.mention for one in chosen if one.mention.kind in kinds and one.name == role]


def _unique(values: list[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(value for value in values if value is not None))


_TOPICS = (
    ("buy", "buy"), ("timing", "timing"), ("alternatives", "alternatives"), ("concentration", "concentration"),
    ("tier", "tier"), ("billing", "billing"), ("need", "gpu-need"),
)  # fmt: skip
"""Cue -> topic, the first that is said."""


def _topic(reading: Reading, found: dict[str, Any], intent: str, weights: Weights) -> str | None:
    """What a vendor charges beside the GPU, and how it is paid: said by its words."""
    cues = {cue for unit in reading.units for cue in unit.cues}
    for cue, topic in (("paying", "payment"), ("egressing", "egress"), ("storing", "storage")):
        if cue in cues and intent != "fit" and not found.get("paid_price"):
            return topic
    if sum(unit.key not in ".?!," for unit in reading.units) < 2:
        return None
    if intent == "advise" and "swap" in cues and len(found.get("accelerators", ())) > 1:
        return "alternatives"  # "MI300X instead of H200"
    if "sizing" in cues:
        return "sizing"
    if intent != "advise":
        return None
    if found.get("paid_price") or (found.get("amount") and "topic buy" not in cues):
        return "quote"
    for cue, topic in _TOPICS:
        if f"topic {cue}" in cues:
            return topic
    words = features.words_of(reading)
    return weights.models["topic"].probabilities(features.of_text(reading), words)[0][1]


_CERTAIN = 0.95
"""A term that is something else than this surely is still a term of a quote."""
_BEFORE_OWN = 4
"""Words before a card within which "my", "I have a" stands."""


def _owned(reading: Reading) -> list[str]:
    """Cards that the words before them say the asker has, whatever else they are there for."""
    cards = []
    for place, unit in enumerate(reading.units):
        if unit.mention < 0 or reading.mentions[unit.mention].kind != "card":
            continue
        before = reading.units[max(0, place - _BEFORE_OWN) : place]
        near = [other for other in before if other.key not in (".", "?", ",")]
        if len(near) == len(before) and any(
            "own card" in other.cues for other in near if other.mention < 0
        ):
            cards.append(str(reading.mentions[unit.mention].value))
    return cards


def _subject(found: dict[str, Any], reading: Reading, chosen: list[Role]) -> None:
    cards = [
        mention
        for role in ("wanted", "refused", "card")
        for mention in _of(chosen, ("card", "instance"), role)
    ]
    cards.sort(key=lambda mention: mention.start)
    found["accelerators"] = _unique(
        [m.value if m.kind == "card" else m.detail.accelerator for m in cards]
    )
    found["own"] = _unique([m.value for m in _of(chosen, ("card",), "own")] + _owned(reading))
    machines = [m for m in _of(chosen, ("instance",)) if m in cards]
    found["instance_types"] = _unique([m.detail.name for m in machines])
    named = [m.value for m in _of(chosen, ("provider",))]
    found["providers"] = _unique(named + [m.detail.provider for m in machines])
    excluded = [m.value for m in _of(chosen, ("provider",), "excluded")]
    # "no quota for p5.48xlarge, who else?": the card is wanted, its vendor is not
    excluded += [m.detail.provider for m in _of(chosen, ("instance",), "refused")]
    found["exclude_providers"] = tuple(
        name for name in _unique(excluded) if name not in found["providers"]
    )
    places = list(_unique([m.value for m in _of(chosen, ("place", "region-code"))]))
    if len(places) > 1:
        from knowledge.facts.regions import geo_of

        groups = {geo_of(place) for place in places}
        places = [place for place in places if place not in groups]
    if len(places) == 1:
        found["region"] = places[0]
    elif places:
        found["regions"] = tuple(places)
    found["exclude_regions"] = _unique(
        [m.value for m in _of(chosen, ("place", "region-code"), "excluded")]
    )
    for field, kind in (("billing", "billing"), ("tier", "tier")):
        wanted = _unique([m.value for m in _of(chosen, (kind,))])
        if len(wanted) == 1:
            found[field] = wanted[0]
        refused = _unique([m.value for m in _of(chosen, (kind,), "excluded")])
        if refused:
            found["exclude_tiers" if kind == "tier" else "exclude_billing"] = tuple(
                r for r in refused if r not in wanted
            )
    sizes = _unique([m.value for m in _of(chosen, ("memory",))])
    card = found["accelerators"][0] if len(found["accelerators"]) == 1 else None
    if card:
        from knowledge.facts.accelerators import settled_memory

        sizes = _unique([settled_memory(card, size) if size > 12 else size for size in sizes])
    if len(sizes) == 1:
        found["memory_gb"] = _plain(sizes[0])
    elif len(sizes) > 1 and card:
        found["variants"] = tuple(_plain(size) for size in sizes)
    form = _unique(
        [m.value for m in reading.mentions if m.kind == "form" and not _negated(m, reading)]
        + [m.detail for m in cards if m.kind == "card" and m.detail]
    )
    if len(form) == 1:
        found["form_factor"] = form[0]
    links = _unique([m.value for m in reading.mentions if m.kind == "interconnect"])
    if links:
        found["interconnect"] = links[0]


def _negated(mention: Mention, reading: Reading) -> bool:
    """Whether a word of refusal stands right before a mention: "not the SXM"."""
    for place, unit in enumerate(reading.units):
        if unit.mention >= 0 and reading.mentions[unit.mention] is mention:
            return features.refused_before(reading, place)
    return False


def _plain(number: float) -> float:
    return int(number) if float(number).is_integer() else round(number, 4)


def _count(found: dict[str, Any], chosen: list[Role]) -> float | None:
    counted = [one for one in chosen if one.mention.kind == "number" and one.name == "count"]
    if counted:
        best = max(counted, key=lambda one: one.probability)
        if isinstance(best.mention.detail, tuple):
            _, machines, each = best.mention.detail
            found["nodes"] = machines
        return float(best.mention.value)
    machines = [
        one.mention.detail
        for one in chosen
        if one.mention.kind == "instance" and one.name != "other"
    ]
    counts = {machine.count for machine in machines}
    if machines and len(counts) == 1:
        each = counts.pop()
        return float(each) if each else None
    return None


def _lengths(found: dict[str, Any], chosen: list[Role], intent: str) -> None:
    hours = [one for one in chosen if one.mention.kind == "time" and one.name == "hours"]
    if hours:
        written = [one for one in hours if one.mention.value.written]
        best = max(written or hours, key=lambda one: one.probability)
        # the terms of several quotes belong to none of them in common
        terms = {
            one.mention.value.hours
            for one in chosen
            if one.mention.kind == "time"
            and one.mention.value.written
            and one.mention.value.hours >= 700
            and (one.name == "hours" or (one.runner_up == "hours" and one.probability < _CERTAIN))
        }
        if intent != "quotes" or len(terms) < 2:
            found["hours"] = _plain(round(best.mention.value.hours, 5))
    periods = [one for one in chosen if one.mention.kind == "time" and one.name == "period"]
    if periods:
        best = max(periods, key=lambda one: one.probability)
        length = best.mention.value
        days = length.number * DAYS[length.unit]
        if length.unit == "month" and length.number >= 12 and length.number % 12 == 0:
            days = length.number / 12 * 365
        elif length.unit == "year" and length.number == 0.5:
            days = DAYS["semester"]
        found["period_days"] = int(days) or None


def _job(found: dict[str, Any], reading: Reading, chosen: list[Role]) -> None:
    named = _unique([m.value for m in _of(chosen, ("model",))])
    if named:
        found["model"] = named[0]
    jobs = _unique([m.value for m in _of(chosen, ("workload",))])
    if jobs:
        order = (
            "embeddings",
            "classical-ml",
            "fine-tuning",
            "rendering",
            "training",
            "inference",
            "batch",
            "dev",
        )
        found["workload"] = min(jobs, key=order.index)
    precision = _unique([m.value for m in reading.mentions if m.kind == "precision"])
    if precision:
        found["precision"] = precision[0]
    compliance = _unique([m.value for m in reading.mentions if m.kind == "compliance"])
    found["compliance"] = compliance
    found["unknown"] = _unique([m.value for m in reading.mentions if m.kind == "unknown-card"])
    for mention in reading.mentions:
        if mention.kind == "limit":
            found["limit"] = int(mention.value)
        elif mention.kind == "gpu-hours":
            found["gpu_hours"] = max(_plain(mention.value), found.get("gpu_hours", 0))
        elif mention.kind == "people":
            found.setdefault("concurrency", int(mention.value))
    _tokens(found, reading)
    percents = [(place, unit) for place, unit in enumerate(reading.units) if unit.key == "#percent"]
    for place, unit in percents:
        near = {cue for other in reading.units[max(0, place - 4) : place + 5] for cue in other.cues}
        share = float(reading.mentions[unit.mention].value)
        if "use" in near and 0 < share <= 100:
            found["utilisation"] = round(share / 100, 4)
        else:
            found.setdefault("percent", share)


_CONTEXT_SIZES = (8, 16, 32, 64, 128, 256)


def _by_month(reading: Reading) -> bool:
    """Whether a text speaks of months: a bill a month, use a month."""
    return any(
        (m.kind == "money" and "month" in m.value.per)
        or (m.kind == "time" and m.value.unit == "month")
        for m in reading.mentions
    )


def _tokens(found: dict[str, Any], reading: Reading) -> None:
    """Context length, and tokens a month, from numbers that stand beside the words for them."""
    for place, unit in enumerate(reading.units):
        if unit.mention < 0:
            continue
        mention = reading.mentions[unit.mention]
        if mention.kind not in ("tokens", "number"):
            continue
        near = [
            other for other in reading.units[max(0, place - 3) : place + 4] if other is not unit
        ]
        cues = {cue for other in near for cue in other.cues}
        amount = float(mention.value)
        if mention.kind == "tokens":
            every = next(
                (
                    reading.mentions[other.mention].value
                    for other in reading.units[place + 1 : place + 4]
                    if other.mention >= 0 and reading.mentions[other.mention].kind == "time"
                ),
                None,
            )
            if every is None and amount >= 1e6 and _by_month(reading):
                found["tokens_per_month"] = _plain(amount)
            elif every is not None and amount >= 1000:
                found["tokens_per_month"] = _plain(
                    amount * round(HOURS["month"] / every.hours, 6)
                    if every.unit != "day"
                    else amount * 30
                )
                if every.unit == "month":
                    found["tokens_per_month"] = _plain(amount)
                continue
        if "context" in cues and amount >= 256:
            thousands = amount / 1000
            if (
                thousands in _CONTEXT_SIZES
                and reading.text[mention.start : mention.end].lower().find("k") > 0
            ):
                amount = thousands * 1024
            found["context_tokens"] = int(amount)


def _schedule(found: dict[str, Any], reading: Reading, intent: str) -> None:
    from bot.core.question import Schedule

    if intent not in ("digest", "digest_stop", "watch"):
        return
    cues = {cue for unit in reading.units for cue in unit.cues}
    weekdays = [m.value for m in reading.mentions if m.kind == "weekday"]
    weekday = weekdays[-1 if "swap" in cues else 0] if weekdays and "workday" not in cues else None
    clock = next(
        (
            m.value
            for m in sorted(
                reading.mentions, key=lambda m: bool(m.detail) if m.kind == "clock" else True
            )
            if m.kind == "clock"
        ),
        None,
    )
    zone = next((zone_name(m) for m in reading.mentions if m.kind == "zone"), None)
    if zone is None and clock:
        at = next(m.end for m in reading.mentions if m.kind == "clock" and m.value == clock)
        zone = next(
            (
                _city_zone(str(m.detail))
                for m in reading.mentions
                if m.kind == "place" and 0 <= m.start - at <= 12
            ),
            None,
        )
    if weekday or clock or zone:
        found["schedule"] = Schedule(weekday, clock, zone)


def _city_zone(city: str) -> str | None:
    """The zone of a city that stands right after a time of day: "at 9h Madrid"."""
    from bot.understanding.lexicon import matches, tokens

    for phrase in (f"{city} time", f"hora de {city}", f"horario de {city}"):
        words = tokens(phrase)
        for length, entries in matches(words, 0):
            if length == len(words):
                return next((entry.value for entry in entries if entry.kind == "zone"), None)
    return None


def zone_name(mention: Mention) -> str | None:
    """The IANA name of a zone as written."""
    value = str(mention.value)
    if "/" in value and value.islower():
        from zoneinfo import available_timezones

        return next((name for name in available_timezones() if name.lower() == value), None)
    return value


def _money(
    found: dict[str, Any],
    reading: Reading,
    chosen: list[Role],
    intent: str,
    weights: Weights,
    held: Mapping[str, Any],
) -> None:
    """`held` is what the thread's question before says of how many cards a sum is for."""
    ranges = weights.facts["ranges"]
    sums = [
        one
        for one in chosen
        if one.mention.kind in ("money", "number")
        and one.name in ("budget", "max", "paid", "threshold", "amount")
    ]
    for one in sums:
        money = one.mention
        foreign = money.kind == "money" and money.value.currency not in (None, "USD")
        if foreign:
            found.setdefault("currency", money.value.currency)
            found.setdefault("amount", _plain(money.value.amount))
    if "currency" not in found:
        bare = [
            m
            for m in reading.mentions
            if (m.kind == "currency" or (m.kind == "money" and m.value.currency))
            and not _negated(m, reading)
        ]
        named = _unique([m.value if m.kind == "currency" else m.value.currency for m in bare])
        if named and named[-1] != "USD" and (len(named) == 1 or bare[-1].kind == "currency"):
            found["currency"] = named[-1]
    for role, field in (
        ("budget", "budget_usd"),
        ("max", "max_price"),
        ("paid", "paid_price"),
        ("threshold", "threshold"),
    ):
        fitting = [
            one
            for one in sums
            if one.name == role
            and not (
                one.mention.kind == "money" and one.mention.value.currency not in (None, "USD")
            )
        ]
        if not fitting:
            continue
        best = max(fitting, key=lambda one: one.probability)
        if role == "budget":
            found[field] = _plain(
                best.mention.value.amount if best.mention.kind == "money" else best.mention.value
            )
            every = (
                [
                    HOURS[unit]
                    for unit in best.mention.value.per
                    if unit in ("month", "year", "week")
                ]
                if best.mention.kind == "money"
                else []
            )
            if every and "hours" not in found:
                found["hours"] = _plain(every[0])  # "$10k a month for GPUs"
        else:
            found[field] = _plain(
                round(per_gpu_hour(best.mention, reading, {**held, **found}, ranges), 6)
            )
    if intent == "watch" and ("threshold" in found or "amount" in found):
        found["direction"] = (
            _direction(reading, chosen)
            or (
                weights.models["direction"].probabilities(
                    features.of_text(reading), features.words_of(reading)
                )[0][1]
            )
        )


def _direction(reading: Reading, chosen: list[Role]) -> str | None:
    """`below` or `above` by the words right before the amount; None where there are none."""
    amount = next(
        (one.mention for one in chosen if one.name in ("threshold", "amount", "max")), None
    )
    place = next(
        (
            p
            for p, unit in enumerate(reading.units)
            if unit.mention >= 0 and reading.mentions[unit.mention] is amount
        ),
        None,
    )
    if place is None:
        return None
    for unit in reversed(reading.units[max(0, place - 6) : place]):
        falls, rises = "falls" in unit.cues, "rises" in unit.cues
        if falls != rises:
            return "below" if falls else "above"
    return None


def per_gpu_hour(
    mention: Mention, reading: Reading, found: dict[str, Any], ranges: dict[str, list[float]]
) -> float:
    """A price as written, divided to one GPU for one hour where the words or the card's usual
    prices say that it is for more."""
    if mention.kind == "money":
        amount, per = float(mention.value.amount), mention.value.per
    else:
        amount, per = float(mention.value), frozenset()
    span = next(
        (
            HOURS[unit]
            for unit in ("second", "minute", "day", "week", "month", "quarter", "year")
            if unit in per
        ),
        None,
    )
    near = _near(mention, reading)
    if span is None and "hour" not in per and amount >= 150:
        span = _span_of(mention, reading) or float(found.get("hours") or 0) or None
        if span is None and amount >= 400:
            span = HOURS["month"]
    if span:
        amount /= span
    machines = [m.detail.count for m in reading.mentions if m.kind == "instance" and m.detail.count]
    count = float(found.get("count") or (machines[0] if machines else 1))
    if found.get("gpu_hours") and span is None and not per and amount >= 150:
        return amount / float(found["gpu_hours"])  # a bill for so many GPU-hours
    if "gpu" in per or count <= 1:
        return amount
    if span and "node" not in per and "per gpu" not in near:
        return amount / count  # a sum over weeks or months is for all of them
    nodes = found.get("nodes")
    node = count / nodes if nodes else (float(machines[0]) if machines else count)
    cards = found.get("accelerators") or ()
    usual = [ranges[card] for card in cards if card in ranges]
    low = min((r[0] for r in usual), default=0.05)
    high = max((r[1] for r in usual), default=12.0)
    if "node" in per or "cluster" in per:
        return amount / node
    alone = low / 3 <= amount <= high * 1.2
    if "per gpu" in near and alone:
        return amount
    divided = [
        amount / size
        for size in dict.fromkeys((node, count))
        if low / 3 <= amount / size <= high * 1.5
    ]
    if "whole" in near and divided:
        return divided[0]
    if not alone and divided:
        return divided[-1] if span and len(divided) > 1 else divided[0]
    return amount


def _span_of(mention: Mention, reading: Reading) -> float | None:
    """Hours of the length of time that stands nearest to a sum."""
    place = next(
        (
            p
            for p, u in enumerate(reading.units)
            if u.mention >= 0 and reading.mentions[u.mention] is mention
        ),
        None,
    )
    if place is None:
        return None
    lengths = [
        (abs(at - place), reading.mentions[unit.mention].value.hours)
        for at, unit in enumerate(reading.units)
        if unit.mention >= 0
        and reading.mentions[unit.mention].kind == "time"
        and abs(at - place) <= 9
    ]
    lengths = [(distance, hours) for distance, hours in lengths if hours >= 2]
    return float(min(lengths)[1]) if lengths else None


def _near(mention: Mention, reading: Reading) -> set[str]:
    place = next(
        (
            p
            for p, unit in enumerate(reading.units)
            if unit.mention >= 0 and reading.mentions[unit.mention] is mention
        ),
        None,
    )
    if place is None:
        return set()
    return {cue for unit in reading.units[max(0, place - 4) : place + 5] for cue in unit.cues}
