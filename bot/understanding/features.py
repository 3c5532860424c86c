"""What the linear models look at: words and their pieces, mentions, cues, neighbours.

Every feature is a string, so that a weight can be read ("b:price #card").
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise

from bot.understanding.reading import Mention, Reading, Unit
from knowledge.facts.accelerators import variants

_SMALLEST, _LARGEST = 3, 5
_LISTED = frozenset(", / & and or nor e ou y o ni nem u +".split())
_SMALL = frozenset("be sea seja un uma um una a an the on in at from with via using of by o os as na no nas nos da do em de la el los las en del con por para pra for any more some hosted anything nothing like is".split())  # fmt: skip


def _negates(unit: Unit, lang: str) -> bool:
    """Whether a word refuses what follows; the Portuguese "no" means "at"."""
    return "negation" in unit.cues and not (lang == "pt" and unit.key == "no")


_ENDS = frozenset(".?!;")


def refused_before(reading: Reading, place: int) -> bool:
    """Whether a word of refusal stands right before a place, small words between them aside."""
    for unit in reversed(reading.units[:place]):
        if _negates(unit, reading.lang):
            return True
        if unit.key not in _SMALL:
            return False
    return False


@lru_cache(maxsize=8192)
def pieces(word: str) -> tuple[str, ...]:
    """A word and its character n-grams, its ends marked."""
    if word.startswith("#"):
        return (f"w:{word}",)
    marked = f"<{word[:24]}>"
    grams = [
        f"c:{marked[at : at + size]}"
        for size in range(_SMALLEST, min(_LARGEST, len(marked)) + 1)
        for at in range(len(marked) - size + 1)
    ]
    return (f"w:{word}", *grams)


def _bucket(number: float) -> str:
    if number <= 3:
        return str(int(number))
    for limit in (5, 9, 16, 40, 100, 1000):
        if number <= limit:
            return f"<{limit}"
    return "more"


def words_of(reading: Reading) -> list[str]:
    """The words of a text, each mention as its kind."""
    return [unit.key for unit in reading.units]


def of_text(reading: Reading) -> list[str]:
    """Features of a whole text beside those of its words."""
    units = reading.units
    found: list[str] = []
    for left, right in pairwise(units):
        found.append(f"b:{left.key} {right.key}")
    for left, middle, right in zip(units, units[1:], units[2:], strict=False):
        found.append(f"t:{left.key} {middle.key} {right.key}")
        found.append(f"k:{left.key} * {right.key}")
    cues: dict[str, int] = {}
    previous: tuple[str, ...] = ()
    for unit in units:
        for cue in unit.cues:
            cues[cue] = cues.get(cue, 0) + 1
            if unit.mention < 0 and previous:
                found.append(f"qq:{previous[0]}>{cue}")
        if unit.cues:
            previous = unit.cues
        elif unit.mention >= 0:
            if previous:
                found.append(f"qm:{previous[0]}>{unit.key}")
    for cue, times in cues.items():
        found.append(f"q:{cue}")
        if times > 1:
            found.append(f"q2:{cue}")
    kinds: dict[str, set[object]] = {}
    for mention in reading.mentions:
        kinds.setdefault(mention.kind, set()).add(mention.value)
        found.extend(_about(mention))
    for kind, values in kinds.items():
        found.append(f"m:{kind}={min(len(values), 3)}")
        found.extend(f"mq:{kind}&{cue}" for cue in cues)
    if units:
        found.append(f"f:{units[0].key}")
        found.extend(f"fq:{cue}" for cue in units[0].cues)
        if len(units) > 1:
            found.append(f"f2:{units[0].key} {units[1].key}")
        found.append(f"l:{units[-1].key}")
    found.append(f"n:{_bucket(len(units))}")
    if not kinds:
        found.append("m:none")
    elif not {"card", "instance", "provider", "model", "memory", "unknown-card"} & kinds.keys():
        found.append("m:no-subject")
    if "trade" not in cues and not _OURS & kinds.keys():
        found += ["m:foreign", *(f"mf:{cue}" for cue in cues)]
    found += _asked(units)
    for start, end in _of_a_kind(reading, ("card", "provider", "instance")):
        between = " ".join(unit.key for unit in units[start + 1 : end])
        if end - start <= 5:
            found.append(f"v:{units[start].key} {between}")
    return found


_OURS = frozenset({"card", "instance", "model", "unknown-card", "gpu-hours"})
"""Mentions that only a question about compute has."""


def _asked(units: tuple[Unit, ...]) -> list[str]:
    """The words of the sentence that asks, once more: what stands around it is context.

    It is the sentence that ends in a question mark, the last one when several or none do.
    """
    sentences: list[list[Unit]] = [[]]
    for unit in units:
        sentences[-1].append(unit)
        if unit.key in _ENDS:
            sentences.append([])
    sentences = [sentence for sentence in sentences if len(sentence) > 1]
    if len(sentences) < 2:
        return []
    asking = next(
        (sentence for sentence in reversed(sentences) if sentence[-1].key == "?"), sentences[-1]
    )
    found = [f"a:{unit.key}" for unit in asking]
    found += [f"ab:{left.key} {right.key}" for left, right in pairwise(asking)]
    found += [f"aq:{cue}" for unit in asking for cue in unit.cues]
    found.append(f"af:{asking[0].key}")
    return found


def _of_a_kind(reading: Reading, kinds: tuple[str, ...]) -> list[tuple[int, int]]:
    """Pairs of neighbouring mentions of one kind, as places in the units."""
    last: dict[str, int] = {}
    pairs = []
    for place, unit in enumerate(reading.units):
        kind = unit.key[1:]
        if unit.mention >= 0 and kind in kinds:
            if kind in last:
                pairs.append((last[kind], place))
            last[kind] = place
    return pairs


def _about(mention: Mention) -> list[str]:
    """What a mention's own value says."""
    if mention.kind == "money":
        money = mention.value
        per = "+".join(sorted(money.per)) or "-"
        return [
            f"$:{per}",
            f"$:{_sum(money.amount)}",
            f"$:{per}&{_sum(money.amount)}",
            "$:usd" if money.currency == "USD" else "$:other",
        ]
    if mention.kind == "time":
        length = mention.value
        return [f"time:{length.unit}", f"time:{length.unit}&{length.written}"]
    if mention.kind == "number":
        return [f"number:{mention.detail if isinstance(mention.detail, str) else 'product'}"]
    return []


def _sum(amount: float) -> str:
    for limit in (1, 5, 15, 100, 1000, 20_000):
        if amount < limit:
            return f"<{limit}"
    return "large"


# -- one mention ----------------------------------------------------------------------------------


class Surroundings:
    """What the mentions of one text share: sentences, counts of each kind, ranges of the cards."""

    def __init__(
        self,
        reading: Reading,
        intent: str,
        ranges: dict[str, list[float]],
        before: Mapping[str, object] | None = None,
    ) -> None:
        self.reading = reading
        self.ranges = ranges
        """USD per GPU-hour that each card usually costs: (low, high)."""
        self.before = before
        """Fields of the question before, where the text goes on with it."""
        self.intent = intent
        self.sentence: list[int] = []
        number = 0
        for unit in reading.units:
            self.sentence.append(number)
            if unit.key in _ENDS:
                number += 1
        self.sentences = number + 1
        self.order: dict[int, tuple[int, int]] = {}
        """Mention -> (its number among those of its kind, how many there are)."""
        groups: dict[str, list[int]] = {}
        for index, mention in enumerate(reading.mentions):
            groups.setdefault(mention.kind, []).append(index)
        for group in groups.values():
            for number, index in enumerate(group):
                self.order[index] = (number, len(group))
        self.kinds = {kind: len(group) for kind, group in groups.items()}
        self.asks = [False] * self.sentences
        for place, unit in enumerate(reading.units):
            if unit.key == "?":
                self.asks[self.sentence[place]] = True
        self.asking = self._asking()
        self.cues = {cue for unit in reading.units for cue in unit.cues}

    def _asking(self) -> int:
        """The sentence that asks: the last with a question mark, else the last of some words."""
        lengths = [0] * self.sentences
        for number in self.sentence:
            lengths[number] += 1
        real = [number for number, length in enumerate(lengths) if length > 1]
        return next(
            (number for number in reversed(real) if self.asks[number]), real[-1] if real else 0
        )

    def features(self, place: int, mention: Mention, index: int) -> list[str]:
        """Features of the mention that stands at a place among the units."""
        units = self.reading.units
        kind = mention.kind
        found: list[str] = [f"i:{self.intent}", f"kind:{kind}", f"ki:{kind}&{self.intent}"]

        def key(at: int) -> str:
            return units[at].key if 0 <= at < len(units) else "|"

        l1, l2, l3, r1, r2, r3 = (key(place + step) for step in (-1, -2, -3, 1, 2, 3))
        found += [f"l1:{l1}", f"l2:{l2}", f"l3:{l3}", f"r1:{r1}", f"r2:{r2}", f"r3:{r3}",
                  f"l12:{l2} {l1}", f"r12:{r1} {r2}", f"lr:{l1} {r1}", f"l123:{l3} {l2} {l1}"]  # fmt: skip
        sentence = self.sentence[place]
        for at in range(max(0, place - 7), place):
            if self.sentence[at] != sentence:
                continue
            near = "n" if place - at <= 2 else "f"
            found.append(f"bl:{units[at].key}")
            found.extend(f"lq:{cue}{near}" for cue in units[at].cues)
        for at in range(place + 1, min(len(units), place + 6)):
            if self.sentence[at] != sentence:
                break
            near = "n" if at - place <= 2 else "f"
            found.append(f"br:{units[at].key}")
            found.extend(f"rq:{cue}{near}" for cue in units[at].cues)
        found.extend(f"oq:{cue}" for cue in units[place].cues)
        if kind in ("provider", "place", "region-code", "billing", "tier", "card", "instance"):
            refused = self.refused(place)
            found += [f"no:{refused}", f"nok:{kind}&{refused}", f"noi:{refused}&{self.intent}"]
        if self.before is not None:
            length = min(len(units), 10)
            found += [
                f"fu:{kind}",
                f"fi:{kind}&{self.intent}",
                f"fn:{kind}&{length}",
                f"fl:{kind}&{l1}",
                f"fr:{kind}&{r1}",
            ]
            for field in (
                "count",
                "hours",
                "max_price",
                "threshold",
                "budget_usd",
                "paid_price",
                "amount",
                "period_days",
                "memory_gb",
                "model",
            ):
                if field in self.before:
                    found += [f"ff:{kind}&{field}", f"ffi:{kind}&{field}&{self.intent}"]
            held = self._held(mention)
            found += [f"held:{kind}&{held}", f"hl:{kind}&{held}&{l1}"]
            found += [f"hq:{kind}&{held}&{cue}" for cue in self.cues]
            if kind == "number":
                shape = mention.detail if isinstance(mention.detail, str) else "product"
                found += [f"fs:{shape}", f"fsi:{shape}&{self.intent}"]
        number, count = self.order.get(index, (0, 1))
        found += [
            f"o:{min(number, 3)}/{min(count, 4)}",
            f"oi:{self.intent}&{min(number, 3)}/{min(count, 4)}",
            f"last:{number == count - 1}",
        ]
        position = (
            "only"
            if self.sentences == 1
            else "first"
            if sentence == 0
            else "last"
            if sentence >= self.sentences - 1
            else "mid"
        )
        asked = "only" if self.sentences == 1 else str(sentence == self.asking)
        found += [f"as:{asked}", f"ask:{kind}&{asked}", f"asi:{kind}&{asked}&{self.intent}",
                  f"ls:{l1[:4]}", f"rs:{r1[:4]}", f"l2s:{l2[:4]} {l1[:4]}", f"r2s:{r1[:4]} {r2[:4]}"]  # fmt: skip
        found += [
            f"p:{position}",
            f"pa:{position}&{self.asks[sentence]}",
            f"a:{self.asks[sentence]}",
            f"il:{self.intent}&{l1}",
            f"ir:{self.intent}&{r1}",
            f"kl:{kind}&{l1}",
            f"kr:{kind}&{r1}",
            f"kl2:{kind}&{l2} {l1}",
        ]
        found.extend(f"tk:{kind}" for kind in self.kinds if kind != mention.kind)
        found.extend(f"tq:{cue}" for cue in self.cues)
        before = next(
            (at for at in range(place - 1, -1, -1) if units[at].key == units[place].key), None
        )
        if before is not None and place - before <= 6:
            found.append(f"pv:{' '.join(unit.key for unit in units[before + 1 : place])}")
        after = next(
            (at for at in range(place + 1, len(units)) if units[at].key == units[place].key), None
        )
        if after is not None and after - place <= 6:
            found.append(f"nx:{' '.join(unit.key for unit in units[place + 1 : after])}")
        for kind in ("#card", "#instance", "#number", "#provider", "#money", "#model"):
            for step in range(1, 6):
                if key(place + step) == kind:
                    found.append(f"d{kind}+{step}")
                    break
                if key(place - step) == kind:
                    found.append(f"d{kind}-{step}")
                    break
        found.extend(self._value(mention))
        return found

    def _held(self, mention: Mention) -> bool:
        """Whether the question before has just this: named again, it is often dropped or put right."""
        values = (self.before or {}).values()
        value = mention.value
        return any(
            value in held if isinstance(held, tuple) else value == held
            for held in values
            if not isinstance(held, bool)
        )

    def refused(self, place: int) -> str:
        """Whether words of refusal stand right before the mention at a place, or at a list of its
        kind that it belongs to: `direct`; right after it: `after`; else `no`."""
        units = self.reading.units
        kind = units[place].key
        at = place - 1
        while at >= 0:
            unit = units[at]
            if unit.key == "," and at and _negates(units[at - 1], self.reading.lang):
                break  # "no, on lambda" refuses nothing
            if (
                unit.key == kind
                or unit.key in _LISTED
                or (unit.key in _SMALL and not _negates(unit, self.reading.lang))
            ):
                at -= 1
                continue
            return "direct" if _negates(unit, self.reading.lang) else self._refused_after(place)
        return self._refused_after(place)

    def _refused_after(self, place: int) -> str:
        units = self.reading.units
        for unit in units[place + 1 : place + 7]:
            if unit.key in _ENDS:
                break
            if "refused" in unit.cues:
                return "after"
            if unit.mention >= 0 and unit.key == units[place].key and unit is not units[place]:
                continue
        return "no"

    def _value(self, mention: Mention) -> list[str]:
        value, detail = mention.value, mention.detail
        if mention.kind == "money":
            per = "+".join(sorted(value.per)) or "-"
            ratio = self._against_cards(value.amount)
            return [f"per:{per}", f"sum:{_sum(value.amount)}", f"cur:{value.currency == 'USD'}", f"ratio:{ratio}",
                    f"ip:{self.intent}&{per}", f"is:{self.intent}&{_sum(value.amount)}", f"k:{value.scaled}", f"shape:{detail}"]  # fmt: skip
        if mention.kind == "number":
            shape = detail if isinstance(detail, str) else "product"
            whole = float(value).is_integer()
            power = whole and value in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
            return [f"shape:{shape}", f"v:{_sum(value)}", f"pow:{power}", f"one:{value == 1}", f"whole:{whole}", f"year:{2020 <= value <= 2035}",
                    f"ratio:{self._against_cards(value) if not whole else '-'}", f"is:{self.intent}&{shape}"]  # fmt: skip
        if mention.kind == "time":
            return [
                f"unit:{value.unit}",
                f"written:{value.written}",
                f"iu:{self.intent}&{value.unit}&{value.written}",
                f"detail:{detail}",
                f"long:{value.hours >= 700}",
            ]
        if mention.kind == "memory":
            fits = any(
                size.memory_gb == value
                for other in self.reading.mentions
                if other.kind == "card"
                for size in variants(other.value)
            )
            return [
                f"own:{detail}",
                f"fits:{fits}",
                f"big:{value > 300}",
                f"small:{value < 8}",
                f"whole:{float(value).is_integer()}",
                f"cards:{self.kinds.get('card', 0) > 0}",
            ]
        if mention.kind in ("place", "region-code", "zone"):
            return [
                f"word:{detail}",
                f"short:{len(str(detail or '')) <= 2}",
                f"wi:{detail}&{self.intent}",
                f"wl:{detail}&{self.reading.lang}",
            ]
        if mention.kind in (
            "billing",
            "tier",
            "workload",
            "provider",
            "form",
            "precision",
            "interconnect",
        ):
            word = detail if isinstance(detail, str) else value
            return [f"word:{word}", f"val:{value}", f"vi:{value}&{self.intent}"]
        if mention.kind == "card":
            return [f"val:{value}", f"consumer:{str(value).startswith(('RTX', 'GTX'))}"]
        return []

    def _against_cards(self, amount: float) -> str:
        """Where a figure lies against what the named cards cost an hour."""
        named = [
            m.value if m.kind == "card" else m.detail.accelerator
            for m in self.reading.mentions
            if m.kind in ("card", "instance")
        ]
        known = [self.ranges[card] for card in named if card in self.ranges]
        if not known:
            return "unknown"
        low, high = min(r[0] for r in known), max(r[1] for r in known)
        if amount < low / 2:
            return "below"
        if amount <= high * 1.3:
            return "in"
        if amount <= high * 16:
            return "node"
        return "above"
