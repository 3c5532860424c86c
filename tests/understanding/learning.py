"""Learning to understand: example lines in, weights out. `make learn` writes the weights that ship.

The same examples give the same weights: files are read in the order of their names, the solver
is deterministic, and nothing is drawn by chance without a fixed seed.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bot.core.question import Question
from bot.understanding import conversation, features, fields, figures, keeping, mentions, roles
from bot.understanding.clean import clean, fold, without_users
from bot.understanding.language import features as language_features
from bot.understanding.linear import FILE, Weights, packed, unpacked
from bot.understanding.reading import DAYS, HOURS, Mention, Reading
from bot.understanding.understand import explained

EXAMPLES = Path(__file__).with_name("examples")
OWN = frozenset({"own", "own-es", "dev"})
"""Files in the bot's own style: right to know, not how people write."""
STRENGTH = 1.0
_MOST_ROLE = 5_500
_MOST_STAYS = 6_000
_MOST_FEATURES = {"intent": 24_000, "follow": 6_500, "lang": 8_000}


SCORED = "accelerators memory_gb count region billing providers exclude_providers tier max_price hours budget_usd model workload schedule threshold direction period_days".split()


def same(a: Any, b: Any) -> bool:
    if isinstance(a, list):
        return isinstance(b, list | tuple) and set(map(str, a)) == set(map(str, b))
    if isinstance(a, dict):
        return a == b
    if isinstance(a, int | float) and isinstance(b, int | float):
        return abs(a - b) < 1e-3 or abs(a - b) <= 1e-3 * abs(a)
    return bool(a == b)


def faults(example: Example, stated: dict[str, Any]) -> list[str]:
    """Fields that are wrong by the contract: missing or other, and "+field" for one too many."""
    want = example.expect
    wrong = []
    for key, value in want.items():
        got = stated.get(key)
        if key == "paid_price" and isinstance(got, int | float):
            if abs(value - got) > 0.02 * abs(value):
                wrong.append(key)
        elif not same(value, got):
            wrong.append(key)
    wrong += [
        f"+{key}"
        for key in SCORED
        if stated.get(key) not in (None, [], {}, ()) and key not in want and key not in example.may
    ]
    return wrong


class Example(NamedTuple):
    """One line of an example file."""

    file: str
    text: str
    lang: str
    expect: dict[str, Any]
    may: frozenset[str]
    after: tuple[str, ...] = ()

    @property
    def weight(self) -> float:
        return 2.5 if self.file in ("own", "dev") else 3.0


def examples(paths: Iterable[Path] | None = None) -> list[Example]:
    """Every example line, single ones and dialogues."""
    found = []
    for path in sorted(paths or EXAMPLES.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                row = json.loads(line)
                found.append(
                    Example(
                        path.stem,
                        row["q"],
                        row["lang"],
                        row["expect"],
                        frozenset(row.get("may", ())),
                        tuple(row.get("after", ())),
                    )
                )
    return found


def short_lines() -> list[Example]:
    """Lines that are labelled with their intent alone: `labels/intents-*.txt`."""
    found = []
    for path in sorted((EXAMPLES.parent / "labels").glob("intents-*.txt")):
        lang, intent = path.stem.rpartition("-")[2], ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("["):
                intent = line.strip("[]")
            elif line.strip():
                found.append(
                    Example("intents", line.strip(), lang, {"intent": intent}, frozenset())
                )
    return found


def topics() -> list[Example]:
    """Questions for advice with their topic, which the contract's lines rarely name."""
    path = EXAMPLES.parent / "labels" / "topics.jsonl"
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found.append(
            Example(
                "topics",
                row["q"],
                row["lang"],
                {"intent": "advise", "topic": row["topic"]},
                frozenset(),
            )
        )
    return found


def digest(paths: Iterable[Path] | None = None) -> str:
    """SHA-256 over the example files, by which weights say what they were learned from."""
    whole = hashlib.sha256()
    for path in sorted(
        paths or [*EXAMPLES.glob("*.jsonl"), *(EXAMPLES.parent / "labels").iterdir()]
    ):
        whole.update(path.name.encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()


def reading_of(text: str, lang: str) -> Reading:
    return figures.combined(mentions.find(without_users(fold(clean(text))), lang))


# -- labels: what the expected fields say of each mention -------------------------------------------


def _near(a: float, b: float, share: float = 1e-3) -> bool:
    return abs(a - b) <= max(1e-3, share * abs(b))


def _sums(mention: Mention, example: Example) -> set[float]:
    """What a sum may stand for, per GPU-hour, by every division that the words could mean."""
    if mention.kind == "money":
        amount, per = mention.value.amount, mention.value.per
    else:
        amount, per = float(mention.value), frozenset()
    count = example.expect.get("count") or 1
    spans = [1.0] + [HOURS[unit] for unit in per if unit in HOURS]
    if amount >= 100:
        spans += [730.0, 8760.0, 168.0, 24.0]
        if example.expect.get("hours"):
            spans.append(example.expect["hours"])
    sizes = {1, count, 8, 4, 2, 16}
    return {amount / span / size for span in spans for size in sizes}


def label(mention: Mention, example: Example, reading: Reading, intent: str) -> str | None:
    """The role that the expected fields give a mention; None where they leave it open."""
    expect, may = example.expect, example.may
    kind, value = mention.kind, mention.value
    if kind in ("card", "instance"):
        name = value if kind == "card" else mention.detail.accelerator
        if name in expect.get("accelerators", ()) and kind == "instance":
            vendor = mention.detail.provider
            if vendor in expect.get("providers", ()) or (vendor and "providers" in may):
                return "wanted"
            return "refused" if vendor in expect.get("exclude_providers", ()) else "card"
        if name in expect.get("accelerators", ()):
            return "wanted"
        if name in expect.get("own", ()):
            return "own"
        return None if "accelerators" in may else "other"
    if kind == "provider":
        if value in expect.get("providers", ()):
            return "wanted"
        if value in expect.get("exclude_providers", ()):
            return "excluded"
        if "exclude_providers" in may:
            return "excluded"
        return None if "providers" in may else "other"
    if kind in ("place", "region-code"):
        if value == expect.get("region") or value in expect.get("regions", ()):
            return "wanted"
        if value in expect.get("exclude_regions", ()):
            return "excluded"
        several = sum(m.kind in ("place", "region-code") for m in reading.mentions) > 1
        return None if "region" in may or (several and "region" not in expect) else "other"
    if kind in ("billing", "tier", "model", "workload"):
        field = kind
        if kind == "model":
            if value == expect.get("model"):
                return "wanted"
            return None if "model" in may else "other"
        if value == expect.get(field):
            return "wanted"
        if value in expect.get("exclude_tiers" if kind == "tier" else "exclude_billing", ()):
            return "excluded"
        return None if field in may else "other"
    if kind in ("form", "interconnect"):
        field = "form_factor" if kind == "form" else "interconnect"
        if value == expect.get(field):
            return "wanted"
        return None
    if kind == "precision":
        return "wanted" if value == expect.get("precision") else None
    if kind == "memory":
        sizes = [expect.get("memory_gb"), *expect.get("variants", ())]
        if any(size is not None and abs(size - value) <= 0.08 * size for size in sizes):
            return "wanted"
        several = len({m.value for m in reading.mentions if m.kind == "memory"}) > 1
        return None if "memory_gb" in may or (several and "memory_gb" not in expect) else "other"
    if kind == "time":
        length = value
        if expect.get("hours") is not None and _near(length.hours, expect["hours"], 2e-3):
            return "hours"
        if (
            expect.get("period_days") is not None
            and abs(length.number * DAYS[length.unit] - expect["period_days"]) <= 6
        ):
            return "period"
        if intent == "quotes" and "hours" not in expect and _terms(reading) > 1:
            return None  # each quote has its own
        return None if may & {"hours", "period_days"} else "other"
    if kind == "money":
        foreign = value.currency not in (None, "USD")
        if foreign:
            if expect.get("amount") is not None and _near(value.amount, expect["amount"]):
                return "amount"
            return None if "amount" in may or "currency" in expect else "other"
        return _sum_label(mention, example)
    if kind == "number":
        if (
            expect.get("count") is not None
            and value == expect["count"]
            and mention.detail != "decimal"
        ):
            same = [m for m in reading.mentions if m.kind == "number" and m.value == value]
            if len(same) == 1 or _beside_card(mention, reading):
                return "count"
            return None
        by_sum = (
            _sum_label(mention, example)
            if not float(value).is_integer() or mention.detail in ("digits", "decimal", "scaled")
            else "other"
        )
        if by_sum not in ("other", None):
            return by_sum
        return None if "count" in may and float(value).is_integer() else "other"
    return None


def _terms(reading: Reading) -> int:
    """How many lengths of a month or more a text names."""
    return len(
        {m.value.hours for m in reading.mentions if m.kind == "time" and m.value.hours >= 700}
    )


def _sum_label(mention: Mention, example: Example) -> str | None:
    expect = example.expect
    amount = mention.value.amount if mention.kind == "money" else float(mention.value)
    for field, role in (("threshold", "threshold"), ("max_price", "max"), ("paid_price", "paid")):
        if expect.get(field) is not None and any(
            _near(each, expect[field], 0.02 if field == "paid_price" else 1e-3)
            for each in _sums(mention, example)
        ):
            if mention.kind == "money" or _near(amount, expect[field]) or amount > 3:
                return role
    if expect.get("budget_usd") is not None and _near(amount, expect["budget_usd"]):
        return "budget"
    if example.may & {"paid_price", "max_price", "budget_usd"}:
        return None
    if "paid_price" not in expect and mention.kind == "money":
        if expect["intent"] == "advise" and example.file in OWN and amount < 100:
            return "paid"  # version 1 of the contract did not name it
        if expect["intent"] in ("advise", "quotes", "rfq", "contract"):
            return None
    return "other"


def _beside_card(mention: Mention, reading: Reading) -> bool:
    units = reading.units
    place = next(
        (
            p
            for p, u in enumerate(units)
            if u.mention >= 0 and reading.mentions[u.mention] is mention
        ),
        None,
    )
    if place is None:
        return False
    return any(
        unit.mention >= 0 and reading.mentions[unit.mention].kind in ("card", "instance")
        for unit in units[max(0, place - 2) : place + 4]
    )


# -- fitting ----------------------------------------------------------------------------------------


class Row(NamedTuple):
    """One thing to learn from."""

    features: list[str]
    label: str
    weight: float


def fit(
    rows: list[Row], *, normed: bool, most: int, strength: float, least: int = 2
) -> dict[str, Any]:
    """One linear model of rows, as `linear.packed` takes it."""
    seen: Counter[str] = Counter()
    for row in rows:
        seen.update(set(row.features))
    kept = sorted(name for name, times in seen.items() if times >= least)
    at = {name: place for place, name in enumerate(kept)}
    idf = (
        np.array([1.0 + math.log(len(rows) / seen[name]) for name in kept])
        if normed
        else np.ones(len(kept))
    )
    data, indices, ends = [], [], [0]
    for row in rows:
        counts = Counter(row.features)
        size = math.sqrt(len(row.features) or 1)
        for name in counts:
            place = at.get(name)
            if place is not None:
                indices.append(place)
                data.append(idf[place] / size if normed else 1.0)
        ends.append(len(indices))
    matrix = csr_matrix((data, indices, ends), shape=(len(rows), len(kept)), dtype=np.float64)
    labels = np.array([row.label for row in rows])
    model = LogisticRegression(C=strength, max_iter=250, tol=1e-3)
    model.fit(matrix, labels, sample_weight=[row.weight for row in rows])
    classes = [str(name) for name in model.classes_]
    weights = model.coef_.T  # features x classes
    bias = model.intercept_
    if len(classes) == 2:
        weights = np.concatenate([-weights / 2, weights / 2], axis=1)
        bias = np.array([-bias[0] / 2, bias[0] / 2])
    weights = weights * idf[:, None]
    strongest = np.sort(np.abs(weights).max(axis=1))
    floor = strongest[-most] if len(strongest) > most else 0.0
    largest = np.quantile(np.abs(weights).max(axis=1), 0.999) if kept else 1.0
    scale = float(largest) / 127 or 1.0
    whole = np.clip(np.rint(weights / scale), -127, 127).astype(np.int8)
    keep = [
        place
        for place in range(len(kept))
        if np.abs(weights[place]).max() >= floor and whole[place].any()
    ]
    return {
        "classes": classes,
        "features": [kept[place] for place in keep],
        "rows": whole[keep].tobytes(),
        "scale": scale,
        "bias": [float(b) for b in bias],
        "normed": normed,
    }


class Prepared(NamedTuple):
    """An example read once: what every fold needs of it."""

    example: Example
    reading: Reading
    words: list[str]
    text_features: list[str]
    all_features: list[str]
    language: list[str]


def prepared(example: Example) -> Prepared:
    reading = reading_of(example.text, example.lang)
    words = features.words_of(reading)
    of_text = features.of_text(reading)
    whole = [*of_text, *(piece for word in words for piece in features.pieces(word))]
    return Prepared(example, reading, words, of_text, whole, language_features(example.text))


def role_rows(
    items: Iterable[Prepared],
    ranges: dict[str, list[float]],
    befores: dict[int, Question] | None = None,
) -> dict[str, list[Row]]:
    """What each mention is for, by the expected fields; those of threads beside their question before."""
    rows: dict[str, list[Row]] = {name: [] for name in roles.MODELS}
    for item in items:
        intent = item.example.expect["intent"]
        before = None
        if item.example.after:
            if befores is None or id(item) not in befores:
                continue
            before = befores[id(item)].fields()
        around = features.Surroundings(item.reading, intent, ranges, before)
        for place, index, mention in placed(item.reading):
            model = roles.MODEL_OF.get(mention.kind)
            if model is None:
                continue
            role = label(mention, item.example, item.reading, intent)
            if (
                role == "other"
                and item.example.file in OWN
                and mention.kind in ("tier", "billing", "place")
            ):
                if around.refused(place) == "direct":
                    role = "excluded"  # version 1 of the contract did not name it
            if role is not None:
                rows[model].append(
                    Row(around.features(place, mention, index), role, item.example.weight)
                )
    return rows


def placed(reading: Reading) -> list[tuple[int, int, Mention]]:
    """(place among the units, index, mention), a card's own memory at the card's place."""
    found = []
    with_units = set()
    for place, unit in enumerate(reading.units):
        if unit.mention >= 0:
            found.append((place, unit.mention, reading.mentions[unit.mention]))
            with_units.add(unit.mention)
    for index, mention in enumerate(reading.mentions):
        if index not in with_units and mention.kind == "memory":
            for place, unit in enumerate(reading.units):
                if unit.mention >= 0 and reading.mentions[unit.mention].start == mention.start:
                    found.append((place, index, mention))
                    break
    return found


def card_ranges() -> dict[str, list[float]]:
    """USD per GPU-hour between which nine tenths of the bundled offers of each card lie."""
    from knowledge.facts import bundled

    prices: dict[str, list[float]] = {}
    for row in bundled.rows("offers"):
        price, count = bundled.number(row["price_usd_per_hour"]), bundled.number(row["count"])
        if price and count:
            prices.setdefault(row["accelerator"], []).append(price / count)
    found = {}
    for card, values in sorted(prices.items()):
        values.sort()
        cut = len(values) // 20
        found[card] = [round(values[cut], 3), round(values[-1 - cut], 3)]
    return found


def learned(
    items: list[Prepared],
    name: str,
    *,
    ask_below: float = 0.0,
    say: bool = False,
    write: Path | None = None,
) -> Weights:
    """Weights from prepared examples."""
    singles = [item for item in items if not item.example.after]
    models: dict[str, dict[str, Any]] = {}

    def tell(what: str) -> None:
        if say:
            print(f"{what} ...", file=sys.stderr, flush=True)

    ranges = card_ranges()
    short = [prepared(example) for example in short_lines()]
    tell("intent")
    models["intent"] = fit(
        [Row(item.all_features, item.example.expect["intent"], item.example.weight) for item in [*singles, *short]],
        normed=True, most=_MOST_FEATURES["intent"], strength=10.0,
    )  # fmt: skip
    tell("language")
    models["lang"] = fit(
        [Row(item.language, item.example.lang, 1.0) for item in [*items, *short]],
        normed=True, most=_MOST_FEATURES["lang"], strength=20.0,
    )  # fmt: skip
    models["direction"] = fit(
        [Row(item.all_features, item.example.expect["direction"], item.example.weight) for item in singles if "direction" in item.example.expect],
        normed=True, most=4_000, strength=20.0,
    )  # fmt: skip
    models["topic"] = fit(
        [
            *(Row(prepared(example).all_features, str(example.expect["topic"]), 1.0) for example in topics()),
            *(Row(item.all_features, item.example.expect["topic"], 1.0) for item in singles
              if item.example.expect["intent"] == "advise" and "topic" in item.example.expect),
        ],
        normed=True, most=4_000, strength=20.0,
    )  # fmt: skip
    facts: dict[str, Any] = {"ranges": ranges, "ask_below": 0.0}
    threads = [item for item in items if item.example.after]
    befores: dict[int, Question] = {}
    # Threads of two texts teach how a thread goes on; then those of more texts can be read.
    for round_ in (1, 2):
        tell(f"roles and threads, round {round_}")
        for model, rows in role_rows(items, ranges, befores).items():
            models[model] = fit(rows, normed=False, most=_MOST_ROLE, strength=STRENGTH)
        if not threads:
            break
        weights = unpacked(packed(models, name, facts))
        chosen = [item for item in threads if round_ == 2 or len(item.example.after) == 1]
        found = {id(item): before_of(item.example, weights) for item in chosen}
        befores = {key: before for key, before in found.items() if before is not None}
        going_on = [item for item in chosen if id(item) in befores]
        models |= _thread_models(going_on, befores, singles, weights)
    data = packed(models, name, facts | {"ask_below": ask_below})
    if write is not None:
        write.write_bytes(data)
    return unpacked(data)


def before_of(example: Example, weights: Weights) -> Question | None:
    """The Question that stands before a dialogue's last text; None when nothing was asked."""
    question = None
    for text in example.after:
        question = explained(text, question, weights).question
    return conversation.standing(question)


_UNLED = ("greeting", "out_of_scope", "help", "sources", "watches", "digests", "contracts")
"""Intents that say the same wherever they stand in a thread."""


def _stay_rows(
    threads: list[Prepared], befores: dict[int, Question], weights: Weights
) -> list[Row]:
    """What of the question before stands after the last text, by the expected fields."""
    rows = []
    for item in threads:
        example, before = item.example, befores[id(item)]
        wanted = example.expect["intent"]
        if wanted in conversation.INHERIT_NOTHING:
            continue
        old = before.fields()
        chosen = roles.roles(item.reading, wanted, weights, old)
        stated = fields.fields(item.reading, wanted, chosen, weights, old)
        found = []
        for field, value in keeping.entries(old, conversation.allowed(wanted)):
            stays = _stays(field, value, example)
            if stays is not None:
                found.append((field, value, stays))
        inherits = any(stays and field not in stated for field, _, stays in found)
        if not inherits and not faults(example, _printed(wanted, stated)):
            continue  # a new question
        around = keeping.Around(item.reading, old, before.intent, wanted, stated)
        rows += [
            Row(around.features(field, value), "stays" if stays else "goes", example.weight)
            for field, value, stays in found
        ]
    return rows


def _stays(field: str, value: Any, example: Example) -> bool | None:
    """Whether an entry of the question before stands in the expected one; None where that is open."""
    expect, may = example.expect, example.may
    if field in keeping.LISTS:
        if value in expect.get(field, ()):
            return True
        return (
            None
            if field in may or (field == "exclude_providers" and field not in expect)
            else False
        )
    if field in expect:
        wanted = expect[field]
        if isinstance(value, int | float) and isinstance(wanted, int | float):
            return _near(float(value), float(wanted))
        if isinstance(wanted, dict):
            return True  # its parts are laid over each other
        if isinstance(value, tuple):
            return set(map(str, value)) == set(map(str, wanted))
        return bool(value == wanted)
    return False if field in SCORED and field not in may else None


def _thread_models(
    threads: list[Prepared], befores: dict[int, Question], singles: list[Prepared], weights: Weights
) -> dict[str, dict[str, Any]]:
    keeps, follow = [], []
    stays = fit(
        _stay_rows(threads, befores, weights), normed=False, most=_MOST_STAYS, strength=STRENGTH
    )
    weights = weights._replace(
        models={**weights.models, **unpacked(packed({"stays": stays}, "", {})).models}
    )

    def seen_of(item: Prepared, before: Question) -> list[str]:
        alone = weights.models["intent"].probabilities(item.text_features, item.words)
        seen = conversation.of_follow(item.reading, before, alone)
        return [*seen, *(piece for word in item.words for piece in features.pieces(word))]

    for item in threads:
        example, before = item.example, befores[id(item)]
        old = before.fields()
        seen = seen_of(item, before)
        wanted = example.expect["intent"]
        goes_on = True
        if wanted not in conversation.INHERIT_NOTHING:
            chosen = roles.roles(item.reading, wanted, weights, old)
            stated = fields.fields(item.reading, wanted, chosen, weights, old)
            fresh = len(faults(example, _printed(wanted, stated)))
            laid = conversation.laid_over(before, dict(stated), wanted, item.reading, weights)
            kept = len(faults(example, _printed(wanted, laid)))
            if fresh != kept:
                goes_on = kept < fresh
                keeps.append(Row(seen, "keeps" if goes_on else "new", example.weight))
        if goes_on:
            follow.append(Row(seen, "same" if wanted == before.intent else wanted, example.weight))
    # Single lines set behind the questions of threads: what asks anew wherever it stands.
    questions = [befores[id(item)] for item in threads]
    for number, item in enumerate(singles):
        before = questions[number * 7 % len(questions)]
        wanted = item.example.expect["intent"]
        if item.example.file in OWN or number % 2:
            continue
        if wanted in _UNLED:
            follow.append(
                Row(seen_of(item, before), "same" if wanted == before.intent else wanted, 1.0)
            )
        elif len(item.words) >= 7 and item.example.expect.get("accelerators"):
            keeps.append(Row(seen_of(item, before), "new", 1.0))
    return {
        "stays": stays,
        "keeps": fit(keeps, normed=True, most=4_000, strength=10.0),
        "follow": fit(follow, normed=True, most=_MOST_FEATURES["follow"], strength=20.0),
    }


def _printed(intent: str, stated: dict[str, Any]) -> dict[str, Any]:
    return Question(intent, **stated).stated()


ASK_BELOW = 0.5
"""Chosen on folds: below it more readings are wrong than right."""


def main() -> None:
    """Learns from every example and writes the weights that ship."""
    every = [prepared(example) for example in examples()]
    print(f"{len(every)} examples", file=sys.stderr)
    weights = learned(every, digest(), ask_below=ASK_BELOW, say=True, write=FILE)
    size = FILE.stat().st_size
    print(f"{len(weights.models)} models, {size / 1e6:.2f} MB: {FILE.name}", file=sys.stderr)


if __name__ == "__main__":
    main()
