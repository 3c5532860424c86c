"""What the commands about standing orders share: is there a place and a state to keep them in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bot.answer import Answer
from bot.desk import Desk
from bot.state.rows import Place

if TYPE_CHECKING:
    from bot.state import State


class Ground(NamedTuple):
    state: State
    place: Place


def ground(desk: Desk) -> Ground | Answer:
    """Where orders of this asker stand; or the Answer that says why none can."""
    say = desk.say
    if desk.state is None or desk.asker.place is None:
        return Answer(
            headline=say.t(
                "Watches and digests live in a Slack or Teams conversation: ask me there."
            ),
            tone="caution",
        )
    place = desk.state.place(desk.asker.place)
    if place is None:
        return Answer(
            headline=say.t(
                "I cannot write here on my own yet: add me to this conversation, then ask again."
            ),
            tone="caution",
        )
    return Ground(desk.state, place)
