"""Encryption at rest of what is nobody else's business: contract prices, tokens, conversations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.state.rows import StateFault

SEALED = "state:sealed"
"""What is seen from the first reseal on: everything was sealed once."""
MARKS = ("f:", "p:")
"""Before a value: sealed, or kept in clear."""


class Key(Protocol):
    """A Fernet or MultiFernet."""

    def encrypt(self, data: bytes) -> bytes: ...
    def decrypt(self, token: bytes) -> bytes: ...


def keyring(keys: Sequence[str]) -> Key | None:
    """The first key encrypts, all of them decrypt; None without keys. Raises StateFault."""
    if not keys:
        return None
    from cryptography.fernet import Fernet, MultiFernet

    try:
        return MultiFernet([Fernet(key) for key in keys])
    except (ValueError, TypeError):
        raise StateFault(
            "QUARTERMASTER_ENCRYPTION_KEYS holds a value that is no key. Make one with "
            '`python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"`.'
        ) from None


class Seal:
    """Text as it is stored. Each value says how it is kept, so that a key can be added later."""

    def __init__(self, key: Key | None) -> None:
        self._key = key
        self.strict = False
        """Whether everything was sealed once, so that a value in clear is not ours."""

    @property
    def seals(self) -> bool:
        """False without a key: then text is kept as it is."""
        return self._key is not None

    def close(self, text: str) -> str:
        if self._key is None:
            return f"p:{text}"
        return f"f:{self._key.encrypt(text.encode()).decode('ascii')}"

    def open(self, stored: str) -> str:
        """Raises StateFault when the value needs a key that is not there."""
        kind, _, body = stored.partition(":")
        if kind == "p":
            if self.strict and self.seals:
                raise StateFault(
                    "The state database holds a value in clear where all were sealed: somebody else wrote it. "
                    "If it is yours, run `quartermaster state reseal`."
                )
            return body
        from cryptography.fernet import InvalidToken

        try:
            return self._key.decrypt(body.encode("ascii")).decode() if self._key else _refused()
        except InvalidToken:
            return _refused()

    def again(self, stored: str) -> str:
        """Sealed with the first key, whatever it was sealed with; also what was kept in clear.

        Raises StateFault when no key opens it.
        """
        strict, self.strict = self.strict, False  # this is what the operator asks for
        try:
            return self.close(self.open(stored) if stored.startswith(MARKS) else stored)
        finally:
            self.strict = strict

    def __repr__(self) -> str:
        return "Seal(with a key)" if self._key else "Seal(no key)"


def _refused() -> str:
    raise StateFault(
        "The state database holds values sealed with a key that is not among "
        "QUARTERMASTER_ENCRYPTION_KEYS. Add the old key behind the new one."
    )


def sealed_columns() -> dict[str, tuple[str, ...]]:
    """Table -> columns that hold sealed text."""
    return {
        "place": ("conversation",),
        "asked": ("text",),
        "audit": ("text",),
        "record": ("value",),
        "contract": ("offers",),
        "slack_bots": ("bot_token", "bot_refresh_token"),
        "slack_installations": (
            "bot_token",
            "bot_refresh_token",
            "user_token",
            "user_refresh_token",
            "incoming_webhook_url",
        ),
    }
