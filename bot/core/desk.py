"""Who asks, and what a command may reach while answering."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from bot.core.answer import Answer
    from bot.core.question import Lang, Question
    from bot.core.wording import Wording
    from bot.state import State
    from knowledge.prices.store import Store


class Asker(NamedTuple):
    """Where a question came from, in words that mean the same on every platform."""

    platform: str = "terminal"
    """Which door, for counts and the audit trail (`terminal`, `slack`, `http`); decides nothing."""
    workspace: str | None = None
    """Owner of contract prices: `slack:T123`, `teams:<tenant id>`, or a name on the terminal."""
    place: str | None = None
    """Where an answer goes and what standing orders belong to: `slack:T123:C456`."""
    user: str | None = None
    """`slack:T123:U789`, `teams:<tenant>:<aad object id>`."""
    lang: Lang | None = None
    """Set preference; None answers in the language of the question."""
    locale: str | None = None
    """What their platform says of their language and country ("es-MX"): how figures are written."""
    tz: str | None = None
    """IANA zone of the person."""
    region: str | None = None
    """Preferred region, used when the question states none, and said so."""
    billing: str | None = None
    currency: str | None = None
    """ISO code of the currency that sums are shown in beside dollars, when a question names none."""
    is_admin: bool = False
    may_see_contracts: bool = True
    """Set by `bot.conversation.privacy`: whether this person may, where the answer will be read."""
    own_orders: bool = False
    """Whether only what this person set is listed, of what stands at the place."""
    thread: str | None = None
    """The conversation thread inside the place, for follow-up questions."""
    may_see_paths: bool = False
    """True for whoever runs this installation, at its terminal: faults name files."""


TERMINAL = Asker(may_see_paths=True)
"""Whoever runs this installation, at its terminal."""


class Desk(NamedTuple):
    """Everything a command may use. Time is given, never asked for."""

    store: Store
    now: datetime
    say: Wording
    asker: Asker = Asker()
    state: State | None = None
    """What people entrusted to us; None where nothing can be kept (the terminal)."""

    @property
    def takes_orders(self) -> bool:
        """Whether a watch or a digest can stand where this is asked: only then is one offered."""
        return self.state is not None and self.asker.place is not None


Ask = Callable[["str | Question", Asker], Awaitable["Answer"]]
"""What a door is given: words or a stated Question in, Answer out; runs `reply.reply` in a worker
thread."""
