"""How a finished Answer reaches a place on its own account: what a platform offers the schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from bot.core.answer import Answer
    from bot.state.rows import Place


class PostLater(Exception):
    """The platform asks for patience; nothing was posted. Try again after `retry_after` seconds;
    `everywhere`: our own credentials are refused, so nothing of this workspace can be posted."""

    def __init__(self, retry_after: float, reason: str = "", *, everywhere: bool = False) -> None:
        super().__init__(f"post again in {retry_after:g} s{': ' if reason else ''}{reason}")
        self.retry_after = retry_after
        self.reason = reason
        self.everywhere = everywhere


class PlaceGone(Exception):
    """The place takes no more posts: channel deleted, bot removed, tenant blocked."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@runtime_checkable
class Poster(Protocol):
    """One platform, as the schedule sees it. Any other exception means "nobody knows"."""

    async def post(self, place: Place, answer: Answer, delivery_id: str) -> str:
        """Posts and returns the platform's id of the message; raises PostLater or PlaceGone."""

    async def posted(self, place: Place, delivery_id: str) -> str | None:
        """The id of the message that carries `delivery_id`; None when there is none, or when the
        platform offers no way to look. Raises PostLater while it cannot say."""
