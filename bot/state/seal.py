"""Encryption at rest of what is nobody else's business: contract prices, tokens, conversations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from bot.state.rows import StateFault

SEALED, BOUND = "state:sealed", "state:bound"
"""What is seen from the first reseal on: everything was sealed once; and bound to its row."""
MARKS = ("b:", "f:", "p:")
"""Before a value: sealed and bound to its row, sealed only (by older versions), or kept in clear."""


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


def at(table: str, column: str, *keys: object) -> str:
    """The name of the one cell that a sealed value belongs to."""
    return "|".join((table, column, *("" if key is None else str(key) for key in keys)))


class Seal:
    """Text as it is stored. Each value says how it is kept, so that a key can be added later; a sealed
    one names its cell within, so that it opens nowhere else."""

    def __init__(self, key: Key | None) -> None:
        self._key = key
        self.strict = self.bound = False
        """Whether everything was sealed once, so that a value in clear is not ours; and bound."""

    @property
    def seals(self) -> bool:
        """False without a key: then text is kept as it is."""
        return self._key is not None

    def close(self, text: str, cell: str) -> str:
        """`cell` as `at` names it."""
        if self._key is None:
            return f"p:{text}"
        return "b:" + self._key.encrypt(f"{cell}\x00{text}".encode()).decode("ascii")

    def open(self, stored: str, cell: str) -> str:
        """Raises StateFault when the value needs a key that is not there, or is not of this cell."""
        kind, body = (stored[:2], stored[2:]) if stored.startswith(MARKS) else ("p:", stored)
        if self.seals and ((kind == "p:" and self.strict) or (kind == "f:" and self.bound)):
            raise StateFault(
                "The state database holds a value in clear, or one sealed for no place, where all were sealed: "
                "somebody else wrote it. If it is yours, run `quartermaster state reseal`."
            )
        if kind == "p:":
            return body
        from cryptography.fernet import InvalidToken

        try:
            text = self._key.decrypt(body.encode("ascii")).decode() if self._key else _refused()
        except (InvalidToken, UnicodeError):
            return _refused()
        if kind == "f:":
            return text
        named, _, text = text.partition("\0")
        if named != cell:
            raise StateFault(
                "The state database holds a sealed value that belongs to another row: somebody moved it there."
            )
        return text

    def again(self, stored: str, cell: str) -> str:
        """Sealed with the first key, whatever it was sealed with; also what was kept in clear.

        Raises StateFault when no key opens it.
        """
        strict, bound = self.strict, self.bound
        self.strict = self.bound = False  # this is what the operator asks for
        try:
            return self.close(self.open(stored, cell), cell)
        finally:
            self.strict, self.bound = strict, bound

    def __repr__(self) -> str:
        return "Seal(with a key)" if self._key else "Seal(no key)"


def _refused() -> str:
    raise StateFault(
        "The state database holds values sealed with a key that is not among "
        "QUARTERMASTER_ENCRYPTION_KEYS. Add the old key behind the new one."
    )


class Sealed(NamedTuple):
    """A table with sealed text."""

    columns: tuple[str, ...]
    keys: tuple[str, ...]
    """The columns that name a row, before it has a number."""
    name: str | None = None
    """What cells of it are called, where two tables hold the same."""


SEALED_TABLES: dict[str, Sealed] = {
    "place": Sealed(("conversation",), ("id",)),
    "asked": Sealed(("text",), ("thread",)),
    "audit": Sealed(("text",), ("user", "at")),
    "record": Sealed(("value",), ("kind", "key")),
    "contract": Sealed(("offers",), ("owner", "source")),
    "slack_bots": Sealed(
        ("bot_token", "bot_refresh_token"), ("enterprise_id", "team_id"), "slack_installations"
    ),
    "slack_installations": Sealed(
        ("bot_token", "bot_refresh_token", "user_token", "user_refresh_token", "incoming_webhook_url"),
        ("enterprise_id", "team_id"),
    ),
}  # fmt: skip
