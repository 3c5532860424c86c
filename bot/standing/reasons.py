"""Why nothing is posted at a place, in words: platforms tell codes."""

from __future__ import annotations

from bot.core.wording import Wording

_REMOVED = frozenset(
    {"BotNotInConversationRoster", "not_in_channel", "not installed there any more", "uninstalled"}
)
_CLOSED = frozenset({"channel_is_archived", "is_archived"})
_LOST = frozenset(
    {
        "404",
        "ConversationNotFound",
        "UserNotFound",
        "channel_not_found",
        "user_disabled",
        "user_not_found",
    }
)
_BLOCKED = frozenset(
    {"ConversationBlockedByUser", "MessageWritesBlocked", "cannot_dm_bot", "messages_tab_disabled"}
)
REFUSED = "credentials: "
"""Before the code of a fault that is our own credentials', and no place's."""


def in_words(code: str, say: Wording) -> str:
    """A part of a sentence: "the channel is archived"."""
    if code.startswith(REFUSED):
        return say.t(
            "my access is refused just now; whoever runs me has been told, and it goes on by itself"
        )
    if code in _REMOVED:
        return say.t("I am not in this conversation any more")
    if code in _CLOSED:
        return say.t("the channel is archived")
    if code in _LOST:
        return say.t("the conversation is not there any more, or hidden from me")
    if code in _BLOCKED or code.startswith("restricted_action"):
        return say.t("I may not post there")
    return say.t("the platform took no message")
