"""What can be asked, with questions worth trying."""

from __future__ import annotations

from bot.core.answer import Answer, Fact, FollowUp
from bot.core.command import BY_NAME, COMMANDS, RANKED, Command
from bot.core.desk import Desk
from bot.core.question import Question

FIRST = RANKED[:3]


def answer(question: Question, desk: Desk) -> Answer:
    """What can be asked, with examples; or one command, when the Question names it."""
    say = desk.say
    topic = BY_NAME.get(question.topic or "")
    if topic is not None:
        return Answer(
            headline=say.t(
                "{command}: {summary}.", command=topic.name, summary=say.t(topic.summary)
            ),
            follow_ups=(FollowUp(example(topic, desk), example(topic, desk)),),
        )
    groups: dict[str, list[str]] = {}
    for command in COMMANDS:
        if command.listed:
            groups.setdefault(say.t(command.group), []).append(example(command, desk))
    return Answer(
        headline=say.t(
            "Ask in your own words what GPUs cost, whether you need one, and from whom to rent."
        ),
        facts=tuple(Fact(heading, " · ".join(examples)) for heading, examples in groups.items()),
        follow_ups=tuple(
            FollowUp(example(command, desk), example(command, desk)) for command in FIRST
        ),
    )


def example(command: Command, desk: Desk) -> str:
    return command.example(desk.say.lang)
