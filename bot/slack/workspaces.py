"""Which workspaces installed us, and the token of each. One by its token, or many by OAuth."""

from __future__ import annotations

import logging
import time
from typing import NamedTuple, Protocol

from bot.slack.sending import GRANTED, Refused, Sender

log = logging.getLogger(__name__)

AGAIN = 30.0
"""Seconds between two questions to Slack about who we are, while it does not say."""


class Bot(NamedTuple):
    """Our bot as one workspace has it installed."""

    token: str
    id: str | None = None
    user: str | None = None
    team: str | None = None
    scopes: str = ""
    """What was granted, as Slack lists it."""


class Workspaces(Protocol):
    async def bot(self, team: str | None, enterprise: str | None = None) -> Bot | None:
        """Us there; None where we are not installed."""

    async def remove(self, team: str | None, enterprise: str | None = None) -> None:
        """The workspace uninstalled us."""

    async def warm(self) -> None:
        """Looks ahead, so that the first request need not; raises Refused."""

    async def close(self) -> None: ...


class OneWorkspace:
    """The workspace that a bot token belongs to."""

    def __init__(self, token: str, sender: Sender) -> None:
        self._token = token
        self._sender = sender
        self._bot: Bot | None = None
        self._again_at = 0.0

    async def bot(self, team: str | None, enterprise: str | None = None) -> Bot | None:  # noqa: ARG002  one answers for all
        if self._bot is None and time.monotonic() >= self._again_at:
            self._again_at = time.monotonic() + AGAIN
            try:
                await self.warm()
            except Refused as fault:
                # Answering needs the token only; who we are is asked again later.
                log.warning("Slack does not say who we are: %s", fault)
        return self._bot or Bot(self._token)

    async def remove(self, team: str | None, enterprise: str | None = None) -> None:
        """The token is in the environment: nothing to remove here."""

    async def warm(self) -> None:
        done = await self._sender.call(self._token, "auth.test")
        self._bot = Bot(
            self._token, _text(done, "bot_id"), _text(done, "user_id"), _text(done, "team_id"),
            _text(done, GRANTED) or "",
        )  # fmt: skip

    async def close(self) -> None:
        """Nothing is held."""


def _text(found: dict[str, object], name: str) -> str | None:
    value = found.get(name)
    return value if isinstance(value, str) and value else None
