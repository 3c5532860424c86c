"""What state holds, as plain rows. Light: commands import these, never the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from bot.language import Lang

API_KEY = "api-key"
"""What keys of programs are kept under (`bot.api.keys`)."""
Kind = Literal["channel", "direct", "group"]
Every = Literal["daily", "weekdays", "weekly", "monthly"]


CONVERSATION = timedelta(hours=24)
"""How long a thread's last question can be narrowed by the next."""


class StateFault(Exception):
    """The state database cannot be used now; the message is one line that says what to do."""


class Place(NamedTuple):
    """Where an answer can be posted without being asked again."""

    id: str
    """`slack:T123:C456`, `slack:T123:C456:<thread>`, `teams:<tenant>:<conversation>`."""
    platform: str
    workspace: str
    """`slack:T123`, `teams:<tenant>`: whose rate limit a post counts against."""
    tenant: str = ""
    channel: str = ""
    thread: str | None = None
    kind: Kind = "channel"
    conversation: Mapping[str, Any] = {}
    """What the platform needs to post again; opaque to state, encrypted at rest."""
    lang: Lang | None = None
    tz: str | None = None
    disabled_reason: str | None = None
    """Why nothing is posted here any more; None while the place is well."""
    person: str | None = None
    """Whose place a direct conversation is (`slack:T1:U7`), so that it can be forgotten with them."""
    since: datetime | None = None
    """Since when nothing is posted here; told by the state."""


def _nowhere(_user: str) -> Place | None:
    """For platforms where a person must have written to us first."""
    return None


class Reach(NamedTuple):
    """What a platform declares of how its places are written to."""

    channel_gap: timedelta = timedelta(seconds=1)
    """Between two messages of ours into one place."""
    workspace_gap: timedelta = timedelta(milliseconds=300)
    """The same for all places of a workspace together."""
    direct: Callable[[str], Place | None] = _nowhere
    """The direct conversation with a person (`slack:T1:U7`) of whom nothing but the name is known."""


class Rule(NamedTuple):
    """When a digest comes: a wall-clock time in a zone."""

    every: Every = "weekly"
    weekday: int = 0
    """Monday is 0; weekly only."""
    monthday: int = 1
    """1..31, the month's last day where it is shorter; monthly only."""
    time: str = "09:00"
    """HH:MM on the clocks of `tz`."""
    tz: str = "UTC"


class Subscription(NamedTuple):
    """A digest somebody asked for."""

    id: int
    place: str
    user: str | None
    rule: Rule
    words: str
    """The question's fields as JSON: which cards, which region."""
    lang: Lang
    due: datetime
    paused: bool = False
    skipped: int = 0
    """Slots that passed while nobody was there to send them."""
    last_sent: datetime | None = None
    last_fault: str | None = None


class Watch(NamedTuple):
    """A price somebody wants to hear about once."""

    id: int
    place: str
    user: str | None
    lang: Lang
    words: str
    """The question as typed, to be said back."""
    scope: str
    """Key of the offers it looks at; many watches share one."""
    kind: Literal["price", "drop", "offer", "stock"]
    direction: Literal["below", "above"]
    threshold: float
    """USD per GPU-hour; for `drop` the ratio to the price `days` ago; for `offer` unused; for `stock` one half: 1 is in stock, 0 sold out."""
    armed: bool = True
    paused: bool = False
    remind: bool = False
    snoozed_until: datetime | None = None
    fired_at: datetime | None = None
    fired_value: float | None = None
    created_at: datetime | None = None


class Delivery(NamedTuple):
    """One message on its way: claimed under a lease by one replica."""

    order: str
    """`digest-12`, `watch-7`, `note-...`."""
    due: datetime
    kind: Literal["digest", "watch", "note", "deal"]
    place: Place
    tries: int
    """Claims so far, this one included."""
    maybe_posted: bool
    """An earlier try ended without a word: look before posting again."""
    delayed: bool
    payload: Mapping[str, Any]
    at: datetime
    """When it was claimed, by the database's clock: the moment of what it says."""
    subscription: Subscription | None = None

    @property
    def id(self) -> str:
        """Travels with the message, so that it can be found again."""
        return f"{self.order}@{self.due:%Y%m%dT%H%M%S}Z"


class Published(NamedTuple):
    """A version of the price store that replicas share."""

    version: int
    at: datetime
    size: int
    """Bytes, compressed."""
    note: str
    digest: str
    """SHA-256 of the uncompressed file."""
