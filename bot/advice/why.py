"""Why a rule spoke: its reason, its source, and the day somebody held it against that source."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.core.answer import Answer, Evidence, Fact, FollowUp
from bot.core.desk import Desk
from bot.core.phrase import phrase
from bot.core.question import Question
from knowledge.advice.rule import Rule
from knowledge.advice.rules import load
from knowledge.facts.attribution import publisher

OLD_DAYS = 365
"""Default: a reason that nobody looked at for a year is said to be old."""


def answer(question: Question, desk: Desk) -> Answer:
    say = desk.say
    rules = [rule for rule in load() if rule.id in question.rules]
    if not rules:
        example = phrase(Question("advise", topic="why", rules=("spot-unfit",)), say.lang)
        return Answer(
            headline=say.t(
                "Ask why after an answer that gave advice, or name a rule: {example}",
                example=example,
            ),
            tone="caution",
            follow_ups=(FollowUp(example, example),),
        )
    rules.sort(key=lambda rule: question.rules.index(rule.id))
    first, *others = rules
    return Answer(
        headline=first.why(say.lang),
        lines=(*(rule.why(say.lang) for rule in others), *_old(rules, desk)),
        facts=tuple(fact for rule in rules for fact in _facts(rule, desk)),
        evidence=tuple(
            Evidence(publisher(url), url, _day(rule), _day(rule))
            for rule in rules
            for url in rule.sources
        ),
    )


def _facts(rule: Rule, desk: Desk) -> list[Fact]:
    say = desk.say
    rows = [
        Fact(
            say.t("Rule"),
            say.t("{rule}, read on {date}", rule=rule.id, date=say.date(_day(rule))),
            rule.sources[0],
        )
    ]
    rows += [Fact(say.t("Source"), url, url) for url in rule.sources]
    return rows


def _old(rules: list[Rule], desk: Desk) -> tuple[str, ...]:
    oldest = min(map(_day, rules))
    if (desk.now - oldest).days <= OLD_DAYS:
        return ()
    return (
        desk.say.t(
            "Nobody has held this against its source since {date}: take it as a hint.",
            date=desk.say.date(oldest),
        ),
    )


def _day(rule: Rule) -> datetime:
    return datetime.fromisoformat(rule.reviewed).replace(tzinfo=UTC)
