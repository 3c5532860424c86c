"""What somebody said to us, in words that mean the same on every platform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Upload(NamedTuple):
    """A file that came with a message."""

    name: str
    """Only shown, and its ending looked at."""
    url: str
    """Where the platform gives it out; empty where it does not say."""


LEAST_LINES, LEAST_CHARACTERS = 4, 160
"""A shorter text is a question, whatever it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One message, command or click. Nothing is trusted to be there: what is unknown is empty."""

    platform: str
    tenant: str
    """The workspace or organisation that has us here: `T123`, a tenant's id."""
    user: str = ""
    """The person, as this tenant knows them."""
    room: str = ""
    """The conversation, without its thread."""
    message: str = ""
    """The message itself, unique in its room."""
    thread: str = ""
    """The thread's first message; empty outside of one."""
    direct: bool = False
    """Whether we and one person talk; so does what is asked nowhere."""
    alone: bool = False
    """Whether only who asked reads the answer, wherever it was asked."""
    words: str = ""
    """What was typed: without mentions, markup, names of people and channels."""
    quoted: str = ""
    """What a forward, a card, an attachment or a quotation shows to a reader, and nobody typed."""
    files: tuple[Upload, ...] = ()
    """What the message brings; read in direct messages alone."""
    pasted: str = ""
    """The words with their lines as typed: a document pasted into a message keeps its rows."""
    edited: bool = False
    """The message was changed after it was sent."""
    from_bot: bool = False
    shared: bool | None = None
    """Whether other companies read the room, as far as this request tells."""
    home: str = ""
    """The workspace or organisation that the person belongs to, where the request names one."""
    locale: str = ""
    zone: str = ""
    """IANA name, where a request tells it."""

    @property
    def workspace(self) -> str:
        return f"{self.platform}:{self.tenant}"

    @property
    def is_document(self) -> bool:
        """Whether it is pasted text rather than a question."""
        lines = [line for line in self.pasted.split("\n") if line.strip()]
        return len(lines) >= LEAST_LINES and len(self.pasted) >= LEAST_CHARACTERS

    @property
    def foreign(self) -> bool:
        """Whether the person is of somebody else's, as far as this request tells."""
        return self.home not in ("", self.tenant)

    @property
    def who(self) -> str:
        """The person, as preferences and the audit trail know them."""
        return f"{self.workspace}:{self.user}"
