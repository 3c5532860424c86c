"""Roles: what each mention is there for. A learned choice for each mention, then plain rules that
put the chosen ones together as fields of a Question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from bot.understanding.features import Surroundings
from bot.understanding.linear import Weights
from bot.understanding.reading import Mention, Reading

# Which model chooses the role of which kind of mention.
MODEL_OF = {
    "card": "card", "instance": "card", "provider": "filter", "place": "filter", "region-code": "filter", "billing": "filter", "tier": "filter",
    "number": "number", "money": "number", "time": "time", "memory": "memory", "workload": "workload", "model": "workload",
}  # fmt: skip
MODELS = tuple(dict.fromkeys(MODEL_OF.values()))

# The fields that a question of each kind may state.
_SUBJECT = frozenset("accelerators memory_gb count region regions exclude_regions billing providers exclude_providers tier exclude_tiers form_factor interconnect compliance unknown own instance_types nodes variants exclude_billing limit".split())  # fmt: skip
_JOB = frozenset("workload model precision context_tokens concurrency utilisation".split())
_MONEY = frozenset("currency amount".split())
FIELDS: dict[str, frozenset[str]] = {
    "cheapest": _SUBJECT | _JOB | _MONEY | {"max_price", "paid_price", "hours"},
    "price": _SUBJECT | _JOB | _MONEY | {"paid_price", "hours"},
    "compare": _SUBJECT | _JOB | _MONEY | {"hours", "gpu_hours", "paid_price"},
    "estimate": _SUBJECT | _JOB | _MONEY | {"hours", "gpu_hours", "max_price"},
    "budget": _SUBJECT | _JOB | _MONEY | {"hours", "budget_usd", "max_price"},
    "fit": _SUBJECT | _JOB,
    "advise": _SUBJECT | _JOB | _MONEY | {"hours", "paid_price", "gpu_hours"},
    "availability": _SUBJECT | _MONEY | {"hours"},
    "quotes": _SUBJECT | _MONEY | {"hours", "paid_price"},
    "rfq": _SUBJECT | _JOB | _MONEY | {"hours", "paid_price", "gpu_hours", "max_price"},
    "contract": _SUBJECT | _MONEY | {"hours", "paid_price"},
    "contracts": frozenset({"providers", "accelerators"}),
    "provider": frozenset("providers accelerators memory_gb count region billing hours compliance currency amount tier".split()),
    "history": (_SUBJECT - {"count"}) | {"period_days"},
    "watch": _SUBJECT | _MONEY | {"threshold", "direction", "percent"},
    "unwatch": frozenset("accelerators memory_gb providers region billing".split()),
    "watches": frozenset({"accelerators", "providers"}),
    "digest": _SUBJECT | {"schedule", "every", "currency"},
    "digest_stop": frozenset({"accelerators"}),
    "digests": frozenset({"accelerators"}),
    "sources": frozenset({"providers", "accelerators"}),
    "token_cost": _SUBJECT | _JOB | _MONEY | {"hours", "tokens_per_month", "paid_price", "budget_usd"},
    "help": frozenset(), "greeting": frozenset(), "out_of_scope": frozenset(), "forget": frozenset(),
}  # fmt: skip
WHOLE = frozenset(FIELDS) - {
    "help",
    "greeting",
    "out_of_scope",
    "forget",
    "watches",
    "digests",
    "contracts",
    "sources",
}
"""Intents whose questions hold more than a name."""


def left_out(chosen: list[Role]) -> tuple[str, ...]:
    """What was named and narrows nothing, said back to the reader in their own words."""
    return tuple(
        dict.fromkeys(
            str(one.mention.detail or one.mention.value)
            for one in chosen
            if one.name == "other" and one.mention.kind in ("provider", "place", "tier")
        )
    )


# The fields that a role leads to: a role is open to an intent that may state one of them.
_LEADS_TO = {
    "count": "count", "max": "max_price", "paid": "paid_price", "threshold": "threshold", "budget": "budget_usd", "amount": "amount",
    "hours": "hours", "period": "period_days", "own": "own",
}  # fmt: skip


_OF_MACHINES = frozenset({"card", "refused"})
"""Of an instance name: only its card is wanted; its card is, its vendor is not."""
LIKELY = 0.75
_MOST = 60
"""Mentions that are looked at: a pasted document has hundreds."""


class Role(NamedTuple):
    """What one mention is for, and how sure that is."""

    mention: Mention
    name: str
    probability: float
    runner_up: str
    features: list[str]


def roles(
    reading: Reading, intent: str, weights: Weights, before: Mapping[str, Any] | None = None
) -> list[Role]:
    """The role of every mention that has a choice of them, in order. `before` holds the fields of
    the thread's last question where the text goes on with it."""
    around = Surroundings(reading, intent, weights.facts["ranges"], before)
    chosen = [
        _role(around, at, reading.mentions[unit.mention], unit.mention, weights)
        for at, unit in enumerate(reading.units)
        if 0 <= unit.mention < _MOST
    ]
    with_units = {unit.mention for unit in reading.units}
    for index, mention in enumerate(reading.mentions):
        if index < _MOST and index not in with_units and mention.kind == "memory":
            # a card's own memory stands with the card
            place = next(
                (
                    p
                    for p, u in enumerate(reading.units)
                    if u.mention >= 0 and reading.mentions[u.mention].start == mention.start
                ),
                None,
            )
            if place is not None:
                chosen.append(_role(around, place, mention, index, weights))
    known = [role for role in chosen if role is not None]
    return (
        known if before is None else [_in_thread(role, reading, intent, before) for role in known]
    )


_SHORT = 8


def _in_thread(role: Role, reading: Reading, intent: str, before: Mapping[str, Any]) -> Role:
    """A bare number in a short follow-up stands for what the question before had: "make it 16"."""
    mention = role.mention
    if mention.kind != "number" or role.name != "other" or len(reading.units) > _SHORT:
        return role
    value = float(mention.value)
    if (
        not value.is_integer()
        or not 1 <= value <= 100_000
        or mention.detail in ("decimal", "scaled")
    ):
        return role
    if "count" in before and "count" in FIELDS[intent]:
        return role._replace(name="count", probability=0.7)
    return role


def _role(
    around: Surroundings, place: int, mention: Mention, index: int, weights: Weights
) -> Role | None:
    name = MODEL_OF.get(mention.kind)
    if name is None:
        return None
    seen = around.features(place, mention, index)
    allowed = FIELDS[around.intent]
    if mention.kind == "number" and isinstance(mention.detail, tuple) and "count" in allowed:
        return Role(mention, "count", 0.99, "other", seen)  # machines of so many cards
    ranked = [
        (probability, role)
        for probability, role in weights.models[name].probabilities(seen)
        if (_LEADS_TO.get(role) is None or _LEADS_TO[role] in allowed)
        and (mention.kind == "instance" or role not in _OF_MACHINES)
    ]
    if name == "filter" and around.refused(place) == "direct":
        # what stands right after "not", "except", "outside of" is never wanted
        ranked = [(probability, role) for probability, role in ranked if role == "excluded"]
    whole = sum(probability for probability, _ in ranked)
    ranked = [(probability / whole, role) for probability, role in ranked]
    return Role(
        mention, ranked[0][1], ranked[0][0], ranked[1][1] if len(ranked) > 1 else ranked[0][1], seen
    )
