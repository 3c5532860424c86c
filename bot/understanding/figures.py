"""Figures that stand in several parts: "2 nodes of 8", "10 hours a day for 5 days", "2d, 7h"."""

from __future__ import annotations

from bot.understanding.reading import HOURS, Length, Mention, Reading, Unit

_OF = frozenset(
    "of with x , each having in de com con cada ( ) - @ the : do da - per por como which que holding".split()
)
_PER_MACHINE = frozenset("each apiece cada per por -way".split())
_DAYS_IN = {
    "day": 1.0,
    "week": 7.0,
    "fortnight": 14.0,
    "month": 365 / 12,
    "quarter": 365 / 4,
    "semester": 365 / 2,
    "year": 365.0,
}
_A_DAY = frozenset(
    "/ a per an por al ao each every daily diarias diaria diario diarios cada el la o x p".split()
)
_JOINS = frozenset(", and y e plus".split())


def combined(reading: Reading) -> Reading:
    """The reading with figures of several parts as one mention each."""
    mentions = list(reading.mentions)
    units = list(reading.units)
    gone: set[int] = set()
    _limits(mentions, units)
    _machines(mentions, units, gone)
    _lengths(mentions, units, gone)
    if not gone:
        return reading._replace(mentions=tuple(mentions), units=tuple(units))
    index: dict[int, int] = {}
    kept: list[Mention] = []
    for old, mention in enumerate(mentions):
        if old not in gone:
            index[old] = len(kept)
            kept.append(mention)
    left = tuple(
        unit if unit.mention < 0 else unit._replace(mention=index[unit.mention])
        for unit in units
        if unit.mention not in gone
    )
    return Reading(reading.text, reading.lang, tuple(kept), left)


_OPTIONS = frozenset("option options offer offers result results provider providers opcao opcoes oferta ofertas opcion opciones fornecedores provedores proveedores deals quotes".split())  # fmt: skip


def _limits(mentions: list[Mention], units: list[Unit]) -> None:
    """Numbers of results: "top 20", "the 3 cheapest", "5 opções"."""
    for place, unit in enumerate(units):
        if unit.mention < 0:
            continue
        mention = mentions[unit.mention]
        before = units[place - 1].key if place else ""
        after = units[place + 1] if place + 1 < len(units) else None
        options = mention.kind == "things" and str(mention.detail) in _OPTIONS
        ranked = (
            mention.kind == "number"
            and mention.detail in ("digits", "word")
            and after is not None
            and after.mention < 0
            and "superlative" in after.cues
        )
        if options or (mention.kind == "number" and (before == "top" or ranked)):
            if 1 <= mention.value <= 100:
                mentions[unit.mention] = mention._replace(kind="limit")
                units[place] = unit._replace(key="#limit")


def _counts(mention: Mention) -> bool:
    value = mention.value
    return (
        mention.kind == "number"
        and mention.detail != "decimal"
        and 1 <= value <= 100_000
        and float(value).is_integer()
    )


def _machines(mentions: list[Mention], units: list[Unit], gone: set[int]) -> None:
    """Machines times the cards of one: the first number holds the product."""
    places = [i for i, unit in enumerate(units) if unit.mention >= 0]
    for place in places:
        first = mentions[units[place].mention]
        if units[place].mention in gone:
            continue
        if first.kind == "instance" and first.detail.count:
            _machines_after(mentions, units, place)
        if not _counts(first):
            continue
        machines = first.detail in {"node", "times"}
        node_between = False
        at = place + 1
        steps = 0
        while at < len(units) and steps <= 4:
            unit = units[at]
            if unit.mention < 0:
                if "whole" in unit.cues and unit.key in _NODE_WORDS:
                    node_between = True
                elif unit.key not in _OF:
                    break
                at += 1
                steps += 1
                continue
            other = mentions[unit.mention]
            if (
                other.kind in ("card", "memory", "form", "provider", "billing", "interconnect")
                and steps < 4
                and (first.detail == "node" or node_between)
            ):
                at += 1
                steps += 1
                continue
            if other.kind == "instance" and (machines or at == place + 1):
                count = other.detail.count or 0
                mentions[units[place].mention] = (
                    first._replace(
                        value=first.value * count, detail=("product", int(first.value), count)
                    )
                    if count
                    else first
                )
                break
            if _counts(other) and other.value <= 72:
                follows = _follows(mentions, units, at)
                if first.detail == "node" or node_between:
                    ok = (
                        other.detail in ("times", "gpu")
                        or follows
                        or at + 1 >= len(units)
                        or units[at - 1].key in ("of", "de", "with", "com", "con", "x")
                    )
                else:
                    # "4x 8xH100", "2 8-gpu nodes"
                    ok = at == place + 1 and (
                        (
                            first.detail == "times"
                            and other.detail in ("times", "gpu", "digits")
                            and follows
                        )
                        or (
                            other.detail == "gpu"
                            and (_node_after(units, at) or _node_after_card(mentions, units, at))
                        )
                        or (
                            other.detail == "times"
                            and _node_after_card(mentions, units, at)
                            and first.detail in ("digits", "word")
                        )
                    )
                if ok:
                    product = first.value * other.value
                    mentions[units[place].mention] = Mention(
                        "number",
                        first.start,
                        other.end,
                        product,
                        ("product", int(first.value), int(other.value)),
                    )
                    gone.add(unit.mention)
                break
            break


def _machines_after(mentions: list[Mention], units: list[Unit], place: int) -> None:
    """ "p5.48xlarge x 4": the number of machines stands after the name."""
    at = place + 1
    if at < len(units) and units[at].key in ("x", "*", "("):
        at += 1
    elif (
        at >= len(units)
        or units[at].mention < 0
        or mentions[units[at].mention].detail not in ("times", "node")
    ):
        return
    if at < len(units) and units[at].mention >= 0:
        number = mentions[units[at].mention]
        machine = mentions[units[place].mention]
        if _counts(number) and not isinstance(number.detail, tuple):
            count = machine.detail.count
            mentions[units[at].mention] = number._replace(
                value=number.value * count, detail=("product", int(number.value), count)
            )


_NODE_WORDS = frozenset(
    "replica replicas node nodes server servers machine machines box boxes host hosts instance instances vm vms no nos nodo nodos maquina maquinas servidor servidores equipo equipos instancia instancias".split()
)


def _follows(mentions: list[Mention], units: list[Unit], at: int) -> bool:
    """A card, or a word that says "each", stands right after a number."""
    for unit in units[at + 1 : at + 4]:
        if unit.mention >= 0:
            return mentions[unit.mention].kind in ("card", "instance", "unknown-card", "memory")
        if unit.key in _PER_MACHINE or "per gpu" in unit.cues:
            return True
        if unit.key not in ("x", "of", "de", "nvidia", "amd", "gpus", "gpu"):
            return False
    return False


def _node_after(units: list[Unit], at: int) -> bool:
    return at + 1 < len(units) and units[at + 1].key in _NODE_WORDS


def _node_after_card(mentions: list[Mention], units: list[Unit], at: int) -> bool:
    for unit in units[at + 1 : at + 6]:
        if unit.mention >= 0:
            if mentions[unit.mention].kind not in ("card", "form", "memory"):
                return False
        elif unit.key in _NODE_WORDS:
            return True
        elif unit.key != "x":
            return False
    return False


def _lengths(mentions: list[Mention], units: list[Unit], gone: set[int]) -> None:
    """Hours a day over days, and lengths in several units."""
    times = [
        (i, mentions[unit.mention])
        for i, unit in enumerate(units)
        if unit.mention >= 0 and unit.mention not in gone and mentions[unit.mention].kind == "time"
    ]
    skip = -1
    for number, (at, mention) in enumerate(times):
        if number <= skip:
            continue
        length: Length = mention.value
        if not length.written:
            continue
        # "2d, 7h, 51 minutes"
        total, last, parts = length.hours, mention, [at]
        nearest = length
        for later in range(number + 1, len(times)):
            place, other = times[later]
            between = units[parts[-1] + 1 : place]
            if (
                other.value.written
                and other.value.hours < HOURS[nearest.unit]
                and all(u.key in _JOINS for u in between)
            ):
                total += other.value.hours
                last, nearest = other, other.value
                parts.append(place)
                skip = later
            else:
                break
        if len(parts) > 1:
            mentions[units[at].mention] = Mention(
                "time",
                mention.start,
                last.end,
                Length(total, length.number, length.unit, written=True),
                "sum",
            )
            gone.update(units[place].mention for place in parts[1:])
            continue
        # "10 hours a day for 5 days", "5 days of 6 hours", "2 weeks, 10 hours a day"
        if (
            length.unit == "hour"
            and length.hours <= 100
            and (runs := _occasions(mentions, units, gone, at)) is not None
        ):
            hours = length.hours * mentions[runs].value
            mentions[units[at].mention] = mention._replace(
                value=Length(hours, hours, "hour", written=True), detail="runs"
            )
            gone.add(runs)
        elif length.unit == "hour" and length.hours <= 24:
            day = _a_day(mentions, units, at)
            if day is not None:
                over = next(
                    (
                        (place, other)
                        for place, other in times[number + 1 :]
                        if place > day and other.value.unit in _DAYS_IN and place - at <= 14
                    ),
                    None,
                ) or next(
                    (
                        (place, other)
                        for place, other in reversed(times[:number])
                        if at - place <= 8
                        and other.value.unit in _DAYS_IN
                        and units[place].mention not in gone
                        and (other.value.written or other.value.unit != "day")
                    ),
                    None,
                )
                if over is not None:
                    place, other = over
                    days = other.value.number * _DAYS_IN[other.value.unit]
                    further = next(
                        (
                            t
                            for t in times
                            if t[0] > place and t[1].value.unit in _DAYS_IN and t[1].value.written
                        ),
                        None,
                    )
                    if (
                        other.value.unit == "day"
                        and further
                        and further[1].value.unit != "day"
                        and _a_week(mentions, units, place)
                    ):
                        days *= further[1].value.number * _DAYS_IN[further[1].value.unit] / 7
                        gone.add(units[further[0]].mention)
                    elif any("workday" in unit.cues for unit in units[max(0, at - 4) : at + 10]):
                        days *= 5 / 7
                    hours = length.hours * days
                    mentions[units[at].mention] = Mention(
                        "time",
                        min(mention.start, other.start),
                        max(mention.end, other.end),
                        Length(hours, hours, "hour", written=True),
                        "daily",
                    )
                    if place != at:
                        gone.add(units[place].mention)
            elif (
                number
                and units[at - 1].key in ("of", "de", "x", "@")
                and times[number - 1][0] == at - 2
            ):
                place, other = times[number - 1]
                if other.value.unit in _DAYS_IN and units[place].mention not in gone:
                    hours = length.hours * other.value.number * _DAYS_IN[other.value.unit]
                    mentions[units[place].mention] = Mention(
                        "time",
                        other.start,
                        mention.end,
                        Length(hours, hours, "hour", written=True),
                        "daily",
                    )
                    gone.add(units[at].mention)


def _occasions(mentions: list[Mention], units: list[Unit], gone: set[int], at: int) -> int | None:
    """ "3 runs of 14 hours", "3 hours a night, 30 nights": the mention that says how often."""
    for place in (*range(at - 1, max(-1, at - 6), -1), *range(at + 1, min(len(units), at + 9))):
        unit = units[place]
        if (
            unit.mention >= 0
            and unit.mention not in gone
            and mentions[unit.mention].kind == "occasions"
            and float(mentions[unit.mention].value) <= 400
        ):
            return int(unit.mention)
        if unit.key in (".", "?", "!"):
            return None
    return None


def _a_week(mentions: list[Mention], units: list[Unit], at: int) -> bool:
    """Whether "a week", "per week", "por semana" follows a number of days."""
    for unit in units[at + 1 : at + 4]:
        if unit.mention >= 0:
            mention = mentions[unit.mention]
            return (
                mention.kind == "time"
                and mention.value.unit == "week"
                and not mention.value.written
            )
    return False


def _a_day(mentions: list[Mention], units: list[Unit], at: int) -> int | None:
    """Where "a day", "per day", "daily" after a number of hours ends; None without it."""
    for place in range(at + 1, min(at + 4, len(units))):
        unit = units[place]
        if unit.mention >= 0:
            mention = mentions[unit.mention]
            if mention.kind == "time" and mention.value.unit == "day" and not mention.value.written:
                return place
            if mention.kind == "every" and mention.value == "day":
                return place
            return None
        if unit.key in ("daily", "diarias", "diaria", "diarios", "diario"):
            return place
        if unit.key in ("day", "days", "dia", "dias"):
            return place
        if unit.key not in _A_DAY:
            return None
    return None
