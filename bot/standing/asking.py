"""What the commands about standing orders share: the place and state to keep them in, times as said."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from bot.core.answer import Answer
from bot.core.desk import Desk
from bot.core.wording import Wording
from bot.standing.reasons import in_words
from bot.state.rows import Place
from bot.state.schedule import zone

if TYPE_CHECKING:
    from bot.state import State


class Ground(NamedTuple):
    state: State
    place: Place


def ground(desk: Desk, *, to_write: bool = False) -> Ground | Answer:
    """Where orders of this asker stand, `to_write` for those that make us write there; or the
    Answer that says why none can."""
    say = desk.say
    if desk.state is None or desk.asker.place is None:
        return Answer(
            headline=say.t(
                "Watches and digests live in a Slack or Teams conversation: ask me there."
            ),
            tone="caution",
        )
    place = desk.state.places.get(desk.asker.place)
    if place is None or (to_write and place.disabled_reason is not None):
        return Answer(
            headline=say.t(
                "I cannot write here on my own yet: add me to this conversation, then ask again."
            ),
            tone="caution",
        )
    return Ground(desk.state, place)


def silent(ground: Ground, desk: Desk) -> tuple[str, ...]:
    """Since when and why nothing is posted here, for every list of what stands; () while it is."""
    place, say = ground.place, desk.say
    if place.disabled_reason is None:
        return ()
    why = in_words(place.disabled_reason, say)
    if place.since is None:
        return (say.t("Nothing is posted here: {why}.", why=why),)
    when = say.date(place.since, desk.now)
    return (say.t("Nothing has been posted here since {date}: {why}.", date=when, why=why),)


def local(moment: datetime, tz: str, say: Wording) -> str:
    """A moment as the place's clocks show it."""
    return say.time(moment, zone(tz))
