"""What a platform brings to a conversation: a way to answer, and what it knows of people and places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bot.conversation.incoming import Incoming, Upload
from bot.conversation.people import Person
from bot.conversation.privacy import Audience

if TYPE_CHECKING:
    from bot.core.answer import Answer
    from bot.state import Place
    from bot.state.rows import Reach


class Undelivered(Exception):
    """The platform took no message. `sent` is False when it surely shows none, None when nobody
    knows; `gone`: this room takes none until somebody changes something; `ours`: our own
    credentials are refused, which is no room's fault."""

    code: str = ""
    sent: bool | None = False
    retry_after: float | None = None

    @property
    def gone(self) -> bool:
        return False

    @property
    def ours(self) -> bool:
        return False


class Talk(Protocol):
    """How one request is answered. Each raises Undelivered."""

    async def show(self, answer: Answer) -> None:
        """Where it was asked, for everybody who reads there."""

    async def show_alone(self, answer: Answer) -> None:
        """To who asked and to nobody else."""

    async def tell(self, words: str) -> None:
        """A sentence to who asked; alone where the platform can."""

    async def fetch(self, upload: Upload) -> bytes | None:
        """The bytes of a file that came with the message; None where they cannot be had or are many."""

    async def profile(self) -> Person | None:
        """Who asks, as the platform tells; None when it does not."""


class Host(Protocol):
    """What differs between platforms and needs no request."""

    name: str
    reach: Reach
    """How fast its places may be written to, and how a direct chat is opened."""
    tells_language: bool
    """Whether a profile tells more than membership, so that everybody's is asked for."""

    def place(self, incoming: Incoming) -> Place:
        """Where answers to this can be posted later, and orders stand."""

    def own_place(self, incoming: Incoming) -> Place | None:
        """Where this person alone reads us, when a request from elsewhere tells how to get there."""

    def thread(self, incoming: Incoming) -> str:
        """The conversation whose last question can be narrowed. What one person alone reads begins
        with their name, so that it is forgotten with them."""

    def audience(self, incoming: Incoming, known: Place | None) -> Audience:
        """Who reads an answer shown there."""


class Rules(Protocol):
    """What an operator set, the same words for every platform."""

    @property
    def tenants(self) -> tuple[str, ...]:
        """Workspaces that are answered; empty for all."""

    @property
    def rooms(self) -> tuple[str, ...]:
        """Channels that are answered; empty for all."""

    @property
    def shared(self) -> bool:
        """Whether rooms that other companies read are answered."""

    @property
    def admins_only(self) -> bool:
        """Whether only admins change what stands in a room."""

    @property
    def per_minute(self) -> int: ...
