"""How well texts are understood that were never learned from: `make understanding`.

Five folds over the lines that others wrote, then each author left out; a line is right when every
scored field is. A line asks when one of the readings it offers is right.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from learning import ASK_BELOW, OWN, Example, Prepared, examples, faults, learned, prepared

from bot.core.question import Question
from bot.understanding.linear import Weights
from bot.understanding.understand import explained

FOLDS = 5


class Outcome(NamedTuple):
    """How one line fared."""

    example: Example
    question: Question
    faults: list[str]
    verdict: str
    """`right`, `asked` or `wrong`."""


def outcome(example: Example, weights: Weights) -> Outcome:
    """One line, its thread before it, read with weights that never saw it."""
    question: Question | None = None
    for text in (*example.after, example.text):
        question = explained(text, question, weights).question
    assert question is not None
    if question.intent == "unclear":
        passes = any(not faults(example, guess.stated()) for guess in question.guesses)
        return Outcome(
            example, question, [] if passes else ["unclear"], "asked" if passes else "wrong"
        )
    wrong = faults(example, question.stated())
    return Outcome(example, question, wrong, "wrong" if wrong else "right")


def report(name: str, outcomes: list[Outcome]) -> None:
    """Prints one line of shares."""
    total = len(outcomes)
    if not total:
        return
    share = {
        verdict: sum(one.verdict == verdict for one in outcomes) / total
        for verdict in ("right", "asked", "wrong")
    }
    intent = sum(one.question.intent == one.example.expect["intent"] for one in outcomes) / total
    lang = sum(one.question.lang == one.example.lang for one in outcomes) / total
    print(
        f"{name:26} {total:5} lines  right {share['right']:.3f}  asked {share['asked']:.3f}  "
        f"wrong {share['wrong']:.3f}  intent {intent:.3f}  language {lang:.3f}",
        flush=True,
    )


def _author(example: Example) -> str:
    """The author of a file: their single lines and their dialogues go together."""
    return re.sub(r"^dialogues(\d+)$", r"author\1", example.file)


def _folds(wild: list[Prepared]) -> list[tuple[list[Prepared], list[Prepared]]]:
    order = list(range(len(wild)))
    random.Random(1).shuffle(order)
    parts = []
    for fold in range(FOLDS):
        out = set(order[fold::FOLDS])
        parts.append(
            (
                [item for at, item in enumerate(wild) if at not in out],
                [wild[at] for at in sorted(out)],
            )
        )
    return parts


def _by(
    outcomes: list[Outcome], key: Callable[[Outcome], str]
) -> Iterable[tuple[str, list[Outcome]]]:
    groups: dict[str, list[Outcome]] = {}
    for one in outcomes:
        groups.setdefault(key(one), []).append(one)
    return sorted(groups.items())


def main() -> None:
    """Prints what folds and left-out authors come to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", type=int, default=FOLDS, help="how many of the five folds")
    parser.add_argument("--authors", action="store_true", help="also leave each author out")
    parser.add_argument("--faults", action="store_true", help="print the lines that went wrong")
    options = parser.parse_args()
    every = [prepared(example) for example in examples()]
    own = [item for item in every if item.example.file in OWN]
    wild = [item for item in every if item.example.file not in OWN]
    outcomes: list[Outcome] = []
    for number, (train, test) in enumerate(_folds(wild)[: options.folds], 1):
        weights = learned([*own, *train], "fold", ask_below=ASK_BELOW)
        some = [outcome(item.example, weights) for item in test]
        outcomes += some
        report(f"fold {number}, single", [one for one in some if not one.example.after])
        report(f"fold {number}, dialogues", [one for one in some if one.example.after])
    single = [one for one in outcomes if not one.example.after]
    report("folds, single", single)
    report("folds, dialogues", [one for one in outcomes if one.example.after])
    for name, some in _by(single, lambda one: one.example.lang):
        report(f"  {name}", some)
    for name, some in _by(single, lambda one: one.example.expect["intent"]):
        report(f"  {name}", some)
    print("fields:", dict(Counter(field for one in single for field in one.faults).most_common(30)))
    confused = Counter(
        (one.example.expect["intent"], one.question.intent)
        for one in single
        if one.verdict == "wrong" and one.question.intent != one.example.expect["intent"]
    )
    print(
        "confused:",
        [(f"{want} as {got}", times) for (want, got), times in confused.most_common(20)],
    )
    if options.faults:
        for one in outcomes:
            if one.verdict == "wrong":
                print(
                    f"{one.example.after or ''} {one.example.text[:200]!r} {one.faults} as {one.question.intent}"
                )
    if options.authors:
        left_out: list[Outcome] = []
        for name in sorted({_author(item.example) for item in wild}):
            train = [item for item in wild if _author(item.example) != name]
            weights = learned([*own, *train], "author", ask_below=ASK_BELOW)
            some = [
                outcome(item.example, weights) for item in wild if _author(item.example) == name
            ]
            report(f"without {name}", [one for one in some if not one.example.after])
            left_out += some
        report("authors left out", [one for one in left_out if not one.example.after])
        report("their dialogues", [one for one in left_out if one.example.after])


if __name__ == "__main__":
    main()
